"""The folders and mails of an IMAP account."""

import imaplib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from triagebot.core.errors import ServerError, ServerRefusal
from triagebot.core.folder import UNDATED, Listed, Selected, choose_folder
from triagebot.edge.imap.connection import Connection

_LISTING = 500
_LONG_LISTING = 100_000
"""Mails beyond which the answer to SEARCH, one line, may be longer than imaplib reads (a million bytes)."""
_MOST_PIECES = 1000
_HIGHEST_UID = 2**32 - 1
_OWN_ID = re.compile(r"<[!-;=?-~]{1,300}@[!-;=?-~]{1,255}>")


class Mailbox(Connection):
    """A logged-in IMAP connection. Every method raises ServerError when the server could not be used, and
    ServerRefusal when it said no."""

    _exists = 0
    _uidnext = 0

    def select(self, folder: str, *, writable: bool) -> Selected:
        """Given a folder, open it (EXAMINE unless writable) and return what it said.

        Raise ServerRefusal when it is not there. One that may only be read is opened to be read.
        """
        with self._errors(f"the folder {folder} cannot be opened"):
            try:
                answer = self._client.select_folder(folder, readonly=not writable)
            except imaplib.IMAP4.readonly:
                writable = False
                answer = self._client.select_folder(folder, readonly=True)
        if b"UIDVALIDITY" not in answer:
            raise ServerError(f"{self._where} gives {folder} no UIDVALIDITY, so its mails cannot be told apart")
        self._exists = int(answer.get(b"EXISTS", 0))
        self._uidnext = int(answer.get(b"UIDNEXT", 0))
        return Selected(
            uidvalidity=int(answer[b"UIDVALIDITY"]),
            uidnext=self._uidnext,
            exists=self._exists,
            keywords=b"\\*" in answer.get(b"PERMANENTFLAGS", ()),
            writable=writable,
        )

    def list_after(self, uid: int) -> list[int]:
        """Given the highest UID known, return all UIDs above it in ascending order."""
        if uid >= _HIGHEST_UID:
            return []
        step = max(_LONG_LISTING, (self._uidnext - uid) // _MOST_PIECES)
        long = self._exists > _LONG_LISTING
        ends = range(uid + step, self._uidnext, step) if long else ()
        found: set[int] = set()
        with self._errors():
            for end in ends:
                found.update(self._client.search(["UID", f"{end - step + 1}:{end}"]))
            found.update(self._client.search(["UID", f"{ends[-1] + 1 if ends else uid + 1}:*"]))
        return sorted(one for one in found if one > uid)  # "n:*" always names the last mail too

    def glance(self, folder: str) -> tuple[int, int]:
        """Given a folder, return its UIDVALIDITY and UIDNEXT without opening it (STATUS, RFC 9051 section 6.3.11)."""
        with self._errors(f"the folder {folder} cannot be looked into"):
            answer = self._client.folder_status(folder, ["UIDVALIDITY", "UIDNEXT"])
        if b"UIDVALIDITY" not in answer or b"UIDNEXT" not in answer:
            raise ServerRefusal(f"{self._where} does not tell UIDVALIDITY and UIDNEXT of {folder}")
        return int(answer[b"UIDVALIDITY"]), int(answer[b"UIDNEXT"])

    def list_since(self, day: date) -> list[int]:
        """Given a day by the server's clock, return the UIDs of what arrived on it or later, in ascending order."""
        with self._errors():
            return sorted(self._client.search(["SINCE", day]))

    def find(self, uids: Sequence[int]) -> set[int]:
        """Given UIDs, return those that the server lists."""
        found: set[int] = set()
        for start in range(0, len(uids), _LISTING):
            with self._errors():
                found.update(self._client.search(["UID", ",".join(map(str, uids[start : start + _LISTING]))]))
        return found & set(uids)

    def describe(self, uids: Sequence[int]) -> Iterator[Listed]:
        """Given UIDs, yield size and date of those that are still there, as far as the server tells them."""
        for start in range(0, len(uids), _LISTING):
            asked = uids[start : start + _LISTING]
            with self._errors():
                answer = self._client.fetch(list(asked), ["RFC822.SIZE", "INTERNALDATE"])
            for uid in asked:
                data = answer.get(uid)
                if data is not None:
                    yield Listed(uid, int(data.get(b"RFC822.SIZE") or 0), _utc(data.get(b"INTERNALDATE")))

    def fetch(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Given UIDs, return the whole mails that are still there; nothing is marked as read."""
        return self._fetch(uids, "BODY.PEEK[]", b"BODY[]")

    def fetch_headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Given UIDs, return the header blocks of the mails that are still there."""
        return self._fetch(uids, "BODY.PEEK[HEADER]", b"BODY[HEADER]")

    def fetch_beginnings(self, uids: Sequence[int], most: int) -> dict[int, bytes]:
        """Given UIDs and a number of bytes, return so much of the mails that are still there (safety.md F.1)."""
        return self._fetch(uids, f"BODY.PEEK[]<0.{most}>", b"BODY[]<0>")

    def _fetch(self, uids: Sequence[int], item: str, key: bytes) -> dict[int, bytes]:
        with self._errors():
            answer = self._client.fetch(list(uids), [item])
        return {uid: data[key] for uid, data in answer.items() if data.get(key) is not None}

    def mark(self, uids: Sequence[int], keyword: str) -> None:
        """Given UIDs and a keyword of the config, set it."""
        with self._errors():
            self._client.add_flags(list(uids), [keyword], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Given UIDs and a folder of the config, move them there (RFC 6851, else copy and UID EXPUNGE)."""
        with self._errors():
            if self._client.has_capability("MOVE"):
                self._client.move(list(uids), folder)
            elif self._client.has_capability("UIDPLUS"):
                self._client.copy(list(uids), folder)
                self._client.add_flags(list(uids), [b"\\Deleted"], silent=True)
                self._client.uid_expunge(list(uids))
            else:
                raise ServerError(f"{self._where} can neither MOVE nor UID EXPUNGE; remove `done` from the inbox")

    def remove(self, uids: Sequence[int]) -> None:
        """Given UIDs, delete these mails and no other (UID EXPUNGE, RFC 4315; never EXPUNGE or CLOSE, safety.md F.1).

        Raise ServerError when the server cannot do that; then nothing is touched.
        """
        with self._errors():
            if not self._client.has_capability("UIDPLUS"):
                raise ServerError(f"{self._where} cannot remove single mails (no UIDPLUS); remove them by hand")
            self._client.add_flags(list(uids), [b"\\Deleted"], silent=True)
            self._client.uid_expunge(list(uids))

    def ensure_folder(self, folder: str) -> None:
        """Given a folder of the config, create it if it is not there."""
        with self._errors():
            if not self._client.folder_exists(folder):
                self._client.create_folder(folder)

    def has_folder(self, folder: str) -> bool:
        """Given a folder of the config, return whether it is there."""
        with self._errors():
            return bool(self._client.folder_exists(folder))

    def find_folder(self, use: str) -> str:
        """Given "sent", "drafts" or "junk", return that folder by SPECIAL-USE or its usual name, or ""."""
        with self._errors():
            return choose_folder(use, [(flags, str(name)) for flags, _, name in self._client.list_folders()])

    def has_message(self, folder: str, message_id: str) -> bool:
        """Given a folder and a Message-ID of our own making, return whether a copy lies there."""
        return bool(self.find_message(folder, message_id))

    def find_message(self, folder: str, message_id: str) -> list[int]:
        """Given a folder and a Message-ID of our own making, return the UIDs of its copies there."""
        self.select(folder, writable=False)
        return self._search_own(message_id)

    def remove_message(self, folder: str, message_id: str) -> bool:
        """Given a folder and a Message-ID of our own making, remove our copy from there. Return False when the server
        cannot remove one mail without others (UIDPLUS, RFC 4315): then nothing is touched."""
        writable = self.select(folder, writable=True).writable
        uids = self._search_own(message_id)
        with self._errors():
            if uids and not (writable and self._client.has_capability("UIDPLUS")):
                return False
            if uids:
                self._client.add_flags(uids, [b"\\Deleted"], silent=True)
                self._client.uid_expunge(uids)
        return True

    def _search_own(self, message_id: str) -> list[int]:
        if _OWN_ID.fullmatch(message_id) is None:
            raise ServerError(f"{self._where} is not asked for {message_id!r}, which is no Message-ID of this desk")
        with self._errors():
            return list(self._client.search(["HEADER", "Message-ID", message_id]))

    def append(self, folder: str, raw: bytes, flags: Sequence[str]) -> None:
        """Given a folder, a mail and its flags, put the mail there."""
        with self._errors():
            self._client.append(folder, raw, [flag.encode() for flag in flags])


def _utc(moment: datetime | None) -> datetime:
    return moment.astimezone(UTC) if moment is not None else UNDATED
