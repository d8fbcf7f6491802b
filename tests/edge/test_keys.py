"""The desk's secret key."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from triagebot.core.errors import StoreError
from triagebot.edge.keys import load_key, read_key_or_throwaway


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    """32 bytes, the same at every start, different on every desk, for the owner alone, and nothing else left."""
    path = tmp_path / "var" / "key"
    key = load_key(path)
    assert len(key) == 32
    assert load_key(path) == key
    assert load_key(tmp_path / "other") != key
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path.parent, path)] == [0o700, 0o600]
    assert [one.name for one in path.parent.iterdir()] == ["key"]


def test_two_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    """The daemon and a command may both be the first."""
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(load_key, [tmp_path / "key"] * 40))
    assert len(keys) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o666])
def test_a_key_others_can_read_is_made_the_owners_alone(tmp_path: Path, mode: int) -> None:
    """A backup put back with the usual mode must not leave the key open, nor stop the desk (safety.md F.4)."""
    path = tmp_path / "key"
    key = load_key(path)
    path.chmod(mode)
    assert load_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_damaged_key_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    """A new key would disown every mail sent before; the sentence says what to do."""
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=rf"{path} is damaged \({len(content)} bytes\); restore it from a backup"):
        load_key(path)
    assert path.read_bytes() == content


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file where the directory should be is a sentence."""
    (tmp_path / "var").touch()
    with pytest.raises(StoreError, match="key cannot be used: "):
        load_key(tmp_path / "var" / "key")


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    """`explain` takes the desk's key when there is one, and makes none when there is not."""
    path = tmp_path / "key"
    first, second = read_key_or_throwaway(path), read_key_or_throwaway(path)
    assert len(first) == len(second) == 32
    assert first != second
    assert list(tmp_path.iterdir()) == []
    assert read_key_or_throwaway(path) != load_key(path) == read_key_or_throwaway(path)
