"""Modes by word: the desk, a tier or a rule goes live, or back to drafts or shadow, without an editor."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from triagebot.app.desk.modefiles import ModeFiles, find_target
from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Mode
from triagebot.core.errors import ModeError
from triagebot.core.modes import (
    DESK,
    RULE,
    TIER,
    ModeChange,
    Modes,
    Said,
    apply_to_rules,
    is_looser,
    mode_of,
    yield_to_desk,
)
from triagebot.core.phrase import Words, say
from triagebot.core.reading.text import clean_line
from triagebot.core.rules.rule import Rule
from triagebot.edge.modes import write_modes

_WHY = 200


def set_mode(view: DeskView, mode: Mode, target: str, why: str, now: datetime) -> ModeChange:
    """Given a desk, a mode, whose it is to be ("" the desk, "tier retainer", "rule permalinks", or a bare id), why and
    now, write it down; a running daemon follows within seconds. Return what that changed.

    Two at a time would lose a word: call it inside a transaction of the database. Raise ModeError when there is no such
    target or its own file forbids the mode, StoreError when the file of words cannot be read or written.
    """
    files = ModeFiles.read(view)
    name = find_target(target, files.rules)
    _refuse_looser_than_file(name, mode, files.rules)
    known = files.modes.of(name)
    if known is not None and (known.mode, known.at_most) == (mode, False):
        ended, stays = [], []
    else:
        word = Said(name, mode, _today(view, now), clean_line(why).strip()[:_WHY])
        ended = [known] if known else []
        stays = [] if _is_needless(word, files.without(ended)) else [word]
    for one in files.words if name == DESK else ():
        left = one if one.of == DESK else yield_to_desk(one, mode)
        if left != one:
            ended.append(one)
            stays += [left] if left else []
    return _write(files, ended, stays, name, mode)


def hold_back(view: DeskView, rule: str, why: str, now: datetime) -> ModeChange | None:
    """Given a desk and the id of a rule whose answer was corrected, let it make drafts at most from now on, until it is
    set live by word. Return what that changed, None where the rule is held back already, by its file or by a word.
    Raise as `set_mode` does."""
    files, name = ModeFiles.read(view), f"{RULE}{rule}"
    own, known = files.rule(rule), files.modes.of(name)
    if own is None or own.mode in ("shadow", "draft") or (known is not None and known.mode != "live"):
        return None
    word = Said(name, "draft", _today(view, now), clean_line(why).strip()[:_WHY], at_most=True)
    return _write(files, [known] if known else [], [word], name, "draft")


def end_word(view: DeskView, target: str) -> ModeChange:
    """Given a desk and whose mode was said, take the word back: the desk's files count again. Raise ModeError when
    nothing was said of it."""
    files = ModeFiles.read(view)
    of_rule = files.modes.of(f"{RULE}{target.casefold().removeprefix(RULE).strip()}")  # the rule itself may be gone
    name = of_rule.of if of_rule else find_target(target, files.rules)
    word = files.modes.of(name)
    if word is None:
        raise ModeError(say("no mode was said of {target}; `triagebot mode` lists what was", target=_show(name)))
    return _write(files, [word], [], name, word.mode)


def take_back(view: DeskView, change: ModeChange) -> tuple[Words, ...]:
    """Given what a word has changed, make it as it was before, and return sentences about it. Raise ModeError when
    another word was said of the same since."""
    files = ModeFiles.read(view)
    touched = {one.of for one in (*change.before, *change.after)}
    if {one for one in files.words if one.of in touched} != set(change.after):
        target = _show(change.of)
        raise ModeError(say("the mode of {target} was changed again since; say which it is to be", target=target))
    return _write(files, change.after, change.before, change.of, change.mode).sentences


def list_modes(view: DeskView) -> list[dict[str, Any]]:
    """Given a desk, return its mode, and those of tiers and rules that have one of their own: the mode that counts,
    what the files say, since when it was said and why; empty where nothing was."""
    files = ModeFiles.read(view)
    settings, file = files.settings, files.modes
    rows = [_row(DESK, settings.mode, file.desk, file)]
    for tier, mode in settings.tier_modes.items():
        rows.append(_row(f"{TIER}{tier}", mode, file.tiers.get(tier, ""), file))
    for rule, counts in zip(files.rules, apply_to_rules(files.rules, files.words), strict=True):
        if counts.mode or counts.at_most:
            rows.append(_row(f"{RULE}{rule.id}", mode_of(counts, settings.mode), rule.mode, file))
    return rows


def _refuse_looser_than_file(name: str, mode: Mode, rules: Iterable[Rule]) -> None:
    for rule in rules:
        if f"{RULE}{rule.id}" == name and rule.mode and is_looser(mode, rule.mode):
            raise ModeError(
                say(
                    'rule {rule} has mode = "{mode}" in {place}, and a word does not loosen that; change it there',
                    rule=rule.id,
                    mode=rule.mode,
                    place=str(rule.place),
                )
            )


def _is_needless(word: Said, others: ModeFiles) -> bool:
    """Would all be the same without it? A word that holds back is kept all the same: it is meant for later too."""
    file = others.modes
    if word.of == DESK:
        looser = [mode for mode in (*file.tiers.values(), *(rule.mode for rule in others.rules)) if mode]
        return file.desk == word.mode and not any(is_looser(mode, word.mode) for mode in looser)
    settings = others.settings
    found = {word.mode, settings.mode, others.mode_of(word.of)}
    return found | (set(settings.tier_modes.values()) if word.of.startswith(RULE) else set()) == {"live"}


def _write(files: ModeFiles, ended: Iterable[Said], stays: Iterable[Said], name: str, mode: Mode) -> ModeChange:
    before, after = tuple(ended), tuple(stays)
    if before == after:
        already = say("The mode of {target} is {mode} already.", target=_show(name), mode=mode)
        return ModeChange(name, mode, (), (), (already,))
    rest = files.without(before)
    now = replace(rest, words=(*rest.words, *after))
    write_modes(files.view.data, now.words)
    return ModeChange(name, mode, before, after, tuple(_tell(name, now, before)))


def _tell(name: str, files: ModeFiles, ended: Iterable[Said]) -> Iterator[Words]:
    """What counts from now on, and what somebody who says so may not think of."""
    mode = files.mode_of(name)
    word = files.modes.of(name)
    if mode is None:
        yield say("The word about {target} is gone, as the rule is.", target=_show(name))
    elif word is not None and word.at_most:
        yield say(
            "From now on {target} makes drafts at most ({why}); `mode live {target}` lifts that.",
            target=name,
            why=word.why,
        )
    else:
        yield _mean(mode, _show(name))
    covered = [one.of for one in ended if one.of != name]
    if covered:
        yield say("That counts for {names} too.", names=", ".join(covered))
    if name == DESK:
        careful = [f"{one} ({own})" for one, own in files.list_others() if mode and is_looser(mode, own)]
        if careful:
            yield say("More careful still: {names}.", names=", ".join(careful))
    if mode == "live":
        for inbox in files.view.desk.inbox:
            if not inbox.authserv_ids:
                yield say(
                    "Inbox {inbox}: authserv_ids is empty, so nobody is answered yet (`triagebot check --online`).",
                    inbox=inbox.id,
                )


def _mean(mode: Mode, target: Words) -> Words:
    if mode == "live":
        return say(
            "From now on {target} is in live mode: clients get automatic mail. What was kept until now stays unsent.",
            target=target,
        )
    if mode == "draft":
        return say("From now on {target} is in draft mode: answers wait for you in the Drafts folder.", target=target)
    return say(
        "From now on {target} is in shadow mode: answers are kept, and clients get no automatic mail.", target=target
    )


def _row(name: str, mode: Mode, file: str, modes: Modes) -> dict[str, Any]:
    word = modes.of(name)
    return {
        "of": name,
        "mode": mode,
        "files say": file,
        "said": word.since.isoformat() if word else "",
        "why": word.why if word else "",
    }


def _show(name: str) -> Words:
    return say("the desk") if name == DESK else name


def _today(view: DeskView, now: datetime) -> date:
    return view.calendar.local(now).date()
