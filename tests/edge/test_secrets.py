"""Passwords from where the config says, and sentences that never hold one."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from triagebot.core.desk import Secret
from triagebot.core.errors import SecretError
from triagebot.edge.secrets import read_secret

WORD = "hunter2 żółw"


def print_text(text: str, status: int = 0) -> Secret:
    """Given a text, return a secret whose command prints it and ends with a status."""
    return Secret(command=(sys.executable, "-c", f"import sys; sys.stdout.write({text!r}); sys.exit({status})"))


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    """A file with the password that nobody else can read."""
    path = tmp_path / "password"
    path.write_text(f"{WORD}\n", "utf-8")
    path.chmod(0o600)
    return path


@pytest.fixture(autouse=True)
def _without_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def refusal(secret: Secret, directory: Path) -> str:
    """Given a secret that cannot be read, return the sentence."""
    with pytest.raises(SecretError) as refused:
        read_secret(secret, directory)
    assert WORD not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("text", [WORD, f"{WORD}\n", f"{WORD}\r\n", f"{WORD}\nuser: ada\nhttps://x.example\n"])
def test_the_first_line_is_the_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Whatever ends the line, and whatever a password manager prints below it, from all three places."""
    monkeypatch.setenv("TB_PASSWORD", text)
    path = tmp_path / "password"
    path.write_bytes(text.encode())
    path.chmod(0o600)
    for secret in (Secret(env="TB_PASSWORD"), Secret(file="password"), Secret(file=str(path)), print_text(text)):
        assert read_secret(secret, tmp_path) == WORD


def test_a_literal_is_itself(tmp_path: Path) -> None:
    """A literal (allowed on loopback only) is taken as it is, and no password is an empty one."""
    assert read_secret(Secret(literal=" a\n"), tmp_path) == " a\n"
    assert read_secret(Secret(), tmp_path) == ""


def test_a_variable_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says which one and what to do."""
    monkeypatch.delenv("TB_NOWHERE", raising=False)
    assert refusal(Secret(env="TB_NOWHERE"), tmp_path).startswith("the environment variable TB_NOWHERE is not set; set")


def test_an_empty_password_is_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forgotten value is found here, not as a refused login."""
    monkeypatch.setenv("TB_PASSWORD", "")
    empty = tmp_path / "empty"
    empty.touch(0o600)
    for secret in (Secret(env="TB_PASSWORD"), Secret(file="empty"), print_text("\n")):
        assert "is empty" in refusal(secret, tmp_path)


def test_a_file_others_can_read_is_refused(password_file: Path, tmp_path: Path) -> None:
    """The sentence holds the command that mends it."""
    password_file.chmod(0o644)
    assert refusal(Secret(file="password"), tmp_path).endswith(f"run: chmod 600 {password_file}")


def test_systemd_credentials_come_first(password_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential (which systemd may show with mode 0440) wins; a name it has not got is the desk's own file."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "password").write_text("from systemd", "utf-8")
    (credentials / "password").chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert read_secret(Secret(file="password"), tmp_path) == "from systemd"
    (credentials / "password").unlink()
    assert read_secret(Secret(file="password"), tmp_path) == WORD


def test_systemd_does_not_open_the_desks_own_files(
    password_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under systemd too a password file of the desk that others can read is refused."""
    (tmp_path / "credentials").mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    password_file.chmod(0o644)
    assert "can be read by others" in refusal(Secret(file="password"), tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file and one that is not text are told by name."""
    assert refusal(Secret(file="none"), tmp_path) == (
        f"the password file {tmp_path / 'none'} cannot be read: No such file or directory"
    )
    odd = tmp_path / "odd"
    odd.write_bytes(b"\xff\xfe")
    odd.chmod(0o600)
    assert refusal(Secret(file="odd"), tmp_path) == f"the password file {odd} is not UTF-8 text"


def test_a_command_that_fails_is_named_without_its_words(tmp_path: Path) -> None:
    """Its output may hold the password, so only its name and status are told."""
    assert refusal(print_text(WORD, 3), tmp_path) == f"the password command {sys.executable} ended with 3"
    missing = refusal(Secret(command=("/nonexistent/pass", WORD)), tmp_path)
    assert missing == "the password command /nonexistent/pass cannot be run: No such file or directory"


def test_a_command_runs_without_a_shell(tmp_path: Path) -> None:
    """Its arguments are taken literally."""
    secret = Secret(command=(sys.executable, "-c", "import sys; print(sys.argv[1])", "$HOME; echo x"))
    assert read_secret(secret, tmp_path) == "$HOME; echo x"


def test_a_keyring_is_asked_by_service_and_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password, none, or a keyring that cannot be opened: each has its answer."""
    keyring, errors = ModuleType("keyring"), ModuleType("keyring.errors")

    class KeyringError(Exception):
        """What the real library raises."""

    def get_password(service: str, user: str) -> str | None:
        if service == "locked":
            raise KeyringError("it is locked")
        return WORD if (service, user) == ("triagebot", "imap/ada") else None

    vars(errors).update(KeyringError=KeyringError)
    vars(keyring).update(get_password=get_password, errors=errors)
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    assert read_secret(Secret(keyring="triagebot/imap/ada"), tmp_path) == WORD
    assert refusal(Secret(keyring="triagebot/eve"), tmp_path).endswith("run: keyring set triagebot eve")
    assert refusal(Secret(keyring="locked/x"), tmp_path) == "the keyring cannot be asked for locked/x: it is locked"


def test_a_missing_keyring_library_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "triagebot[keyring]" in refusal(Secret(keyring="a/b"), tmp_path)


def test_a_secret_does_not_show_a_literal() -> None:
    """Its printed form, which may reach a log, leaves the password out."""
    assert WORD not in repr(Secret(literal=WORD))
