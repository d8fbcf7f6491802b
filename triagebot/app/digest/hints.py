"""The last lines of the digest: how it is answered, or why it cannot be."""

from collections.abc import Iterator, Sequence

from triagebot.app.desk.view import DeskView
from triagebot.core.digest.content import Item, Section
from triagebot.core.phrase import Words, say

_MOST = 3
_USUAL = ("12 ok", "12 25m", "all ok")


def hint_at_terminal() -> tuple[Words, ...]:
    """Return the last sentence of a digest that is read in a terminal: nothing answers that."""
    return (say("`triagebot ticket` takes the commands that an answer to the mail takes; `--send` sends the mail."),)


def give_hints(sections: Sequence[Section], view: DeskView) -> tuple[Words, ...]:
    """Given the sections of a digest and the desk, return its last sentences."""
    if view.desk.inbox_of_answers is None:
        why = say(
            "Answers to this mail are off, because authserv_ids is empty: nothing proves that one is yours."
            " `triagebot ticket` takes the same commands."
        )
        return (why,)
    items = [item for section in sections for item in section.items]
    chosen = tuple(_choose(items))[:_MOST] or _USUAL
    return (
        say("Answer this mail with lines such as: {commands}", commands=" \N{MIDDLE DOT} ".join(chosen)),
        say("What was done, and until when it can be undone, is told in one mail."),
    )


def _choose(items: Sequence[Item]) -> Iterator[str]:
    """One of each kind that fits what stands above."""
    drafts = [item for item in items if item.ref and "ok" in item.commands]
    yield from (f"{item.ref} ok" for item in drafts[:1])
    if len(drafts) > 1:
        yield "all ok"
    for item in items:
        worked = next((command for command in item.commands if command[:1].isdigit() and command.endswith("m")), "")
        if item.ref and worked:
            if not drafts and "done" in item.commands:
                yield f"{item.ref} done"
            yield f"{item.ref} {worked}"
            return
