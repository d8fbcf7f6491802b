"""The language the developer is written to in: is there a catalogue for it?"""

from collections.abc import Iterator

from triagebot.core.desk import Desk
from triagebot.core.files.problem import Finding
from triagebot.core.phrase import SPOKEN


def check_speaking(desk: Desk) -> Iterator[Finding]:
    """Given a desk, yield what is wrong with the language asked for in [digest]. That of the desk is not judged: it is
    the clients' and may be any."""
    language = desk.digest.language
    if language and language.partition("-")[0] not in SPOKEN:
        text = f"nothing is translated to '{language}', so the digest is in English; there is: {', '.join(SPOKEN)}"
        yield Finding(("digest", "language"), text, "warning")
