"""Sign-ins on the disk."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triagebot.core.errors import SecretError, StoreError
from triagebot.core.oauth import Signin
from triagebot.edge.oauth.signinfile import SigninFile

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SIGNIN = Signin("refresh-hunter2", "access-hunter2", NOW, NOW + timedelta(hours=1), NOW)
ADA = "ada@adaweb.example"


def save(file: SigninFile, signin: Signin = SIGNIN) -> None:
    """Given a file and a sign-in, keep it there."""
    with file.hold():
        file.save(signin)


def file_in(directory: Path, account: str = ADA) -> SigninFile:
    """Given the desk's data, return the file of one sign-in."""
    return SigninFile(directory / "oauth", "google", account)


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    """Every field comes back, for the owner alone, and no draft is left."""
    whole = replace(SIGNIN, ends_at=NOW, refusal="invalid_grant: żółw", refused_at=NOW)
    for signin in (SIGNIN, whole):
        save(file_in(tmp_path), signin)
        assert file_in(tmp_path).read() == signin
    path = file_in(tmp_path).path
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path.parent, path)] == [0o700, 0o600]
    assert sorted(one.name for one in path.parent.iterdir()) == [f"google-{ADA}.json", f"google-{ADA}.lock"]


def test_each_account_has_a_file_of_its_own(tmp_path: Path) -> None:
    """Names that look like paths stay inside the folder; nobody signed in is None."""
    names = [ADA, "../../etc/passwd", "a b", "żółw@x.test", "ada+support@adaweb.example"]
    for number, name in enumerate(names):
        assert file_in(tmp_path, name).read() is None
        save(file_in(tmp_path, name), replace(SIGNIN, refusal=str(number)))
    read = [file_in(tmp_path, name).read() for name in names]
    assert [one.refusal if one else "" for one in read] == list("01234")
    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / "oauth"}


def test_a_file_others_can_read_is_refused(tmp_path: Path) -> None:
    """The sentence holds the command that mends it, and no token."""
    file = file_in(tmp_path)
    save(file)
    file.path.chmod(0o640)
    with pytest.raises(SecretError) as refused:
        file.read()
    assert str(refused.value) == f"{file.path} can be read by others; run: chmod 600 {file.path}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"version": 2}',
        b'{"version": 1}',
        b"\xff",
        b"null",
        b'{"version": 1, "refresh_token": 5, "access_token": "hunter2", "obtained_at": null, "expires_at": null,'
        b' "signed_in_at": null, "ends_at": null, "refused_at": null}',
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    """It is named with how to mend it, and nothing of what stands in it is shown."""
    file = file_in(tmp_path)
    save(file)
    file.path.write_bytes(content)
    with pytest.raises(SecretError, match=r"is damaged; delete it and run: triagebot auth$"):
        file.read()


def test_what_cannot_be_kept_is_told_before_it_is_asked_for(tmp_path: Path) -> None:
    """A place that cannot be written stops a renewal before the provider spends the refresh token."""
    (tmp_path / "oauth").touch()
    with pytest.raises(StoreError, match=r"cannot be written: "), file_in(tmp_path).hold():
        raise AssertionError("held without a place to save")


def test_a_full_disk_is_noticed_before_the_refresh_token_is_spent() -> None:
    """Room for the new sign-in is taken when the file is held."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    file = SigninFile(Path("/dev"), "google", ADA)
    with pytest.raises(StoreError, match="No space left on device"):
        file._take_room(full)


def test_what_is_not_held_is_not_saved(tmp_path: Path) -> None:
    """Two writers would undo each other."""
    with pytest.raises(StoreError, match="is not held"):
        file_in(tmp_path).save(SIGNIN)


def test_one_holds_at_a_time(tmp_path: Path) -> None:
    """Threads wait for each other; what one saved the next one reads."""
    save(file_in(tmp_path), replace(SIGNIN, refusal="0"))

    def add_one(_: int) -> None:
        file = file_in(tmp_path)
        with file.hold():
            read = file.read()
            assert read is not None
            file.save(replace(read, refusal=str(int(read.refusal) + 1)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add_one, range(40)))
    read = file_in(tmp_path).read()
    assert read is not None
    assert read.refusal == "40"


def test_reading_does_not_wait_and_never_sees_half(tmp_path: Path) -> None:
    """Who only needs the access token reads beside a renewal that is under way."""
    file, done = file_in(tmp_path), threading.Event()
    save(file)

    def read_on() -> int:
        times = 0
        while not done.is_set():
            assert file_in(tmp_path).read() is not None
            times += 1
        return times

    with ThreadPoolExecutor(2) as threads:
        reader = threads.submit(read_on)
        with file.hold():
            assert file_in(tmp_path).read() == SIGNIN
        for number in range(50):
            save(file, replace(SIGNIN, refusal="x" * 100 * number))
        done.set()
        assert reader.result(10) > 0


def test_an_error_while_it_is_held_keeps_what_there_was(tmp_path: Path) -> None:
    """A renewal that fails leaves the file as it was, and the next one may begin."""
    file = file_in(tmp_path)
    save(file)
    with pytest.raises(KeyError), file.hold():
        raise KeyError
    assert file.read() == SIGNIN
    save(file, replace(SIGNIN, refusal="later"))


def test_a_draft_left_by_a_crash_is_no_hindrance(tmp_path: Path) -> None:
    """Whatever a process that was killed left beside the file is written over, with the right mode."""
    file = file_in(tmp_path)
    save(file)
    draft = file.path.with_suffix(".new")
    draft.write_bytes(b"half a sign-in")
    draft.chmod(0o644)
    assert file.read() == SIGNIN
    save(file, replace(SIGNIN, refusal="later"))
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_a_draft_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """Nobody gets a token by laying a link where we write."""
    file, elsewhere = file_in(tmp_path), tmp_path / "elsewhere"
    save(file)
    elsewhere.touch()
    file.path.with_suffix(".new").symlink_to(elsewhere)
    with pytest.raises(StoreError):
        save(file)
    assert elsewhere.read_bytes() == b""
