"""Passwords from where the config says: environment, file, command or keyring."""

import os
import stat
import subprocess
from pathlib import Path

from triagebot.core.desk import Secret
from triagebot.core.errors import SecretError

_COMMAND_SECONDS = 10


def read_secret(secret: Secret, directory: Path) -> str:
    """Given a secret and the desk's directory (relative files start there), return the password.

    Raise SecretError with a sentence that names where it was looked for, never its value.
    """
    if secret.env:
        value = os.environ.get(secret.env)
        if value is None:
            raise SecretError(f"the environment variable {secret.env} is not set; set it to the password")
        return value
    if secret.file:
        return _read_file(secret.file, directory)
    if secret.command:
        return _run(secret.command)
    if secret.keyring:
        return _read_keyring(secret.keyring)
    if secret.oauth:
        raise SecretError("OAuth sign-in is not available yet; use an app password")
    return secret.literal


def _read_file(name: str, directory: Path) -> str:
    """A file of systemd's LoadCredential comes first, then one relative to the desk."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(credentials) / name if credentials and "/" not in name else directory / name
    if credentials and not path.exists():
        path = directory / name
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077 and not credentials:
            raise SecretError(f"{path} can be read by others; run: chmod 600 {path}")
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"the password file {path} cannot be read: {error}") from None


def _run(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        raise SecretError(f"the password command {command[0]} did not work: {error}") from None
    if done.returncode != 0:
        raise SecretError(f"the password command {command[0]} ended with {done.returncode}")
    return done.stdout.rstrip("\r\n")


def _read_keyring(name: str) -> str:
    try:
        import keyring
    except ImportError:
        raise SecretError("keyring is not installed; run: pip install 'triagebot[keyring]'") from None
    service, _, user = name.partition("/")
    value = keyring.get_password(service, user)
    if value is None:
        raise SecretError(f"the keyring holds no password for {name}; run: keyring set {service} {user}")
    return str(value)
