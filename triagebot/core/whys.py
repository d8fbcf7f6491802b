"""Why a mail was not answered, in the reader's language: the trail holds English, these are its fixed sentences."""

from triagebot.core.phrase import Phrase, Words, say

WHYS: tuple[Phrase, ...] = (
    say("none of this desk's addresses is in To or Cc"),
    say("its recipients are undisclosed"),
    say("the sender's authentication failed"),
    say("nothing proves the sender"),
    say("the sender is only weakly authenticated"),
    say("the sender is weakly authenticated, which answer_weak accepts"),
    say("it was found while reading the mailbox again"),
    say("it arrived before the desk's first start"),
    say("it answers an automatic mail of this desk"),
    say("it is encrypted"),
    say("the subject alone looks like a bounce"),
    say("a bounce's subject and another sign of one"),
    say("Return-Path is empty"),
    say("it carries this desk's loop marker"),
    say("its Message-ID was made by this desk"),
    say("it is a read receipt"),
    say("it is an abuse report"),
    say("it is a DMARC report"),
    say("it is a report of no known type"),
    say("an Exchange inbox rule answered"),
    say("the sender is a postmaster"),
    say("it is in the Junk folder"),
    say("the mail server calls it spam"),
    say("its spam confidence level is 5 or more"),
    say("it was delivered to this desk twice"),
    say("mail to this address came back as undeliverable"),
    say("the desk's breaker is open: too many automatic mails"),
    say("this conversation looked like two machines answering each other"),
    say("the same text came from this sender, or its domain, before"),
    say("this visitor of the form was answered before"),
    say("the developer has answered it himself"),
    say("nothing matched and the sender is a stranger"),
    say("the ticket's answer was given before"),
)
"""Each as a check of core/guard or a limit writes it into the trail."""
_BY_TEXT = {why.text: why for why in WHYS}


def say_why(why: str) -> Words:
    """Given a sentence of a trail, return it as the reader's language says it. What holds a number, an address or the
    words of a header stays as it was written down."""
    return _BY_TEXT.get(why, why)
