"""The database's tables and their migrations; only ever add at the end.

Times are UTC in ISO 8601 with microseconds, so that they sort as text; days are local dates.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("triagebot")

_INITIAL = (
    """CREATE TABLE inbox (
        id TEXT PRIMARY KEY, first_start TEXT NOT NULL)""",
    """CREATE TABLE folder (
        inbox TEXT NOT NULL, name TEXT NOT NULL, uidvalidity INTEGER NOT NULL,
        since TEXT NOT NULL, rescan INTEGER NOT NULL, listed_uid INTEGER NOT NULL,
        PRIMARY KEY (inbox, name, uidvalidity))""",
    """CREATE TABLE mail (
        id INTEGER PRIMARY KEY,
        inbox TEXT NOT NULL, folder TEXT NOT NULL, uidvalidity INTEGER NOT NULL, uid INTEGER NOT NULL,
        received_at TEXT NOT NULL, size INTEGER NOT NULL, recorded_at TEXT NOT NULL,
        state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, decided_at TEXT, marked INTEGER NOT NULL DEFAULT 0,
        message_id TEXT, content_key TEXT, body_key TEXT, thread INTEGER, duplicate_of INTEGER,
        sender TEXT, sender_key TEXT, client TEXT, tier TEXT, auth TEXT, verdict TEXT, codes TEXT,
        kind TEXT, reason TEXT, language TEXT, subject TEXT, text TEXT, new_text TEXT,
        rules TEXT, trail TEXT, ticket INTEGER, problem TEXT, raw BLOB,
        UNIQUE (inbox, folder, uidvalidity, uid))""",
    "CREATE INDEX mail_state ON mail (state, inbox, folder, uidvalidity, uid)",
    "CREATE INDEX mail_message_id ON mail (message_id)",
    "CREATE INDEX mail_content_key ON mail (content_key)",
    "CREATE INDEX mail_sender ON mail (sender_key, received_at)",
    "CREATE INDEX mail_thread ON mail (thread)",
    "CREATE INDEX mail_recorded ON mail (recorded_at)",
    "CREATE INDEX mail_decided ON mail (decided_at)",
    """CREATE TABLE ticket (
        id INTEGER PRIMARY KEY, mail INTEGER, thread INTEGER, client TEXT, sender_key TEXT, tier TEXT NOT NULL,
        kind TEXT NOT NULL, reason TEXT, subject TEXT NOT NULL, text TEXT NOT NULL,
        minutes INTEGER NOT NULL, state TEXT NOT NULL, promise TEXT,
        opened_at TEXT NOT NULL, changed_at TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1)""",
    "CREATE INDEX ticket_client ON ticket (client, state)",
    "CREATE INDEX ticket_sender ON ticket (sender_key, state)",
    "CREATE INDEX ticket_thread ON ticket (thread)",
    "CREATE INDEX ticket_state ON ticket (state, promise)",
    """CREATE TABLE slot (
        id INTEGER PRIMARY KEY, ticket INTEGER NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
        day TEXT NOT NULL, minutes INTEGER NOT NULL, tier TEXT NOT NULL)""",
    "CREATE INDEX slot_day ON slot (day)",
    "CREATE INDEX slot_ticket ON slot (ticket)",
    """CREATE TABLE event (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, ticket INTEGER, mail INTEGER, outbox INTEGER,
        who TEXT NOT NULL, what TEXT NOT NULL, why TEXT NOT NULL)""",
    "CREATE INDEX event_ticket ON event (ticket)",
    """CREATE TABLE outbox (
        id INTEGER PRIMARY KEY, class TEXT NOT NULL, inbox TEXT NOT NULL, mail INTEGER, ticket INTEGER,
        thread INTEGER, client TEXT, sender_key TEXT, answers TEXT NOT NULL DEFAULT '',
        mail_from TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL DEFAULT '',
        message_id TEXT NOT NULL UNIQUE, dedupe_key TEXT NOT NULL UNIQUE,
        mode TEXT NOT NULL, state TEXT NOT NULL, phase TEXT NOT NULL DEFAULT '',
        attempts INTEGER NOT NULL DEFAULT 0, next_attempt TEXT NOT NULL, expires_at TEXT NOT NULL,
        created_at TEXT NOT NULL, ended_at TEXT, answer TEXT NOT NULL DEFAULT '')""",
    # The bytes stand apart: a row's state changes four times on its way, and SQLite rewrites a whole row each time.
    "CREATE TABLE outbox_raw (outbox INTEGER PRIMARY KEY REFERENCES outbox (id) ON DELETE CASCADE, raw BLOB NOT NULL)",
    "CREATE INDEX outbox_due ON outbox (state, inbox, next_attempt)",
    "CREATE INDEX outbox_sender ON outbox (sender_key, created_at)",
    "CREATE INDEX outbox_thread ON outbox (thread)",
    "CREATE INDEX outbox_mail ON outbox (mail)",
    "CREATE INDEX outbox_ticket ON outbox (ticket)",
    "CREATE INDEX outbox_alert ON outbox (class, client, created_at)",
    """CREATE TABLE counter (
        scope TEXT NOT NULL, minute TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (scope, minute))""",
    """CREATE TABLE health (
        part TEXT PRIMARY KEY, ok_at TEXT, problem TEXT NOT NULL DEFAULT '', since TEXT)""",
    "CREATE TABLE done_once (task TEXT PRIMARY KEY, at TEXT NOT NULL)",
)

_SAFETY = (
    # Conversations that looked like two machines, and the breaker of the whole desk (safety.md C). A row without
    # `released_at` holds until `until`; the breaker holds until a person releases it.
    """CREATE TABLE latch (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, sender_key TEXT NOT NULL DEFAULT '', thread INTEGER,
        reason TEXT NOT NULL, since TEXT NOT NULL, until TEXT, released_at TEXT,
        silenced INTEGER NOT NULL DEFAULT 0, last_subject TEXT NOT NULL DEFAULT '')""",
    "CREATE INDEX latch_sender ON latch (sender_key, thread)",
    "CREATE INDEX latch_kind ON latch (kind, released_at)",
    # Addresses that mail came back from. `code` is keyed, so that it outlives the erasure of the address itself.
    """CREATE TABLE suppression (
        code TEXT PRIMARY KEY, address TEXT, reason TEXT NOT NULL, since TEXT NOT NULL, outbox INTEGER)""",
    # What each comparison with the server found.
    """CREATE TABLE reconciliation (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, inbox TEXT NOT NULL, folder TEXT NOT NULL,
        uidvalidity INTEGER NOT NULL, on_server INTEGER NOT NULL, known INTEGER NOT NULL,
        missing INTEGER NOT NULL, gone INTEGER NOT NULL)""",
    "ALTER TABLE outbox ADD COLUMN resends INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE outbox ADD COLUMN approved_at TEXT",
)


@migrations()
def m001_initial(db: Database) -> None:
    """Tables of the first release."""
    for statement in _INITIAL:
        db.execute(statement)


@migrations()
def m002_safety(db: Database) -> None:
    """Latches, suppressed addresses, comparisons with the server, approvals."""
    for statement in _SAFETY:
        db.execute(statement)
