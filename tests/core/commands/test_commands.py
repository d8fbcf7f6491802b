"""Every form of a command, and what it is read as."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from triagebot.core.commands.command import Command
from triagebot.core.commands.examples import EXAMPLES
from triagebot.core.commands.lines import read_commands
from triagebot.core.phrase import ENGLISH

WEDNESDAY = date(2026, 11, 25)


def day(text: str) -> date:
    """The date of 2026-2027 that MM-DD names, from WEDNESDAY on."""
    return date.fromisoformat(f"{'2026' if text >= '11-25' else '2027'}-{text}")


def read(text: str) -> tuple[Command, ...]:
    """The commands of a text that is clear as a whole, without how they were written."""
    said = read_commands(text, WEDNESDAY)
    assert said.unclear == (), [ENGLISH.speak(one.why) for one in said.unclear]
    return tuple(replace(command, line="") for command in said.commands)


OK = Command("", "ok", "12")


@pytest.mark.parametrize(
    "text",
    [
        *("12 ok", "12 OK", "12 Ok.", "12 okay!", "12 k", "12 approve", "12 approved", "12 yes", "12 yep", "12 send"),
        *("ok 12", "OK #12", "approve 12", "Approve #12.", "yes 12", "send 12", "please approve 12", "12 yes please"),
        *("#12 ok", "12: ok", "#12: ok", "12. ok", "12) ok", "(12) ok", "[12] ok", "12, ok", "12 - ok", "12 – ok"),
        *("12 — ok", "12 : ok", "12 -> ok", "12 → ok", "ticket 12 ok", "Ticket #12: ok", "ok ticket 12", "0012 ok"),
        *("* 12 ok", "- 12 ok", "• 12 ok", "– 12 ok", "· 12 ok", "  12   ok  ", "\t12\tok", "1. 12 ok", "1) ok 12"),
        *("**12 ok**", "*12 ok*", "`12 ok`", '"12 ok"', "“12 ok”", "_12 ok_", "12\u00a0ok", "12\u202fok", "12\u3000ok"),
        *("１２　ｏｋ", "＃１２ ＯＫ！", "12 o\u00adk", "12\u200b ok", "12 ok\r\n", "\ufeff12 ok", "12 ok。"),
        *("12 tak", "12 zatwierdź", "12 wyślij", "12 tamam", "12 evet", "12 EVET", "12 onaylıyorum", "12 да", "12 ок"),
        *(
            "12 отправить",
            "12 はい",
            "12 承認",
            "12 送信",
            "12 ja",
            "12 senden",
            "12 oui",
            "12 d'accord",
            "12 d’accord",
        ),
        *("12 sí", "12 si\u0301", "12 vale", "tak 12", "12 tak, proszę", "12 ok, thanks!", "12 ok\n12 ok", "12, 12 ok"),
    ],
)
def test_ok(text: str) -> None:
    """Case, bullets, marks, widths and eight languages: one meaning."""
    assert read(text) == (OK,)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        *(("12 no", "no"), ("12 drop", "no"), ("decline 12", "no"), ("12 discard", "no"), ("12 No thanks.", "no")),
        *(("12 nie", "no"), ("12 hayır", "no"), ("12 HAYIR", "no"), ("12 нет", "no"), ("12 いいえ", "no")),
        *(("12 nein", "no"), ("12 non", "no"), ("reject 12", "no"), ("12 odrzuć", "no")),
        *(("12 done", "done"), ("done 12", "done"), ("12: Done!", "done"), ("12 finished", "done")),
        *(("12 zrobione", "done"), ("12 gotowe", "done"), ("12 bitti", "done"), ("12 готово", "done")),
        *(("12 完了", "done"), ("12 erledigt", "done"), ("12 fait", "done"), ("12 hecho", "done")),
        *(("12 start", "start"), ("12 doing", "start"), ("start 12", "start"), ("doing #12", "start")),
        *(("12 hold", "hold"), ("12 wait", "hold"), ("hold 12", "hold"), ("wait 12.", "hold")),
        *(("12 close", "close"), ("close 12", "close"), ("12 reopen", "reopen"), ("reopen 12", "reopen")),
        *(
            ("12 undo", "undo"),
            ("undo 12", "undo"),
            ("Undo #12!", "undo"),
            ("12 split", "split"),
            ("split 12", "split"),
        ),
    ],
)
def test_a_verb_without_more(text: str, verb: str) -> None:
    """The verb may stand first or last."""
    (command,) = read(text)
    assert command == Command("", command.verb, "12")
    assert command.verb == verb


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("12, 13 ok", ["12", "13"]),
        ("12,13 ok", ["12", "13"]),
        ("12 and 13 ok", ["12", "13"]),
        ("12, 13, and m40 ok", ["12", "13", "m40"]),
        ("12 & 13: ok", ["12", "13"]),
        ("#12; #13 - ok", ["12", "13"]),
        ("ok 12, 13 and o7", ["12", "13", "o7"]),
        ("approve [m40], [o7]", ["m40", "o7"]),
        ("12 i 13 tak", ["12", "13"]),
        ("12 und 13 ja", ["12", "13"]),
        ("M40 ok", ["m40"]),
        ("o7: ok", ["o7"]),
        ("all ok", ["all"]),
        ("ALL OK!", ["all"]),
        ("ok all", ["all"]),
        ("approve all", ["all"]),
        ("all: ok", ["all"]),
        ("send all", ["all"]),
        ("* all ok", ["all"]),
        ("12 ok\n13 ok", ["12", "13"]),
        ("1. 12 ok\n2. 13 ok\n3. 14 ok", ["12", "13", "14"]),
        ("1) ok 12\n2) ok 13", ["12", "13"]),
    ],
)
def test_several_at_once(text: str, refs: list[str]) -> None:
    """One command each, in their order."""
    commands = read(text)
    assert [command.ref for command in commands] == refs
    assert {command.verb for command in commands} == {"ok"}


@pytest.mark.parametrize(
    ("text", "minutes", "note"),
    [
        ("12 25m", 25, ""),
        ("12 25m fixed the footer", 25, "fixed the footer"),
        ("12: 25 min - fixed", 25, "- fixed"),
        ("12 25 mins call", 25, "call"),
        ("12 25 minutes", 25, ""),
        ("12 1h", 60, ""),
        ("12 1h30 note", 90, "note"),
        ("12 1h30m note", 90, "note"),
        ("12 1h 30m note", 90, "note"),
        ("12 1.5h", 90, ""),
        ("12 1,5h", 90, ""),
        ("12 2 hours Jan's menu", 120, "Jan's menu"),
        ("12 25 мин звонок", 25, "звонок"),
        ("12 1 godz. menu", 60, "menu"),
        ("12 30分 電話", 30, "電話"),
        ("book 12 1.5h", 90, ""),
        ("log 12 25m call with Jan", 25, "call with Jan"),
        ("12 book 1.5h", 90, ""),
        ("12 25m Menu: FIXED (both)", 25, "Menu: FIXED (both)"),
        ('12 25m "ok with Jan"', 25, "ok with Jan"),
        ("12 25m called the host, no answer", 25, "called the host, no answer"),
    ],
)
def test_minutes_are_booked(text: str, minutes: int, note: str) -> None:
    """A time with its unit, then a note, kept as it was written."""
    assert read(text) == (Command("", "book", "12", text=note, minutes=minutes),)


@pytest.mark.parametrize(
    ("text", "minutes", "note"),
    [
        ("12 done 25m", 25, ""),
        ("12 done 25m fixed the footer", 25, "fixed the footer"),
        ("12 25m done fixed the footer", 25, "fixed the footer"),
        ("12 25m done", 25, ""),
        ("done 12 1h30", 90, ""),
        ("12 done fixed the footer", None, "fixed the footer"),
        ("12 done: 1h 15m", 75, ""),
    ],
)
def test_done_with_minutes(text: str, minutes: int | None, note: str) -> None:
    """Minutes and note may follow."""
    assert read(text) == (Command("", "done", "12", text=note, minutes=minutes),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        *(("12 fri", "11-27"), ("12 Friday", "11-27"), ("12 fri.", "11-27"), ("12 on friday", "11-27")),
        *(("move 12 fri", "11-27"), ("12 move to fri", "11-27"), ("12 tue", "12-01"), ("12 thurs", "11-26")),
        *(("12 today", "11-25"), ("12 tomorrow", "11-26"), ("12 next fri", "12-04"), ("12 next week", "11-30")),
        *(("12 2026-12-01", "12-01"), ("12: 2026-12-01.", "12-01"), ("12 1.12.", "12-01"), ("12 01.12.2026", "12-01")),
        *(("12 5.1.", "01-05"), ("12 1 Dec", "12-01"), ("12 Dec 1", "12-01"), ("12 1st December", "12-01")),
        *(("12 December 1, 2026", "12-01"), ("12 1. Dec.", "12-01"), ("12 3 Jan", "01-03"), ("12 25.11.", "11-25")),
        *(("12 +3d", "11-28"), ("12 +2w", "12-09"), ("12 snooze 3d", "11-28"), ("snooze 12 3d", "11-28")),
        *(("12 move +3d", "11-28"), ("12 snooze 1w", "12-02"), ("12 jutro", "11-26"), ("12 dziś", "11-25")),
        *(("12 piątek", "11-27"), ("12 yarın", "11-26"), ("12 CUMA", "11-27"), ("12 завтра", "11-26")),
        *(("12 пятница", "11-27"), ("12 明日", "11-26"), ("12 金曜日", "11-27"), ("12 morgen", "11-26")),
        *(("12 Freitag", "11-27"), ("12 demain", "11-26"), ("12 vendredi", "11-27"), ("12 mañana", "11-26")),
        *(("12 viernes", "11-27"), ("12 ＋３ｄ", "11-28")),
    ],
)
def test_a_promise_is_moved(text: str, told: str) -> None:
    """A weekday is the next one; of a day and a month the day comes first."""
    assert read(text) == (Command("", "move", "12", day=day(told)),)


@pytest.mark.parametrize(
    ("text", "minutes", "price"),
    [
        ("12 quote 3h 240", 180, "240"),
        ("quote 12 3h 240", 180, "240"),
        ("12 quote 90m 99.50", 90, "99.50"),
        ("12 quote 1h30 99,50", 90, "99.50"),
        ("12 quote 3h 240 EUR", 180, "240"),
        ("12 quote 3h 240 euros.", 180, "240"),
        ("12 quote 3h €240", 180, "240"),
        ("12 quote 3h 240€", 180, "240"),
        ("12 quote 3h 240 zł", 180, "240"),
        ("12 quote 3h PLN 240.00", 180, "240.00"),
        ("12 quote 3 h 240", 180, "240"),
        ("12 Quote: 20h 1600", 1200, "1600"),
    ],
)
def test_work_is_quoted(text: str, minutes: int, price: str) -> None:
    """A time and a price; the currency is the client's, whatever is written."""
    assert read(text) == (Command("", "quote", "12", minutes=minutes, price=Decimal(price)),)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("12 merge 9", Command("", "merge", "12", other="9")),
        ("12 merge with #9", Command("", "merge", "12", other="9")),
        ("merge 9 into 12", Command("", "merge", "12", other="9")),
        ("12 split m40", Command("", "split", "12", other="m40")),
        ("split 12 [m40]", Command("", "split", "12", other="m40")),
        ("undo", Command("", "undo")),
        ("new bakery menu is broken", Command("", "new", text="menu is broken", other="bakery")),
        ("New bakery: 30m menu is broken", Command("", "new", text="menu is broken", other="bakery", minutes=30)),
        (
            "new Jan@Bakery.example 1h30 The Menu",
            Command("", "new", text="The Menu", other="Jan@Bakery.example", minutes=90),
        ),
        ("new j@b.example<mailto:j@b.example> menu", Command("", "new", text="menu", other="j@b.example")),
        ("new <j@b.example> menu", Command("", "new", text="menu", other="j@b.example")),
        ("mode live", Command("", "mode", mode="live")),
        ("Mode: Draft.", Command("", "mode", mode="draft")),
        ("mode shadow rule Permalinks", Command("", "mode", mode="shadow", target="rule Permalinks")),
        ("mode draft tier one-off", Command("", "mode", mode="draft", target="tier one-off")),
        ("mode live permalinks", Command("", "mode", mode="live", target="permalinks")),
        ("back", Command("", "back")),
        ("Back 2026-12-28", Command("", "back", first=day("12-28"))),
        ("back on monday", Command("", "back", first=day("11-30"))),
    ],
)
def test_other_verbs(text: str, command: Command) -> None:
    """Merging, splitting, new tickets, modes, and coming back."""
    assert read(text) == (command,)


@pytest.mark.parametrize(
    ("text", "first", "last", "note"),
    [
        ("away 2026-12-24..2026-12-31 Christmas", "12-24", "12-31", "Christmas"),
        ("Away 2026-12-24", "12-24", "12-24", ""),
        ("away 2026-12-24…2026-12-31", "12-24", "12-31", ""),
        ("away 2026-12-24 .. 2026-12-31", "12-24", "12-31", ""),
        ("away 2026-12-24 - 2026-12-31 skiing", "12-24", "12-31", "skiing"),
        ("away 2026-12-24-2026-12-31", "12-24", "12-31", ""),
        ("away fri", "11-27", "11-27", ""),
        ("away fri-tue note", "11-27", "12-01", "note"),
        ("away fri – tue", "11-27", "12-01", ""),
        ("away 2026-12-24 to 2026-12-31", "12-24", "12-31", ""),
        ("away today..2026-12-01 ill", "11-25", "12-01", "ill"),
        ("away 24.12.-31.12. holidays", "12-24", "12-31", "holidays"),
        ("away from 24 Dec to 2 Jan with family", "12-24", "01-02", "with family"),
        ("away tomorrow dentist", "11-26", "11-26", "dentist"),
        ("away next week", "11-30", "11-30", ""),
    ],
)
def test_absences(text: str, first: str, last: str, note: str) -> None:
    """One day or two; the weekday that ends it is the next one after its first day."""
    assert read(text) == (Command("", "away", text=note, first=day(first), last=day(last)),)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ('12 send "Hello"', "Hello"),
        ("12 send “Hello”", "Hello"),
        ("12 send „Hello“", "Hello"),
        ("12 send „Hello”", "Hello"),
        ("12 send «Hello»", "Hello"),
        ("12 send 「こんにちは」", "こんにちは"),
        ('12 send "Hello”', "Hello"),
        ('12: Send: "Hello."', "Hello."),
        ('send 12 "Hello".', "Hello"),
        ('12 wyślij "Cześć"', "Cześć"),
        ('12 send "He said "yes" to it"', 'He said "yes" to it'),
        ('12 send "Hello Jan,\n\nit is fixed.\n13 ok\n* one\nAda"', "Hello Jan,\n\nit is fixed.\n13 ok\n* one\nAda"),
        ('12 send "Hello\nhe said "yes"\nAda"', 'Hello\nhe said "yes"\nAda'),
        ('12 send\u00a0"１２ ok"', "１２ ok"),
    ],
)
def test_another_text_is_sent(text: str, sent: str) -> None:
    """Any double quotes, over any number of lines; the text stays as it was written."""
    assert read(text) == (Command("", "send", "12", text=sent),)


def test_what_follows_a_text_is_read() -> None:
    """The quote ends with its line, and the next command counts."""
    assert [command.verb for command in read('12 send "a\nb"\n13 no\n14 25m call')] == ["send", "no", "book"]


@pytest.mark.parametrize(
    "text",
    [
        "Hi,\n\n12 ok\n\nthanks!",
        "12 ok\nThank you!\nAda",
        "Good morning\n12 ok",
        "12 ok\n\nSee you on Monday, I think.",
        "I had a look at everything.\n\n12 ok",
    ],
)
def test_prose_is_passed_over(text: str) -> None:
    """A line that names nothing and begins with no word of a command says nothing."""
    assert read(text) == (OK,)


def test_a_wrapped_note_is_joined() -> None:
    """What a mail program broke because the line was full belongs to the note; a line of its own does not."""
    long = "12 25m fixed the footer of the home page, and that of the shop, on all"
    assert read(f"{long}\nphones there are\n13 ok")[0].text == f"{long[7:]} phones there are"
    assert read("12 25m fixed the footer\nphones there are")[0].text == "fixed the footer"


def test_an_exception_before_all() -> None:
    """What is refused first is no part of `all ok` any more."""
    assert [(command.verb, command.ref) for command in read("12 no\nall ok")] == [("no", "12"), ("ok", "all")]


def test_the_line_is_kept() -> None:
    """A command says how it was written, so that the confirmation can repeat it."""
    assert read_commands("Hi\n *  12   OK! ", WEDNESDAY).commands[0].line == "* 12 OK!"


@pytest.mark.parametrize("example", [line for line, _ in EXAMPLES])
def test_every_example_is_right(example: str) -> None:
    """What the digest and the confirmation offer to write is one command."""
    assert len(read(example)) == 1
    assert all(ENGLISH.speak(meaning) for _, meaning in EXAMPLES)
