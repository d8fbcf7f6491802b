"""A price is told, agreed to, declined, expires: whole mails through the whole decision, with the starter's words."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.app.desks import PLAN, Account, LiveDesk, client
from tests.app.digests import show_digest
from tests.app.quick_desks import DAY, HOUR, MINUTE, NOW, SUPPORT, QuickDesk, header, open_desk, write
from triagebot.app.tickets.offers import expire_offers, quote_ticket
from triagebot.core.errors import StoreError
from triagebot.core.outgoing.compose import plain_text
from triagebot.core.phrase import ENGLISH
from triagebot.edge.wording import say_date, say_money

STARTER = Path(__file__).parents[3] / "replies"
MIA, TOM, JAN, KIM = "mia@cafe.test", "tom@cafe.test", "jan@bakery.test", "kim@kiosk.test"
RULES = """
[[rule]]
id = "change"
reason = "work/small-change"
kind = "work"
any = ["please change", "proszę zmienić", "lütfen değiştirin", "поменяйте", "変更してください"]
minutes = 30
[[rule]]
id = "typo"
reason = "work/typo"
kind = "work"
any = ["typo"]
minutes = 15
[[rule]]
id = "broken"
reason = "fault/layout"
kind = "work"
any = ["looks broken"]
minutes = 60
[[rule]]
id = "redesign"
reason = "project/redesign"
kind = "project"
any = ["redesign"]
[[rule]]
id = "down"
reason = "site/down"
kind = "emergency"
any = ["site is down"]
[[rule]]
id = "thanks"
reason = "desk/thanks"
kind = "thanks"
any = ["thank*", "dzięk*"]
"""
REQUESTS = {
    "en": "Please change the phone number in the footer of our contact page, it is an old one.",
    "pl": "Proszę zmienić numer telefonu w stopce strony kontaktowej, obecny jest nieaktualny.",
    "tr": "Lütfen değiştirin, iletişim sayfasının altındaki telefon numarası artık geçerli değil.",
    "ru": "Пожалуйста, поменяйте номер телефона внизу страницы контактов, он уже старый.",
    "ja": "お問い合わせページの下にある電話番号が古いので、新しいものに変更してください。",
}
YES = {
    "en": "Yes, please.",
    "pl": "Tak, proszę.",
    "tr": "Evet, lütfen.",
    "ru": "Да, пожалуйста.",
    "ja": "はい、お願いします。",
}
NO = {
    "en": "No, thank you.",
    "pl": "Nie, dziękuję.",
    "tr": "Hayır, teşekkürler.",
    "ru": "Нет, спасибо.",
    "ja": "いいえ、結構です。",
}
BUT = {
    "en": "Yes, but please also change the logo.",
    "pl": "Tak, ale proszę najpierw zmienić logo.",
    "tr": "Evet ama önce logoyu değiştirin.",
    "ru": "Да, но сначала поменяйте логотип.",
    "ja": "はい、ただし金曜日までにお願いします。",
}
ASKS = {
    "en": "When would it be ready?",
    "pl": "Ile to potrwa?",
    "tr": "Ne zaman biter?",
    "ru": "А когда будет готово?",
    "ja": "いつできますか？",
}
CLIENTS = (
    PLAN
    + client("cafe", MIA, "one-off", 'domains = ["cafe.test"]\ndelivered = 2026-10-25\nwarranty_days = 30\n')
    + client("kiosk", KIM)
    + client("bakery", JAN, "retainer", "since = 2026-01-01\n")
)


@contextmanager
def offering(
    directory: Path, courtesy: int = 0, mode: str = "live", booking: str = 'rate = "80"'
) -> Iterator[QuickDesk]:
    """Given a new directory, open a desk in Warsaw with the starter's texts that sells work by the hour."""
    more = f"\n[booking]\n{booking}\n[courtesy]\nminutes = {courtesy}\n{CLIENTS}"
    live = LiveDesk(
        directory, Account(SUPPORT, "unused", 1, 1), mode=mode, settings='timezone = "Europe/Warsaw"\n', more=more
    )
    shutil.rmtree(directory / "replies")
    shutil.copytree(STARTER, directory / "replies")
    (directory / "rules" / "10-small.toml").write_text(RULES, "utf-8")
    with open_desk(live.config) as desk:
        yield desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk without courtesies."""
    with offering(tmp_path) as opened:
        yield opened


def ask(desk: QuickDesk, text: str = REQUESTS["en"], who: str = MIA, at: datetime = NOW) -> bytes:
    """Given a request, let it arrive; return the answer that told the price."""
    desk.receive(write(who, "Our contact page", text), at)
    return desk.sent()[-1]


def answer(told: bytes, text: str, who: str = MIA, *headers: str, subject: str = "Re: Our contact page") -> bytes:
    """Given a mail of ours and the words of its answer, return that answer."""
    return write(who, subject, text, f"In-Reply-To: {header(told, 'Message-ID')}", *headers)


def ticket(desk: QuickDesk, number: int = 1) -> dict[str, Any]:
    """Return what is written about a ticket that matters here."""
    names = "state, promise, price_low, price_high, currency, billing, closed_as, expires_at, minutes, price_fixed"
    (row,) = desk.rows(f"SELECT {names} FROM ticket WHERE id = ?", number)
    return dict(zip(names.split(", "), row, strict=True))


def held(desk: QuickDesk, now: datetime = NOW) -> int:
    """Return the minutes that the first ticket holds in the hours from a moment on."""
    sql = "SELECT coalesce(sum(minutes), 0) FROM slot WHERE ticket = 1 AND day >= ?"
    return int(desk.rows(sql, str(now.date()))[0][0])


def language_of(raw: bytes) -> str:
    """Return the language a mail of ours says it is in."""
    return header(raw, "Content-Language")


@pytest.mark.parametrize("language", REQUESTS)
def test_yes_is_confirmed_once_with_the_date_and_price_told(desk: QuickDesk, language: str) -> None:
    """In each language: the ticket is planned, its date and time stay, and the second yes gets nothing."""
    told = ask(desk, REQUESTS[language])
    before, minutes = ticket(desk), held(desk)
    assert (before["state"], before["price_low"], before["price_high"], before["currency"]) == (
        *("waiting-client", "40", "60", "EUR"),
    )
    decision = desk.receive(answer(told, YES[language]), NOW + HOUR)
    assert (decision.state, ticket(desk)["state"]) == ("planned", "planned")
    assert (ticket(desk)["promise"], held(desk)) == (before["promise"], minutes)
    _, confirmed = desk.sent()
    spoken = "pl" if language == "pl" else "en"
    assert language_of(confirmed) == language_of(told) == spoken
    for raw in (told, confirmed):
        words = plain_text(raw).replace("*", "")
        assert say_date(date.fromisoformat(before["promise"]), spoken) in words
        assert say_money(Decimal(40), "EUR", spoken) in words
        assert say_money(Decimal(60), "EUR", spoken) in words
    assert header(confirmed, "Auto-Submitted") == "auto-replied"
    again = desk.receive(answer(confirmed, YES[language] + "\n\n"), NOW + 2 * HOUR)
    assert (again.state, again.reply, len(desk.sent())) == ("merged", None, 2)
    assert ticket(desk)["state"] == "planned"


@pytest.mark.parametrize("language", REQUESTS)
def test_no_ends_it_with_one_polite_mail(desk: QuickDesk, language: str) -> None:
    """In each language: closed as declined, its time is free again, and the second no gets nothing."""
    told = ask(desk, REQUESTS[language])
    assert held(desk) > 0
    decision = desk.receive(answer(told, NO[language]), NOW + HOUR)
    assert (decision.state, ticket(desk)["state"], ticket(desk)["closed_as"]) == ("answered", "closed", "declined")
    assert held(desk) == 0
    assert ("Nothing happens" in plain_text(desk.sent()[1])) == (language != "pl")
    again = desk.receive(answer(desk.sent()[1], NO[language] + " "), NOW + 2 * HOUR)
    assert (again.state, len(desk.sent())) == ("merged", 2)


@pytest.mark.parametrize("language", REQUESTS)
@pytest.mark.parametrize("words", [BUT, ASKS], ids=["but", "question"])
def test_more_than_yes_or_no_is_for_the_developer(desk: QuickDesk, language: str, words: dict[str, str]) -> None:
    """In each language: nothing automatic, the ticket is the developer's, its time stays held, and a later bare yes
    agrees to nothing by itself."""
    told = ask(desk, REQUESTS[language])
    decision = desk.receive(answer(told, words[language]), NOW + HOUR)
    assert (decision.state, decision.reply, ticket(desk)["state"]) == ("held", None, "new")
    assert "price told was 40 to 60 EUR" in desk.rows("SELECT why FROM event ORDER BY id DESC")[0][0]
    told_to_ada = show_digest(desk.store, desk.snapshot, NOW + 2 * HOUR, NOW - DAY)
    assert words[language] in told_to_ada.partition("Needs you")[2]
    assert "ticket 1, price told was 40 to 60 EUR" in told_to_ada
    assert held(desk) > 0
    later = desk.receive(answer(told, YES[language]), NOW + 2 * HOUR)
    assert (later.state, ticket(desk)["state"], len(desk.sent())) == ("held", "new", 1)


def test_a_yes_above_the_quoted_mail_and_a_signature(desk: QuickDesk) -> None:
    """What programs put around a yes makes it no other word."""
    told = ask(desk)
    quoted = "\n".join(f"> {line}" for line in plain_text(told).splitlines())
    sign = "Best regards\nMia Kowalska\n\n-- \nCafe Central, 12 Long Street\n+48 555 0100"
    text = f"Hello,\n\nyes, please go ahead.\n\n{sign}\n\nOn Tue, 24 Nov 2026, Desk <{SUPPORT}> wrote:\n{quoted}"
    assert desk.receive(answer(told, text), NOW + HOUR).state == "planned"
    assert ticket(desk)["state"] == "planned"


def test_a_yes_in_the_first_minute_is_no_loop(desk: QuickDesk) -> None:
    """Who agrees at once is a person all the same."""
    told = ask(desk)
    assert desk.receive(answer(told, "Yes"), NOW + 20 * timedelta(seconds=1)).state == "planned"
    assert len(desk.sent()) == 2


def test_the_caps_do_not_stop_a_confirmation(desk: QuickDesk) -> None:
    """Five mails a day are for questions: a yes to each of six estimates is confirmed."""
    for number in range(6):
        desk.rows("DELETE FROM counter")
        with desk.store.transaction():
            desk.store._connection.execute("UPDATE outbox SET created_at = '2026-01-01' WHERE class = 'auto'")
        told = ask(desk, f"Please change picture {number * 'of our garden '} number {number}.", at=NOW + number * HOUR)
        with desk.store.transaction():
            desk.store._connection.execute("UPDATE outbox SET created_at = ?", ((NOW + number * HOUR).isoformat(),))
        desk.receive(answer(told, f"Yes{'!' * number}"), NOW + number * HOUR + 5 * MINUTE)
    states = [state for (state,) in desk.rows("SELECT state FROM ticket ORDER BY id")]
    assert states == ["planned"] * len(states)


@pytest.mark.parametrize(("who", "auth"), [(TOM, "pass"), (JAN, "pass"), ("sam@elsewhere.test", "pass"), (MIA, "fail")])
def test_a_yes_of_anybody_else_or_forged_is_held(desk: QuickDesk, who: str, auth: Any) -> None:
    """A colleague in Cc, another client, a stranger, a forger (dmarc=fail): a person reads it, nothing is agreed to."""
    told = ask(desk)
    for text in ("Yes", "No"):
        decision = desk.receive(answer(told, text, who), NOW + HOUR, auth)
        assert (decision.state, decision.reply, ticket(desk)["state"]) == ("held", None, "waiting-client")
    assert len(desk.sent()) == 1


def test_a_yes_in_a_new_thread_is_a_proposal(desk: QuickDesk) -> None:
    """With one open estimate the developer is told which one may be meant; nothing is agreed to by itself. A subject
    that looks like ours is no proof."""
    ask(desk)
    for subject in ("Okay", "Re: Our contact page"):
        decision = desk.receive(write(MIA, subject, f"Yes {'!' * len(subject)}"), NOW + HOUR)
        assert (decision.state, decision.joins, decision.reply) == ("held", 1, None)
    assert ticket(desk)["state"] == "waiting-client"
    told = show_digest(desk.store, desk.snapshot, NOW + 2 * HOUR, NOW - DAY)
    assert "it may be meant for ticket 1, the one that waits for it" in told
    assert "    | Yes !!!!" in told


def test_of_several_estimates_the_thread_decides(desk: QuickDesk) -> None:
    """The mail that is answered says which one is meant, in one thread too."""
    first = ask(desk)
    desk.receive(write(MIA, "Menu", "There is a typo on the menu page"), NOW + 25 * HOUR)
    second = desk.sent()[-1]
    assert second != first
    desk.receive(answer(second, "Yes", subject="Re: Menu"), NOW + 26 * HOUR)
    assert [ticket(desk, number)["state"] for number in (1, 2)] == ["waiting-client", "planned"]
    desk.receive(answer(first, "No"), NOW + 26 * HOUR)
    assert [ticket(desk, number)["state"] for number in (1, 2)] == ["closed", "planned"]


def test_an_emergency_in_the_thread_is_no_answer_to_the_price(desk: QuickDesk) -> None:
    """What broke meanwhile is a matter of its own."""
    told = ask(desk)
    desk.receive(answer(told, "Oh no, now the site is down!"), NOW + HOUR)
    assert ticket(desk)["state"] == "waiting-client"
    assert desk.rows("SELECT kind FROM ticket WHERE id = 2") == [("emergency",)]


def test_thanks_for_the_estimate_and_after_the_yes_change_nothing(desk: QuickDesk) -> None:
    """Politeness neither agrees nor ends anything."""
    told = ask(desk)
    desk.receive(answer(told, "Thank you for the estimate"), NOW + HOUR)
    assert ticket(desk)["state"] == "waiting-client"
    desk.receive(answer(told, "Yes"), NOW + 2 * HOUR)
    desk.receive(answer(desk.sent()[-1], "Thanks, great!"), NOW + 3 * HOUR)
    assert ticket(desk)["state"] == "planned"


def test_a_date_that_is_past_is_told_anew(desk: QuickDesk) -> None:
    """A yes after the held date gets one that can be kept, and the confirmation tells it."""
    told = ask(desk)
    promise = date.fromisoformat(ticket(desk)["promise"])
    late = datetime.combine(promise, datetime.min.time(), tzinfo=UTC) + DAY
    assert late < datetime.fromisoformat(ticket(desk)["expires_at"])
    desk.receive(answer(told, "Yes"), late)
    new = date.fromisoformat(ticket(desk)["promise"])
    assert new > late.date()
    assert say_date(new, "en") in plain_text(desk.sent()[-1])
    assert say_date(promise, "en") not in plain_text(desk.sent()[-1])


def send_all(desk: QuickDesk, state: str = "sent") -> None:
    """Put what waits into a state, as the server would."""
    with desk.store.transaction():
        desk.store._connection.execute("UPDATE outbox SET state = ? WHERE state = 'queued'", (state,))


def expire(desk: QuickDesk, now: datetime) -> int:
    """Let the night's work be done at a moment; return how many offers ended."""
    with desk.store.transaction():
        return expire_offers(desk.store, desk.snapshot, desk.key, now)


def test_an_estimate_nobody_answers_ends_with_a_draft(desk: QuickDesk) -> None:
    """On the last day it holds, after it it is closed, its time free, one polite mail in Drafts; a yes after that is
    for the developer, who is told the price. Whatever comes then, the desk sends nothing more."""
    told = ask(desk)
    send_all(desk)
    ends = datetime.fromisoformat(ticket(desk)["expires_at"])
    assert ends == datetime(2026, 12, 8, 23, 0, tzinfo=UTC)  # the end of the fourteenth day in Warsaw
    assert expire(desk, ends - timedelta(seconds=1)) == 0
    assert (expire(desk, ends), expire(desk, ends + DAY)) == (1, 0)
    assert (ticket(desk)["state"], ticket(desk)["closed_as"], held(desk, ends)) == ("closed", "expired", 0)
    ((mode, state, recipient, parent),) = desk.rows(
        "SELECT mode, state, recipient, id FROM outbox WHERE answers = 'expired'"
    )
    assert (mode, state, recipient) == ("draft", "draft", MIA)
    mail = desk.store.outbox.raw(parent)
    assert header(mail, "In-Reply-To") == header(told, "Message-ID")
    assert header(mail, "Auto-Submitted") == ""
    assert "€40.00 to €60.00" in plain_text(mail)
    decision = desk.receive(answer(told, "Yes please"), ends + 2 * DAY)
    assert (decision.state, decision.reply) == ("held", None)
    assert (ticket(desk)["state"], ticket(desk)["price_high"], ticket(desk)["closed_as"]) == ("new", "60", None)
    why = desk.rows("SELECT why FROM event ORDER BY id DESC")[0][0]
    assert why == "the client says yes; price told was 40 to 60 EUR, it had expired"


def test_an_estimate_that_never_left_does_not_expire_behind_the_developers_back(desk: QuickDesk) -> None:
    """A draft nobody sent, a mail that failed: the developer's turn, and no word to the client."""
    ask(desk)
    send_all(desk, "drafted")
    assert expire(desk, NOW + 15 * DAY) == 1
    assert (ticket(desk)["state"], len(desk.rows("SELECT id FROM outbox"))) == ("new", 1)


def test_in_shadow_an_expired_estimate_just_ends(tmp_path: Path) -> None:
    """What was only rehearsed is told to nobody; a yes to it is none."""
    with offering(tmp_path, mode="shadow") as desk:
        desk.receive(write(MIA, "Our contact page", REQUESTS["en"]), NOW)
        (first,) = desk.rows("SELECT message_id FROM mail")[0]
        desk.receive(write(MIA, "Re: Our contact page", "Yes", f"In-Reply-To: {first}"), NOW + HOUR)
        assert ticket(desk)["state"] == "waiting-client"
        expire(desk, NOW + 15 * DAY)
        assert (ticket(desk)["closed_as"], len(desk.rows("SELECT id FROM outbox"))) == ("expired", 1)


def test_a_quote_is_a_price_that_is_kept(desk: QuickDesk) -> None:
    """A project gets no number by itself; the developer's quote waits in Drafts, is agreed to like an estimate, and a
    second one takes the first one's place."""
    told = ask(desk, "We want a redesign of everything.")
    assert ticket(desk)["price_high"] is None
    send_all(desk)
    for price in ("250", "240"):
        with desk.store.transaction():
            said = quote_ticket(desk.store, desk.snapshot, desk.key, 1, 180, Decimal(price), NOW + DAY)
    assert ENGLISH.speak(said.sentence).startswith(
        "Ticket 1: 180 minutes for 240.00 EUR until Wednesday 9 December 2026"
    )
    state = ticket(desk)
    assert (state["state"], state["price_high"], state["price_fixed"], state["minutes"]) == (
        "waiting-client",
        "240.00",
        1,
        180,
    )
    rows = desk.rows("SELECT id, state, mode FROM outbox WHERE answers = 'quote' ORDER BY id")
    assert [row[1:] for row in rows] == [("dropped", "draft"), ("draft", "draft")]
    quote = desk.store.outbox.raw(rows[1][0])
    assert header(quote, "In-Reply-To") == header(told, "Message-ID")
    assert "€240.00" in plain_text(quote)
    assert desk.receive(answer(quote, "Yes, please"), NOW + 2 * DAY).state == "planned"
    assert "€240.00" in plain_text(desk.sent()[-1])
    assert held(desk, NOW + 3 * DAY) == 180  # that day's hour has begun, so all of it is to come


def test_what_cannot_be_quoted_is_refused(desk: QuickDesk) -> None:
    """A ticket that is not there, is over, or a price of nothing: one sentence each, and nothing changes."""
    ask(desk)
    wrong = [(9, 60, "80", "no ticket 9"), (1, 0, "80", "above zero"), (1, 60, "0", "above zero")]
    for number, minutes, price, words in wrong:
        with pytest.raises(StoreError, match=words), desk.store.transaction():
            quote_ticket(desk.store, desk.snapshot, desk.key, number, minutes, Decimal(price), NOW)
    desk.receive(answer(desk.sent()[0], "No"), NOW + HOUR)
    with pytest.raises(StoreError, match="is closed"), desk.store.transaction():
        quote_ticket(desk.store, desk.snapshot, desk.key, 1, 60, Decimal(80), NOW + HOUR)
    assert ticket(desk)["price_high"] == "60"


def test_without_a_price_of_an_hour_a_yes_is_still_one(tmp_path: Path) -> None:
    """Nothing is told that is not known, and the work is planned."""
    with offering(tmp_path, booking="") as desk:
        told = ask(desk)
        desk.receive(answer(told, "Yes"), NOW + HOUR)
        assert (ticket(desk)["state"], ticket(desk)["price_high"]) == ("planned", None)


def test_yen_have_no_cents(tmp_path: Path) -> None:
    """A currency without coins is told and kept in whole units."""
    with offering(tmp_path, booking='rate = "9555"\ncurrency = "JPY"') as desk:
        told = ask(desk)
        assert (ticket(desk)["price_low"], ticket(desk)["price_high"]) == ("4778", "7167")
        assert "¥4,778" in plain_text(told)


def test_the_first_small_fix_is_a_gift_once(tmp_path: Path) -> None:
    """Planned without a yes and said so; the next one, even at the same moment, has a price; a larger one always."""
    with offering(tmp_path, courtesy=20) as desk:
        texts = ("There is a typo on our page", "Another typo, in the price list of cakes")
        for text in texts:
            desk.receive(write(KIM, text[:20], text), NOW)
        desk.receive(write(KIM, "More", "Please change everything on the page"), NOW + 2 * DAY)
        rows = desk.rows("SELECT state, billing, price_high FROM ticket ORDER BY id")
        assert rows == [("planned", "courtesy", None), ("waiting-client", None, "40"), ("waiting-client", None, "60")]
        assert "done once as a courtesy" in plain_text(desk.sent()[0])
        assert "YES" not in plain_text(desk.sent()[0])
        assert ticket(desk)["promise"] is not None
        desk.receive(write(KIM, "Again", "One more typo in the imprint, after years"), NOW + 700 * DAY)
        assert desk.rows("SELECT count(*) FROM ticket WHERE billing = 'courtesy'") == [(1,)]


def test_no_gift_to_a_retainer_a_stranger_or_without_a_word(tmp_path: Path) -> None:
    """Who pays for minutes uses them; who is unknown, or cannot be told, gets no gift."""
    with offering(tmp_path, courtesy=20) as desk:
        for who in (JAN, "sam@elsewhere.test"):
            desk.receive(write(who, "Typo", "There is a typo on our page"), NOW)
        desk.receive(
            write(MIA, "Typo", "There is a typo on our page", "Cc: " + ", ".join(f"p{n}@cafe.test" for n in range(11))),
            NOW,
        )
        assert desk.rows("SELECT billing FROM ticket") == [(None,)] * len(desk.rows("SELECT id FROM ticket"))


@pytest.mark.parametrize(
    ("at", "billing"),
    [
        (datetime(2026, 10, 26, 9, tzinfo=UTC), "warranty"),
        (datetime(2026, 11, 24, 22, 59, 59, tzinfo=UTC), "warranty"),  # the last day, in Warsaw
        (datetime(2026, 11, 24, 23, 0, 1, tzinfo=UTC), None),  # midnight there
    ],
)
def test_a_fault_within_the_warranty_costs_nothing(desk: QuickDesk, at: datetime, billing: str | None) -> None:
    """Delivered on 25 October with 30 days: taken without a price and said so, the last day of the zone included."""
    desk.rows("UPDATE inbox SET first_start = '2026-01-01T00:00:00.000000+00:00'")
    desk.receive(write(MIA, "Help", "The start page looks broken"), at)
    assert (ticket(desk)["billing"], ticket(desk)["price_high"]) == (billing, None if billing else "120")
    assert ticket(desk)["state"] == ("planned" if billing else "waiting-client")
    assert ("warranty" in plain_text(desk.sent()[0])) == bool(billing)


def test_a_wish_is_no_fault(desk: QuickDesk) -> None:
    """Within the warranty only what is broken is free, not what is asked for in the same mail."""
    desk.receive(write(MIA, "Help", "The page looks broken. And please change the logo."), NOW)
    assert (ticket(desk)["billing"], ticket(desk)["state"]) == (None, "waiting-client")


def test_a_missing_text_leaves_the_yes_to_the_developer(desk: QuickDesk) -> None:
    """No confirmation, no agreement: the mail is held and the ticket is the developer's."""
    del desk.snapshot.replies.files["en", "accepted"]
    told = ask(desk)
    decision = desk.receive(answer(told, "Yes"), NOW + HOUR)
    assert (decision.state, ticket(desk)["state"], len(desk.sent())) == ("held", "new", 1)
