"""The bare baseline of design.md section 7: what a plain Python script does with a support mailbox.

One process: IMAPClient fetches in batches of 50, stdlib `email` (policy.default) parses, four regexes
choose an answer, an `EmailMessage` reply leaves through aiosmtplib on one reused connection, and SQLite
commits once a mail (WAL, synchronous=FULL). `backlog` works off what is in the mailbox and ends; `idle`
waits for new mail until SIGTERM.
"""

import argparse
import asyncio
import json
import re
import signal
import sqlite3
import sys
from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from pathlib import Path

import aiosmtplib
from imapclient import IMAPClient

DESK = "support@bench.test"
BATCH = 50
RULES = (
    (
        re.compile(r"permalink|bağlantı|ссылк|パーマリンク|odnośnik", re.IGNORECASE),
        "Look under Settings > Permalinks.",
    ),
    (re.compile(r"\bDNS\b|nameserver|domain|домен|domen", re.IGNORECASE), "DNS changes take up to 48 hours."),
    (
        re.compile(r"\bdown\b|error 500|не работает|açılmıyor|nie działa", re.IGNORECASE),
        "Please call your host first.",
    ),
    (
        re.compile(r"change|replace|değiştir|поменя|変更|zmieni", re.IGNORECASE),
        "Noted, it will be done this week.",
    ),
)


class Baseline:
    """One mailbox, one SMTP connection, one database."""

    def __init__(self, imap: IMAPClient, smtp: aiosmtplib.SMTP, database: sqlite3.Connection) -> None:
        self.imap = imap
        self.smtp = smtp
        self.database = database
        self.last_uid = 0
        self.handled = 0

    async def handle_new(self) -> None:
        """Handle every mail above the last UID, in batches."""
        uids = [uid for uid in self.imap.search(["UID", f"{self.last_uid + 1}:*"]) if uid > self.last_uid]
        for at in range(0, len(uids), BATCH):
            fetched = self.imap.fetch(uids[at : at + BATCH], ["BODY.PEEK[]"])
            await self.handle_batch((uid, item[b"BODY[]"]) for uid, item in sorted(fetched.items()))

    async def handle_batch(self, batch: Iterable[tuple[int, bytes]]) -> None:
        """Given UIDs with their mails, answer and record each."""
        for uid, raw in batch:
            mail = message_from_bytes(raw, policy=policy.default)
            answered = False
            if not (mail["Auto-Submitted"] or mail["List-Id"] or mail["Precedence"]):
                await self.smtp.send_message(build_reply(mail))
                answered = True
            with self.database:
                self.database.execute(
                    "INSERT INTO mail VALUES (?, ?, ?, ?, ?)",
                    (uid, mail["Message-ID"], mail["From"], mail["Subject"], answered),
                )
            self.last_uid = uid
            self.handled += 1


def build_reply(mail: EmailMessage) -> EmailMessage:
    """Given a mail, return the answer of the first regex that matches its text."""
    body = mail.get_body(("plain", "html"))
    text = f"{mail['Subject']}\n{body.get_content() if body else ''}"
    answer = next((words for pattern, words in RULES if pattern.search(text)), "We have received your mail.")
    reply = EmailMessage()
    reply["From"] = DESK
    reply["To"] = parseaddr(mail["From"])[1]
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply["Date"] = formatdate()
    reply["Message-ID"] = make_msgid(domain="bench.test")
    reply["In-Reply-To"] = mail["Message-ID"]
    reply["References"] = mail["Message-ID"]
    reply["Auto-Submitted"] = "auto-replied"
    reply.set_content(f"Hello,\n\n{answer}\n\nYour support desk\n")
    return reply


def open_database(path: Path) -> sqlite3.Connection:
    """Given a path, return a database that is durable at every commit."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(
        "CREATE TABLE IF NOT EXISTS mail"
        " (uid INTEGER PRIMARY KEY, message_id TEXT, sender TEXT, subject TEXT, answered INTEGER)"
    )
    return database


async def work_off(baseline: Baseline) -> None:
    """Handle what is in the mailbox and say how much that was."""
    await baseline.handle_new()
    print(json.dumps({"handled": baseline.handled}), flush=True)


async def wait_and_answer(baseline: Baseline) -> None:
    """Handle new mail as IDLE announces it, until SIGTERM."""
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    baseline.last_uid = max(baseline.imap.search(["ALL"]), default=0)
    while not stopping:
        baseline.imap.idle()
        responses: list[object] = []
        while not responses and not stopping:
            responses = baseline.imap.idle_check(timeout=1)
        baseline.imap.idle_done()
        await baseline.handle_new()


async def main(arguments: list[str]) -> None:
    """Given `backlog` or `idle` and where the servers are, run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=("backlog", "idle"))
    parser.add_argument("--imap", type=int, required=True)
    parser.add_argument("--smtp", type=int, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--database", type=Path, required=True)
    options = parser.parse_args(arguments)
    imap = IMAPClient("127.0.0.1", options.imap, ssl=False, timeout=60)
    imap.login(options.user, options.password)
    imap.select_folder("INBOX")
    database = open_database(options.database)
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=options.smtp, start_tls=False) as smtp:
        task = {"backlog": work_off, "idle": wait_and_answer}[options.task]
        await task(Baseline(imap, smtp, database))
    database.close()
    imap.logout()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
