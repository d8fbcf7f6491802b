"""A fresh database."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from triagebot.edge.store import Store, open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database lies; its directory is not there yet."""
    return tmp_path / "var" / "triagebot.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """An open, empty database."""
    with closing(open_store(path)) as opened:
        yield opened
