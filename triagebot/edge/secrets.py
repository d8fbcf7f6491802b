"""Passwords from where the config says: environment, file, command or keyring."""

import os
import stat
import subprocess
from pathlib import Path

from triagebot.core.desk import Secret
from triagebot.core.errors import SecretError

_COMMAND_SECONDS = 10
_MOST_BYTES = 64 * 1024


def read_secret(secret: Secret, directory: Path) -> str:
    """Given a secret and the desk's directory (relative files start there), return the password.

    Raise SecretError with a sentence that names where it was looked for, never its value.
    """
    if secret.env:
        value = os.environ.get(secret.env)
        if value is None:
            raise SecretError(f"the environment variable {secret.env} is not set; set it to the password")
        return _first_line(value, f"the environment variable {secret.env}")
    if secret.file:
        return _read_file(secret.file, directory)
    if secret.command:
        return _first_line(_run(secret.command), f"what the password command {secret.command[0]} says")
    if secret.keyring:
        return _read_keyring(secret.keyring)
    return secret.literal


def _first_line(text: str, where: str) -> str:
    """The password alone: password managers print the user and notes below it."""
    password = text.partition("\n")[0].rstrip("\r")
    if not password:
        raise SecretError(f"{where} is empty; put the password there")
    return password


def _read_file(name: str, directory: Path) -> str:
    """A file of systemd's LoadCredential comes first, then one relative to the desk."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(credentials or directory) / name
    given_by_systemd = bool(credentials) and "/" not in name and path.exists()
    if not given_by_systemd:
        path = directory / name
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077 and not given_by_systemd:
                raise SecretError(f"{path} can be read by others; run: chmod 600 {path}")
            return _first_line(file.read(_MOST_BYTES).decode("utf-8"), f"the password file {path}")
    except OSError as error:
        raise SecretError(f"the password file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SecretError(f"the password file {path} is not UTF-8 text") from None


def _run(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=_COMMAND_SECONDS, check=False)
    except OSError as error:
        raise SecretError(f"the password command {command[0]} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise SecretError(f"the password command {command[0]} took longer than {_COMMAND_SECONDS} seconds") from None
    except UnicodeDecodeError:
        raise SecretError(f"what the password command {command[0]} says is not UTF-8 text") from None
    if done.returncode != 0:
        raise SecretError(f"the password command {command[0]} ended with {done.returncode}")
    return done.stdout


def _read_keyring(name: str) -> str:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise SecretError("keyring is not installed; run: pip install 'triagebot[keyring]'") from None
    service, _, user = name.partition("/")
    try:
        value = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise SecretError(f"the keyring cannot be asked for {name}: {error}") from None
    if value is None:
        raise SecretError(f"the keyring holds no password for {name}; run: keyring set {service} {user}")
    return str(value)
