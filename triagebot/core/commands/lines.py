"""Reading the developer's answer: forgiving about how a line is written, strict about what it means."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from triagebot.core.commands.actions import Reading
from triagebot.core.commands.command import Said, Unclear
from triagebot.core.commands.examples import example_of
from triagebot.core.commands.found import Found, drop_conflicts
from triagebot.core.commands.grammar import Written, read_line
from triagebot.core.commands.statements import Gathered, gather, show_line, take_number
from triagebot.core.commands.strip import Repeats, Stretch, own_stretches, words_of
from triagebot.core.commands.vocabulary import HOLDS_BACK
from triagebot.core.commands.word import refs_in, split_line
from triagebot.core.phrase import say

MOST_COMMANDS = 20
"""Of one answer; of more none is done (safety.md E)."""
_WITH_NOTE = frozenset(("book", "done", "new", "away"))
_WRAPPED_FROM = 66
_MOST_JOINED = 5
_FIRST_WORDS = 200
_LOOKED_AT = 20
_REPEATS = say("the digest itself says this there; write it above what is quoted, such as {example}", example="12 ok")


def read_commands(text: str, today: date, shown: Collection[str] = ()) -> Said:
    """Given the text of an answer, the local date, and the lines of the digest it answers (which a mail program may
    repeat without any mark), return what it says.

    Answers between quoted lines are read only where `shown` is known: without it a wrapped line of a client could not
    be told from one of the developer's.
    """
    reader = _Reader(today, Repeats(shown))
    for stretch in own_stretches(text):
        if not (stretch.top or shown) or not reader.take(stretch):
            break
    return reader.finish()


@dataclass(slots=True)
class _Reader:
    """What was found so far. `repeated` is the first line that was left out because the digest says it, `numbered`
    how many lines of a numbered list were read."""

    today: date
    repeats: Repeats
    found: list[Found] = field(default_factory=list)
    repeated: str = ""
    numbered: int = 0

    def take(self, stretch: Stretch) -> bool:
        """Given a stretch, read it and return whether what stands below it is to be read too."""
        index = self._skip_wrapped(stretch)
        while index < len(stretch.lines):
            if len(self.found) > MOST_COMMANDS:
                return False
            if not stretch.lines[index].strip():
                index += 1
                continue
            gathered, read = self._read(stretch.lines, index)
            if gathered.is_open:
                why = say(
                    "a quote is open, so nothing from here on was read; write {example}", example=example_of("send")
                )
                self.found.append(Found(gathered.written.line, (), why))
                return False
            if self._repeats_digest(stretch.lines, index, gathered.after, read):
                self.repeated = self.repeated or gathered.written.line
                return False
            self._keep(gathered.written.line, read, stretch.top)
            self.numbered += take_number(stretch.lines[index], self.numbered + 1) is not None
            index = gathered.after
        return True

    def finish(self) -> Said:
        """Return what the answer says as a whole."""
        if sum(max(1, len(one.commands)) for one in self.found) > MOST_COMMANDS:
            why = say(
                "more than {most} commands in one mail, so none was done; send them in several", most=MOST_COMMANDS
            )
            return Said((), (Unclear(self.found[0].line, why),))
        kept = drop_conflicts(self.found)
        unclear = [Unclear(one.line, one.why) for one in kept if one.why is not None]
        if self.repeated:
            why = say(
                "from here on the digest is repeated; write {example} above what is quoted", example=example_of("ok")
            )
            unclear += [Unclear(self.repeated, why)] if not kept else []
        elif not kept:
            why = say(
                "no command was found; write for example {example} on a line of its own", example=example_of("ok")
            )
            unclear.append(Unclear("", why))
        return Said(tuple(command for one in kept for command in one.commands), tuple(unclear))

    def _skip_wrapped(self, stretch: Stretch) -> int:
        """Where a stretch begins below the rest of a quoted line that was wrapped and lost its mark."""
        index, before = 0, stretch.before
        while not stretch.top and index < len(stretch.lines):
            line = stretch.lines[index]
            if line.strip():
                if not self.repeats.goes_on(before, line):
                    break
                if self.repeats.says(line):
                    self._doubt(line)
                before = (*before, *words_of(line))[-2:]
            index += 1
        return index

    def _doubt(self, line: str) -> None:
        """Say once that a command was left out that may be the rest of a quoted line."""
        read = self._read([line], 0)[1]
        if isinstance(read, list) and not any(one.why == _REPEATS for one in self.found):
            self.found.append(Found(show_line(line), (), _REPEATS))

    def _read(self, lines: Sequence[str], index: int) -> tuple[Gathered, Reading | None]:
        """What is written at a line, and what it means; a note that a mail program wrapped is joined."""
        bare = take_number(lines[index], self.numbered + 1)
        gathered = gather(lines, index, bare or lines[index])
        read = None if gathered.is_open else read_line(gathered.written, self.today)
        if isinstance(read, list) and read[0].text and read[0].verb in _WITH_NOTE:
            return self._join_note(lines, gathered)
        return gathered, read

    def _join_note(self, lines: Sequence[str], gathered: Gathered) -> tuple[Gathered, Reading | None]:
        """A note with the lines a mail program wrapped: where the next word had no room any more, and is prose."""
        written, after = gathered.written, gathered.after
        for following in lines[after : after + _MOST_JOINED]:
            word = following.split()[0] if following.strip() else ""
            more = gather([following], 0, following)
            if not word or len(lines[after - 1]) + len(word) < _WRAPPED_FROM or self._holds_back(following):
                break
            if more.is_open or read_line(more.written, self.today) is not None:
                break
            written = Written(
                f"{written.head} {following.strip()}", written.text, f"{written.line} {following.strip()}"
            )
            after += 1
        return Gathered(written, after), read_line(written, self.today)

    def _repeats_digest(self, lines: Sequence[str], index: int, after: int, read: Reading | None) -> bool:
        """Whether the digest is repeated from a line on, without any mark."""
        line, following = lines[index], _next_full(lines, after)
        together = "\n".join(following)
        if not isinstance(read, list):
            return self.repeats.begins_quote(line, together)
        runs_on = bool(following) and after == index + 1 and self.repeats.runs_on(line, together)
        return runs_on and not isinstance(self._read(following, 0)[1], list)

    def _keep(self, line: str, read: Reading | None, top: bool) -> None:
        if isinstance(read, list):
            if not top and self.repeats.says(line):
                self._doubt(line)
            else:
                self.found.append(Found(line, tuple(read)))
        elif self._holds_back(line):
            above = self.found[-1]
            why = say("the next line limits it ({limit}); write only {example}", limit=line, example=above.line)
            self.found[-1] = Found(above.line, (), why)
        elif read is not None:
            self.found.append(Found(line, (), read))

    def _holds_back(self, line: str) -> bool:
        """Whether a line below a command takes it back or limits it: "but not before Friday"."""
        words = split_line(line[:_FIRST_WORDS])
        limits = bool(words) and words[0].key in HOLDS_BACK and not any(map(refs_in, words))
        return limits and bool(self.found) and bool(self.found[-1].commands)


def _next_full(lines: Sequence[str], start: int) -> list[str]:
    """The next lines that are not blank, as many as tell whether they are repeated."""
    following = [line for line in lines[start : start + _LOOKED_AT] if line.strip()]
    return following[:_MOST_JOINED]
