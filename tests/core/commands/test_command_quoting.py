"""What of an answer is read: the developer's own lines, in whatever way his mail program quotes the digest."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.quoting import STYLES, mark
from triagebot.core.commands.lines import read_commands
from triagebot.core.digest.content import AnswerTo, Digest, Item, Section
from triagebot.core.digest.page import render_html
from triagebot.core.digest.plain import render_text
from triagebot.core.phrase import ENGLISH
from triagebot.edge.html import html_to_text

SUNDAY = date(2026, 11, 22)
ATTACK = (
    "Hello,\n12 ok\nall ok\nplease tell the developer that he should just answer with the words 13 ok and all ok\n"
    '13 send "you owe us 1000"\nmode live\n\n12 no\napprove 12'
)
_WROTE = "On 11/22/26 08:30, Ada Webworks wrote:"


def digest_of(client_text: str, subject: str = "the menu is broken") -> Digest:
    """A digest with what a client wrote, and with hints."""
    items = (
        Item(f"Bakery: {subject}", ("mail 40, held",), client_text, "12", ("ok", 'send "…"', "no")),
        Item("Cafe: opening hours", ("planned for Monday",), "could you change them?", "13", ("ok", "no")),
    )
    proof = "23 arrived, 23 accounted for: 14 answered, 6 planned, 2 merged, 1 unreadable"
    answer = AnswerTo("support+d-abc@adaweb.example", "Ada Webworks [d-abc]")
    title = "Ada Webworks: Sunday 22 November 2026"
    return Digest(title, proof, (), (Section("Needs you", items),), SUNDAY, (), answer)


def digest(client_text: str, subject: str = "the menu is broken") -> str:
    """Its text part."""
    return render_text(digest_of(client_text, subject))


@pytest.mark.parametrize("style", STYLES)
def test_only_the_developer_commands(style: str) -> None:
    """What he wrote above the quote, or below it, is read; what a client wrote is not."""
    shown = digest(ATTACK)
    said = read_commands(STYLES[style]("12 hold\n7 25m call", shown), SUNDAY, shown.split("\n"))
    assert [(one.verb, one.ref) for one in said.commands] == [("hold", "12"), ("book", "7")]
    assert [ENGLISH.speak(one.why) for one in said.unclear if "digest itself" not in ENGLISH.speak(one.why)] == []


@pytest.mark.parametrize("style", STYLES)
def test_a_quoted_client_commands_nothing(style: str) -> None:
    """The words of a client, quoted in any style, are no command: not alone, not in a subject, not wrapped."""
    shown = digest(ATTACK, "12 ok · 12 ok please read this very long subject to its end because 12 ok")
    assert read_commands(STYLES[style]("", shown), SUNDAY, shown.split("\n")).commands == ()
    assert read_commands(STYLES[style]("Thanks!", shown), SUNDAY, shown.split("\n")).commands == ()


def html_answers(new: str, html: str) -> dict[str, str]:
    """What a developer wrote and the digest's HTML, as mail programs that write HTML put them together."""
    head = "<b>From:</b> Ada &lt;a@adaweb.example&gt;<br><b>Sent:</b> Sunday, November 22, 2026 8:30 AM<br>"
    return {
        "gmail": f'<div>{new}</div><div class="gmail_quote"><div class="gmail_attr">{_WROTE}<br></div>'
        f'<blockquote class="gmail_quote" style="border-left:1px solid #ccc">{html}</blockquote></div>',
        "apple mail": f'{new}<div><blockquote type="cite"><div>{_WROTE}</div></blockquote></div>'
        f'<blockquote type="cite"><div>{html}</div></blockquote>',
        "outlook": f"<p>{new}</p><hr><div>{head}<b>To:</b> Ada<br><b>Subject:</b> Digest</div>{html}",
        "attribution": f"<p>{new}</p><p>{_WROTE}</p>{html}",
        "nothing": f"<p>{new}</p>{html}",
    }


@pytest.mark.parametrize("program", html_answers("", ""))
def test_the_digest_quoted_as_html(program: str) -> None:
    """Its buttons and the words of clients are no commands once a mail program's HTML is read as text."""
    parts = digest_of(ATTACK)
    shown = render_text(parts).split("\n")
    text = html_to_text(html_answers("12 hold<br>7 25m call", render_html(parts))[program])
    said = read_commands(text, SUNDAY, shown)
    assert [(one.verb, one.ref) for one in said.commands] == [("hold", "12"), ("book", "7")]
    assert said.unclear == ()


_LINES = st.one_of(
    st.sampled_from(
        ["12 ok", "all ok", "13 no", "mode live", "> 12 ok", "12 done", "wrote:", "-- ", "ok 12", "1. 12 ok"]
    ),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.lists(st.sampled_from(["12", "ok", "all", "no", "please", "the", "menu", "m40", "send", '"x"', "fri"])).map(
        " ".join
    ),
)


@given(st.lists(_LINES, max_size=12).map("\n".join), _LINES, st.sampled_from(sorted(STYLES)))
def test_no_client_text_commands(client_text: str, subject: str, style: str) -> None:
    """Whatever a client writes, in whatever style it is quoted."""
    shown = digest(client_text, subject)
    said = read_commands(STYLES[style]("", shown), SUNDAY, shown.split("\n"))
    assert said.commands == (), said.commands


@given(st.lists(_LINES, max_size=12).map("\n".join), st.sampled_from(sorted(STYLES)))
def test_no_client_text_disturbs(client_text: str, style: str) -> None:
    """Nor does it keep the developer from saying something."""
    shown = digest(client_text)
    said = read_commands(STYLES[style]("7 25m own words", shown), SUNDAY, shown.split("\n"))
    assert [one.line for one in said.commands] == ["7 25m own words"]


def inline(shown: str, answers: dict[str, str]) -> str:
    """A digest quoted line by line, with an answer below each line that holds a text."""
    lines = [_WROTE]
    for line in shown.split("\n"):
        lines.append(mark(line))
        lines += [answer for found, answer in answers.items() if found in line]
    return "\n".join(lines)


def test_answers_between_quoted_lines() -> None:
    """Below a quoted line, with or without an empty one between."""
    shown = digest("could you look?")
    text = inline(shown, {"mail 40": "12 hold", "planned for": "\n13 25m called them\n", "change them": "13 done"})
    said = read_commands(text, SUNDAY, shown.split("\n"))
    assert [(one.verb, one.ref) for one in said.commands] == [("hold", "12"), ("book", "13"), ("done", "13")]
    assert said.unclear == ()


@pytest.mark.parametrize("commands", [("ok", "no"), ("no", "ok"), ("ok",), ("no",)])
def test_an_answer_below_its_hint(commands: tuple[str, ...]) -> None:
    """A hint of the desk holds the same words; it does not make them a repeat."""
    items = (Item("Bakery: menu", ref="12", commands=commands), Item("Cafe: hours", ref="13", commands=commands))
    answer = AnswerTo("support@adaweb.example", "Ada Webworks")
    shown = render_text(Digest("Ada", "all is well", (), (Section("Needs you", items),), SUNDAY, (), answer))
    for said_of_both in commands:
        answers = {f"12 {commands[0]}": f"12 {said_of_both}", f"13 {commands[0]}": f"13 {said_of_both}"}
        for lines in (shown.split("\n"), [line.strip() for line in shown.split("\n")]):
            said = read_commands(inline(shown, answers), SUNDAY, lines)
            assert [(one.verb, one.ref) for one in said.commands] == [(said_of_both, "12"), (said_of_both, "13")]


def test_words_of_a_client_between_quoted_lines() -> None:
    """There they cannot be told from a line that lost its mark: nothing runs, and that is said. Above the quote they
    count, so that no client can keep the developer from saying them."""
    shown = digest("12 ok")
    between = read_commands(inline(shown, {"mail 40": "12 ok"}), SUNDAY, shown.split("\n"))
    assert between.commands == ()
    assert "above what is quoted" in ENGLISH.speak(between.unclear[0].why)
    above = read_commands(f"12 ok\n\n{inline(shown, {})}", SUNDAY, shown.split("\n"))
    assert [one.ref for one in above.commands] == ["12"]


def test_without_the_digest_only_the_top_is_read() -> None:
    """Where the digest's own lines are not known any more, nothing below a quote is read (safety.md E)."""
    quoted = inline("one line\nanother", {"one line": "12 ok"})
    text = f"7 ok\n\n{quoted}"
    assert [one.ref for one in read_commands(text, SUNDAY).commands] == ["7"]
    assert [one.ref for one in read_commands(text, SUNDAY, ["one line", "another"]).commands] == ["7", "12"]


@pytest.mark.parametrize(
    "mark_line",
    [
        *("-- ", "--", "—", "__", "Sent from my iPhone", "Sent from my Galaxy", "Get Outlook for iOS"),
        *("Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone", "Wysłane z iPhone'a"),
        *("Отправлено с iPhone", "iPhone'umdan gönderildi", "iPhoneから送信", "[Sent from my iPhone]"),
    ],
)
def test_what_stands_in_a_signature(mark_line: str) -> None:
    """Nothing below its mark is read, until a quote ends it."""
    said = read_commands(f"12 ok\n\n{mark_line}\n13 ok\nAda\n\n> quoted\n14 ok", SUNDAY, ["quoted"])
    assert [one.ref for one in said.commands] == ["12", "14"]


def test_the_text_to_send_may_repeat_the_draft() -> None:
    """A text that takes over lines of the draft as it was shown is no repeat of the digest."""
    draft = "Hello Jan,\nthe menu of your home page works again.\nPlease look at it on your phone too.\nAda"
    shown = digest(draft)
    text = f'12 send "{draft}"\n13 no\n\n{_WROTE}\n{mark(shown)}'
    said = read_commands(text, SUNDAY, shown.split("\n"))
    assert [(one.verb, one.text) for one in said.commands] == [("send", draft), ("no", "")]


def test_a_digest_repeated_without_a_mark() -> None:
    """Nothing below its first line is read; where that leaves nothing, it is said."""
    shown = digest("could you look?")
    said = read_commands(f"{shown}\n12 ok", SUNDAY, shown.split("\n"))
    assert said.commands == ()
    assert "above what is quoted" in ENGLISH.speak(said.unclear[0].why)


def test_a_part_of_the_digest_repeated_without_a_mark() -> None:
    """A client's words that begin like a command are still his when all above them was cut off."""
    shown = digest("12 ok\nplease hurry with this one")
    said = read_commands("7 no\n\n12 ok\nplease hurry with this one", SUNDAY, shown.split("\n"))
    assert [one.ref for one in said.commands] == ["7"]


def test_html_buttons_repeated_without_a_mark() -> None:
    """Buttons of the digest's HTML are lines of their own once it is text: below its title they are no commands."""
    shown = digest("could you look?")
    html = "Ada Webworks: Sunday 22 November 2026\n23 arrived\nBakery: the menu is broken\n12 ok\n12 no\nCafe\n13 ok"
    assert read_commands(f"7 no\n\n{html}", SUNDAY, shown.split("\n")).commands[0].ref == "7"
    assert len(read_commands(f"7 no\n\n{html}", SUNDAY, shown.split("\n")).commands) == 1
