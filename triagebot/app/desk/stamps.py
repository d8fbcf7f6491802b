"""What a provider makes of a mail with forged Authentication-Results: it must not be believed (safety.md D.1.2)."""

from collections.abc import Iterator

from triagebot.app.desk.found import Found
from triagebot.core.desk import Inbox
from triagebot.core.mail import HeaderBlock
from triagebot.core.reading.headers import read_sender
from triagebot.core.sender.authentication import NO_ID, authenticate
from triagebot.edge.authentication import HEADER, read_results


def with_forged_results(raw: bytes, inbox: Inbox, address: str, token: str) -> bytes:
    """Given a mail's bytes, its inbox, its author and a token, return it with an Authentication-Results header on top
    for each id the inbox believes, which says that the author is proven. Only a provider may say so."""
    domain = address.rpartition("@")[2]
    forged = ""
    for believed in inbox.authserv_ids:
        name = "" if believed == NO_ID else f"{believed.replace('*.', 'check.')} "
        first = "" if name else f"spf=pass (check {token}) smtp.mailfrom={domain}; "
        mark = f"(check {token}); " if name else ""
        forged += f"Authentication-Results: {name}{mark}{first}dmarc=pass header.from={domain}\r\n"
    return forged.encode() + raw


def judge_stamps(where: str, block: HeaderBlock, inbox: Inbox, token: str) -> Iterator[Found]:
    """Given the headers of such a mail as it came back, yield what the provider added and whether what was forged in it
    would be believed."""
    marked = {
        position
        for position, field in enumerate(block.fields)
        if field.name == HEADER and f"check {token}" in field.value
    }
    results = read_results(block)
    own = [result for result in results if result.position not in marked]
    names = ", ".join(dict.fromkeys(result.authserv_id or NO_ID for result in own if not result.problem))
    if names:
        yield Found(where, True, f"the provider stamped Authentication-Results on it as {names}")
    else:
        text = "the provider stamped no Authentication-Results on it; mail from its own users may be no measure"
        yield Found(where, True, text)
    if inbox.authserv_ids:
        yield _judge_forged(where, block, inbox, marked)


def _judge_forged(where: str, block: HeaderBlock, inbox: Inbox, marked: set[int]) -> Found:
    if not marked:
        return Found(where, True, "a forged Authentication-Results header was taken out by the provider")
    results, sender = read_results(block), read_sender(block)
    trust = (inbox.authserv_ids, inbox.trusted_mx)
    with_it = authenticate(block, sender, results, *trust)
    without = authenticate(block, sender, [one for one in results if one.position not in marked], *trust)
    if with_it.state == "pass" and without.state != "pass":
        return Found(
            where,
            False,
            "a forged Authentication-Results header survived and is believed: whoever can send by this provider could"
            " pretend to be a client of yours; take its submission server out of trusted_mx, or ask the provider",
        )
    return Found(where, True, "a forged Authentication-Results header survived, and is not believed")
