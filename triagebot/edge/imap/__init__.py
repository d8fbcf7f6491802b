"""One IMAP mailbox, by UID only (IMAPClient). Blocking; used from one thread.

Only integers, our own Message-IDs and names from the config ever go into a command
(safety.md F.1): a received string could be a command of its own (safety.md 0.1).
"""

from triagebot.edge.imap.mailbox import Mailbox

__all__ = ["Mailbox"]
