"""The record of processing activities (GDPR Art. 30), from what the config says; a text to be completed by hand."""

from triagebot.core.desk import Desk

_RECORD = """\
# Record of processing: support mail of {name}

Controller: {name}, {developer}, [postal address]

## Purposes and legal bases

- Answering and planning support requests (Art. 6(1)(b): contract, or steps before one).
- Protection against automatic mail, loops and forgery, and proof of what was sent (Art. 6(1)(f)).
- Hours worked and billed (Art. 6(1)(c): tax law, [paragraph and years]).

## Whose data, and which

- Clients ({clients} in the config) and others who write to {addresses}; visitors of {forms} contact forms: mail
  address, name, subject and text of mails, language, what was decided and why, answers, tickets with minutes and dates.
- Special categories are not asked for; a mail may hold them.

## Recipients

- The developer: {developer} (digest, alerts).
- Mail providers (processors, Art. 28; [contracts]): {servers}.
- Nobody else; no transfer to third countries but by these providers [check].

## How long

- Automatic mail, lists, spam: {automatic} days.
- Conversations and tickets: {conversations} days after the last word and the ticket's end; client, date and minutes
  stay for billing.
- Bytes of sent mails: {sent} days. Headers of mail before the desk: {history} days.
- Counters and marks: {traces} days. Logs: [30 days; your system's setting]. Backups: [how long].
- Mails that need a person are kept until the digest has shown them.
- On the mail server: [as set there].

## Technical and organisational measures (Art. 32)

- Transport: TLS with verified certificates to every mail server; passwords from the environment, a file of mode 600, a
  command, a keyring or a sign-in, never in the config.
- At rest: database, key and their directory are for the owner alone (modes 600 and 700); removed text is overwritten.
  Disk encryption: [state what this machine has].
- Minimisation: attachments are not stored; logs hold numbers and states, no addresses or words of clients; what is
  suppressed after an erasure is known by a keyed code alone.
- No text is sent to any service but the mail servers above; rules match words, no model decides (Art. 22: nobody is
  refused by a machine).
- Integrity: every decision is recorded with its reasons; backups are looked through when made.

## Rights, and a breach

- Access and portability: `triagebot privacy export`; erasure: `triagebot privacy erase`. Who asks is identified by the
  developer, never automatically by mail.
- A breach: stop the desk, change the passwords, keep logs and database, tell the authority within 72 hours (Art. 33)
  and the people concerned where the risk is high (Art. 34).
"""


def make_record(desk: Desk) -> str:
    """Given a desk, return the record as Markdown. What only the controller knows stands in square brackets."""
    kept = desk.retention
    servers = sorted({server.host for inbox in desk.inbox for server in (inbox.imap, inbox.smtp)})
    return _RECORD.format(
        name=desk.desk.name,
        developer=", ".join(desk.desk.developer),
        clients=len(desk.client),
        addresses=", ".join(desk.own_addresses),
        forms=len(desk.form),
        servers=", ".join(servers) or "[none configured]",
        automatic=kept.automatic.days,
        conversations=kept.conversations.days,
        sent=kept.sent.days,
        history=kept.history.days,
        traces=kept.traces.days,
    )
