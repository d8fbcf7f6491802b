"""A desk's database, opened for one command: to read, or to change something in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from triagebot.app.desk.view import DeskView
from triagebot.edge.store import Store, open_store, open_store_to_read


@contextmanager
def reading(view: DeskView) -> Iterator[Store]:
    """Given a desk, its database for reading."""
    store = open_store_to_read(view.data / "triagebot.db")
    try:
        yield store
    finally:
        store.close()


@contextmanager
def writing(view: DeskView) -> Iterator[Store]:
    """Given a desk, its database inside one transaction. Raise StoreError when there is none yet."""
    with reading(view):
        pass  # a command never makes the database: only the daemon knows when the desk began
    store = open_store(view.data / "triagebot.db")
    try:
        with store.transaction():
            yield store
    finally:
        store.close()
