"""A digest as plain text, for a mail program in a terminal."""

from triagebot.core.digest.content import Digest
from triagebot.core.phrase import ENGLISH, Voice, Words, say


def render_text(digest: Digest, voice: Voice = ENGLISH) -> str:
    """Given a digest and its language, return its text part. Text of others is marked on every line, so that none reads
    as a command."""

    def flat(words: Words) -> str:
        return " ".join(voice.speak(words).splitlines())

    lines = [flat(digest.title), "", flat(digest.proof), *map(flat, digest.notices)]
    for section in digest.filled:
        heading = flat(section.heading)
        lines += ["", heading, "-" * len(heading)]
        for item in section.items:
            lines.append(f"* {flat(item.title)}")
            lines += [f"    {flat(line)}" for line in item.lines]
            lines += [f"    | {line}" for line in item.quote.splitlines()]
    if not digest.filled:
        lines += ["", flat(say("A quiet day: nothing needs you."))]
    return "\n".join(lines) + "\n"
