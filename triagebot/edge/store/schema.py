"""The database's tables and their migrations; only ever add at the end.

Times are UTC in ISO 8601 with microseconds, so that they sort as text; days are local dates.
"""

from sqlite_utils import Database, Migrations

from triagebot.edge.fault import crash_at

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
    # Conversations that looked like two machines (kind `loop`; without `thread` a sender's every mail), and the
    # breaker of the whole desk (safety.md C). A row without `released_at` holds until `until`; the breaker holds
    # until a person releases it. Each mode has its own: shadow never silences live.
    """CREATE TABLE latch (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, mode TEXT NOT NULL, sender_key TEXT NOT NULL DEFAULT '',
        thread INTEGER, reason TEXT NOT NULL, since TEXT NOT NULL, until TEXT, released_at TEXT,
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
    # How the news of a folder are met, for the status.
    "ALTER TABLE folder ADD COLUMN watched TEXT NOT NULL DEFAULT ''",
    # The mail was approved, dropped or stopped, and a copy of it still lies in the Drafts folder.
    "ALTER TABLE outbox ADD COLUMN stale_draft INTEGER NOT NULL DEFAULT 0",
    # Until when a mail with an undo window waits; null for one that was to leave at once.
    "ALTER TABLE outbox ADD COLUMN undo_until TEXT",
    # The code of a client's address, as in suppression; empty for the desk's own and the developer's.
    "ALTER TABLE outbox ADD COLUMN recipient_code TEXT NOT NULL DEFAULT ''",
    # The server does not take the password: no waiting mends that.
    "ALTER TABLE health ADD COLUMN refused INTEGER NOT NULL DEFAULT 0",
    # Problems the watchdog saw, and whether somebody was told.
    """CREATE TABLE alarm (
        id TEXT PRIMARY KEY, text TEXT NOT NULL, since TEXT NOT NULL, told_at TEXT, gone_at TEXT,
        sending INTEGER NOT NULL DEFAULT 0)""",
    # When an alert was handed to the alert command as well.
    "ALTER TABLE outbox ADD COLUMN paged_at TEXT",
)


_SUPPORT_HOUR = (
    # What is owed: `promise` is the date told, `due` the one aimed at, `answer_due` that of the first answer.
    "ALTER TABLE ticket ADD COLUMN due TEXT",
    "ALTER TABLE ticket ADD COLUMN answer_due TEXT",
    "ALTER TABLE ticket ADD COLUMN answered_at TEXT",
    "ALTER TABLE ticket ADD COLUMN expires_at TEXT",
    "ALTER TABLE ticket ADD COLUMN price_low TEXT",
    "ALTER TABLE ticket ADD COLUMN price_high TEXT",
    "ALTER TABLE ticket ADD COLUMN currency TEXT",
    "ALTER TABLE ticket ADD COLUMN price_fixed INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE ticket ADD COLUMN minutes_done INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE ticket ADD COLUMN billing TEXT",
    "ALTER TABLE ticket ADD COLUMN merged_into INTEGER",
    "ALTER TABLE ticket ADD COLUMN source TEXT NOT NULL DEFAULT 'mail'",
    "ALTER TABLE ticket ADD COLUMN duty TEXT",
    # How an offer ended that nobody agreed to: declined or expired.
    "ALTER TABLE ticket ADD COLUMN closed_as TEXT",
    "ALTER TABLE slot ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0",
    # Minutes and money (core/money): rows are only ever added; `invoice` is the one that billed them.
    """CREATE TABLE entry (
        key TEXT PRIMARY KEY, client TEXT NOT NULL, day TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL,
        minutes INTEGER NOT NULL, note TEXT NOT NULL DEFAULT '', ticket INTEGER, rate TEXT, invoice INTEGER,
        created_at TEXT NOT NULL)""",
    "CREATE INDEX entry_client ON entry (client, day)",
    "CREATE INDEX entry_ticket ON entry (ticket)",
    # A standing duty has one ticket for each client and period ("DUTY/PERIOD").
    "CREATE UNIQUE INDEX ticket_duty ON ticket (client, duty)",
    # When the developer last did anything.
    "CREATE INDEX event_who ON event (who, at)",
    """CREATE TABLE fee (
        key TEXT PRIMARY KEY, client TEXT NOT NULL, day TEXT NOT NULL, amount TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL DEFAULT 'fee', invoice INTEGER, created_at TEXT NOT NULL)""",
    """CREATE TABLE invoice (
        id INTEGER PRIMARY KEY, month TEXT NOT NULL UNIQUE, closed_at TEXT NOT NULL, lines TEXT NOT NULL)""",
    # Every id a mail has or refers to, seen or not, and the thread it belongs to, for one party; `apart` where a
    # person made a conversation begin with that mail.
    """CREATE TABLE reference (
        party TEXT NOT NULL, message_id TEXT NOT NULL, thread INTEGER NOT NULL, apart INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (party, message_id))""",
    "CREATE INDEX reference_thread ON reference (thread)",
    "CREATE INDEX event_mail ON event (mail)",
    "CREATE INDEX reference_message_id ON reference (message_id)",
    """INSERT INTO reference (party, message_id, thread)
        SELECT CASE WHEN client IS NULL THEN 'address ' || sender_key ELSE 'client ' || client END, message_id,
        min(thread) FROM mail WHERE message_id IS NOT NULL AND thread IS NOT NULL AND sender_key <> ''
        AND auth IN ('pass', 'weak') GROUP BY 1, 2""",
    # What `ticket merge` changed, as JSON, so that `ticket split` can undo it.
    "ALTER TABLE ticket ADD COLUMN undo TEXT",
    # The developer's own mails, as the Sent folder shows them.
    """CREATE TABLE sent_mail (
        id INTEGER PRIMARY KEY, inbox TEXT NOT NULL, folder TEXT NOT NULL, uidvalidity INTEGER NOT NULL,
        uid INTEGER NOT NULL, sent_at TEXT NOT NULL, message_id TEXT, recipient TEXT NOT NULL DEFAULT '',
        subject TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '', thread INTEGER, ticket INTEGER,
        minutes INTEGER, offer TEXT NOT NULL DEFAULT '', client TEXT, answers TEXT,
        UNIQUE (inbox, folder, uidvalidity, uid))""",
    "CREATE INDEX sent_mail_ticket ON sent_mail (ticket)",
    "CREATE INDEX sent_mail_offer ON sent_mail (offer)",
    "CREATE INDEX sent_mail_message_id ON sent_mail (message_id)",
    "CREATE INDEX sent_mail_answers ON sent_mail (answers)",
    # How far each Sent folder was looked through, and when.
    """CREATE TABLE sent_folder (
        inbox TEXT NOT NULL, name TEXT NOT NULL, uidvalidity INTEGER NOT NULL, uid INTEGER NOT NULL,
        looked_at TEXT NOT NULL, PRIMARY KEY (inbox, name))""",
)

_DIGEST = (
    # Every mail that can be answered with commands: a digest, or the confirmation of what was done. `code` is its
    # 40-bit id (safety.md E).
    """CREATE TABLE digest (
        id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, cause TEXT NOT NULL UNIQUE,
        message_id TEXT NOT NULL UNIQUE, made_at TEXT NOT NULL, expires_at TEXT NOT NULL)""",
    # What it showed, in which version, whether a mail of ours was shown whole, and by which received mail it was used.
    """CREATE TABLE digest_item (
        digest INTEGER NOT NULL REFERENCES digest (id) ON DELETE CASCADE, ref TEXT NOT NULL, version TEXT NOT NULL,
        shown INTEGER NOT NULL DEFAULT 0, used_at TEXT, used_by INTEGER, PRIMARY KEY (digest, ref))""",
    "CREATE INDEX digest_item_ref ON digest_item (ref, digest)",
    # Answers that took effect, so that none does so twice.
    """CREATE TABLE digest_answer (
        id INTEGER PRIMARY KEY, digest INTEGER NOT NULL REFERENCES digest (id) ON DELETE CASCADE, mail INTEGER,
        message_id TEXT NOT NULL, body_key TEXT NOT NULL, at TEXT NOT NULL)""",
    "CREATE INDEX digest_answer_message_id ON digest_answer (message_id)",
    # Each line of them: `outcome` is done, refused, unclear or undone, or ignored for a whole answer that was not
    # believed; `undo` is what takes it back, as JSON.
    """CREATE TABLE command (
        id INTEGER PRIMARY KEY, digest INTEGER, mail INTEGER, line TEXT NOT NULL, verb TEXT NOT NULL DEFAULT '',
        ref TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL, said TEXT NOT NULL DEFAULT '', at TEXT NOT NULL,
        undo TEXT, undo_until TEXT, undone_at TEXT)""",
    "CREATE INDEX command_ref ON command (ref, at)",
    # How well an answer of the desk fitted, for each rule that made it: same, differs (from what the developer wrote
    # himself: `sent` is that mail), ok, no (by his word).
    """CREATE TABLE agreement (
        mail INTEGER NOT NULL, rule TEXT NOT NULL, verdict TEXT NOT NULL, why TEXT NOT NULL DEFAULT '',
        at TEXT NOT NULL, sent INTEGER, PRIMARY KEY (mail, rule))""",
    "CREATE INDEX agreement_at ON agreement (at)",
    # When the developer said of a mail without a ticket that it is dealt with.
    "ALTER TABLE mail ADD COLUMN handled_at TEXT",
    # What an earlier digest showed was shown once; from now on a mail is shown until it is dealt with.
    "UPDATE mail SET handled_at = decided_at WHERE state IN ('held', 'unreadable')"
    " AND decided_at < (SELECT max(at) FROM done_once WHERE task LIKE 'digest/%')",
    # What the digest reads stays fast beside 200,000 mails: the proof line reads only this index, and mails that were
    # not answered are few.
    "DROP INDEX mail_recorded",
    "CREATE INDEX mail_recorded ON mail (recorded_at, state)",
    "CREATE INDEX mail_unanswered ON mail (state, handled_at, decided_at)"
    " WHERE state IN ('held', 'suppressed', 'unreadable')",
    "CREATE INDEX mail_ticket ON mail (ticket) WHERE ticket IS NOT NULL",
    "CREATE INDEX ticket_fixed ON ticket (id) WHERE price_fixed = 1",
    "CREATE INDEX outbox_unapproved ON outbox (id) WHERE class = 'approved' AND approved_at IS NULL",
    # What the figures of eight weeks are counted by (store/digests/figures.py), and what is not billed yet.
    "CREATE INDEX mail_contact ON mail (state, coalesce(reason, ''), received_at)"
    " WHERE state IN ('answered', 'acknowledged', 'planned', 'held')",
    "CREATE INDEX ticket_promise ON ticket (promise, state, answer_due, answered_at, closed_as, merged_into)",
    "CREATE INDEX event_done ON event (ticket, at) WHERE what IN ('done', 'answered by mail, done')",
    "CREATE INDEX entry_day ON entry (day, source, target, minutes)",
    "CREATE INDEX entry_created ON entry (created_at, client)",
    "CREATE INDEX entry_unbilled ON entry (day, key) WHERE invoice IS NULL AND (source IN ('hourly', 'emergency',"
    " 'overage', 'fixed') OR target IN ('hourly', 'emergency', 'overage', 'fixed'))",
    "CREATE INDEX fee_unbilled ON fee (day, key) WHERE invoice IS NULL",
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
        crash_at("F12")


@migrations()
def m003_support_hour(db: Database) -> None:
    """What tickets promise and cost, the ledger, threads, the developer's own mails."""
    for statement in _SUPPORT_HOUR:
        db.execute(statement)


@migrations()
def m004_digest(db: Database) -> None:
    """Digests and what is answered to them, and how well the desk's own answers fitted."""
    for statement in _DIGEST:
        db.execute(statement)
