"""The digest in the developer's language: plural forms, dates and money of real rows, in the mail as it leaves."""

from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.app.answered_desks import CLIENTS, answer, ask_for_work, digest_id, send_digest, write_answer
from tests.app.quick_desks import DAY, MINUTE, NOW, SECOND, QuickDesk, quick_desk, write
from triagebot.app.digest.gather import gather_digest
from triagebot.app.digest.send import put_digest_into_outbox
from triagebot.app.digest.voice import make_voice, voice_of
from triagebot.core.outgoing.compose import plain_text
from triagebot.core.phrase import Money, say

PLAIN = {
    "pl": ("Przyszła 1 wiadomość, 1 rozliczona", "wtorek, 24 listopada 2026", "Czeka na Ciebie"),
    "ja": ("メール1通を受信、1通を処理済み", "2026年11月24日火曜日", "対応が必要"),
    "ru": ("Пришло 1 письмо, учтено 1", "вторник, 24 ноября 2026", "Требует вас"),
    "tr": ("1 e-posta geldi, 1 tanesi hesapta", "24 Kasım 2026 Salı", "Sizi bekleyenler"),
}
"""How the proof begins, the day and the heading of what needs the developer."""


def mailed_digest(desk: QuickDesk) -> EmailMessage:
    """Given a desk, send its digest and return the mail."""
    with desk.store.transaction():
        digest = gather_digest(desk.store, desk.snapshot, NOW, NOW - DAY)
        put_digest_into_outbox(desk.store, digest, desk.snapshot, desk.key, NOW, "today")
    return message_from_bytes(desk.sent("digest")[-1], policy=policy.default)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """Given a mail and the kind of a part, return its text without line breaks."""
    part = mail.get_body((kind,))
    assert part is not None
    return " ".join(part.get_content().replace("\xa0", " ").replace("\u202f", " ").split())


def receive_strangers(desk: QuickDesk, number: int) -> None:
    """Given a desk and a number, let so many mails of nobody proven arrive: each is held."""
    for one in range(number):
        decision = desk.receive(
            write(f"a{one}@stranger.test", f"Matter {one}"), NOW - 30 * MINUTE + one * SECOND, "fail"
        )
        assert decision.state == "held"


@pytest.mark.parametrize("language", sorted(PLAIN))
def test_a_digest_is_in_the_developers_language(tmp_path: Path, language: str) -> None:
    """Subject, both parts and their mark of language; what a client wrote stays as it is."""
    with quick_desk(tmp_path, more=f'[digest]\nlanguage = "{language}"\n') as desk:
        receive_strangers(desk, 1)
        mail = mailed_digest(desk)
    proof, day, heading = PLAIN[language]
    text, html = text_of(mail), text_of(mail, "html")
    assert proof in text
    assert heading in text
    assert proof in html
    assert f'<html lang="{language}"' in html
    assert mail["Content-Language"] == language
    assert day in " ".join(str(mail["Subject"]).replace("\u202f", " ").replace("\xa0", " ").split())
    assert "Matter 0" in text
    assert "accounted for" not in text


@pytest.mark.parametrize(
    ("number", "proof", "title"),
    [
        (1, "Przyszła 1 wiadomość, 1 rozliczona: 1 do decyzji", "1 sprawa dla Ciebie"),
        (2, "Przyszły 2 wiadomości, 2 rozliczone: 2 do decyzji", "2 sprawy dla Ciebie"),
        (5, "Przyszło 5 wiadomości, 5 rozliczonych: 5 do decyzji", "5 spraw dla Ciebie"),
        (22, "Przyszły 22 wiadomości, 22 rozliczone: 22 do decyzji", "22 sprawy dla Ciebie"),
    ],
)
def test_polish_counts_as_polish_does(tmp_path: Path, number: int, proof: str, title: str) -> None:
    """One, few and many, in sentence and subject: 22 is few, 5 is many."""
    with quick_desk(tmp_path, more='[digest]\nlanguage = "pl"\n') as desk:
        receive_strangers(desk, number)
        mail = mailed_digest(desk)
    assert proof in text_of(mail)
    assert title in str(mail["Subject"])
    assert text_of(mail).count("permalinks (permalinks) BEZ dowodu, że nadawcą jest") == number


@pytest.mark.parametrize("number", [1, 2, 5, 22])
def test_japanese_has_one_form_for_all_numbers(tmp_path: Path, number: int) -> None:
    """With the counter for mails."""
    with quick_desk(tmp_path, more='[digest]\nlanguage = "ja"\n') as desk:
        receive_strangers(desk, number)
        text = text_of(mailed_digest(desk))
    assert f"メール{number}通を受信、{number}通を処理済み" in text


def test_a_quiet_day_in_polish(tmp_path: Path) -> None:
    """It says so, and nothing of it is left in English."""
    with quick_desk(tmp_path, more='[digest]\nlanguage = "pl"\n') as desk:
        mail = mailed_digest(desk)
    text = text_of(mail)
    assert "Nie przyszła żadna wiadomość." in text
    assert "Spokojny dzień: nic nie czeka na Ciebie." in text
    assert "nic do decyzji, wtorek, 24 listopada 2026" in str(mail["Subject"])
    assert not {"the", "you", "is", "of", "mail", "No"} & set(text.split())


@pytest.mark.parametrize(
    ("settings", "more", "spoken"),
    [
        ("", "", "en"),
        ('language = "pl"\n', "", "pl"),
        ('language = "pl"\n', '[digest]\nlanguage = "ja"\n', "ja"),
        ('language = "pl"\n', '[digest]\nlanguage = "en"\n', "en"),
        ('language = "de"\n', "", "en"),
        ("", '[digest]\nlanguage = "de"\n', "en"),
        ("", '[digest]\nlanguage = "pt-BR"\n', "en"),
        ("", '[digest]\nlanguage = "pl-PL"\n', "pl-PL"),
    ],
)
def test_which_language_is_spoken(tmp_path: Path, settings: str, more: str, spoken: str) -> None:
    """That of [digest], else the desk's; English throughout where there is no catalogue."""
    with quick_desk(tmp_path, settings=settings, more=more) as desk:
        assert voice_of(desk.snapshot).language == spoken


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Tuesday, 24 November 2026: €1,200.50"),
        ("pl", "wtorek, 24 listopada 2026: 1 200,50 €"),
        ("ja", "2026年11月24日火曜日: €1,200.50"),
        ("ru", "вторник, 24 ноября 2026 г.: 1 200,50 €"),
        ("tr", "24 Kasım 2026 Salı: €1.200,50"),
        ("de", "Tuesday, 24 November 2026: €1,200.50"),
    ],
)
def test_dates_and_money_are_the_readers(language: str, said: str) -> None:
    """Also where there is no catalogue: then they are English as the sentences are."""
    words = say("{label}: {value}", label=say("{day}", day=NOW.date()), value=Money(Decimal("1200.50"), "EUR"))
    assert make_voice(language).speak(words).replace("\xa0", " ").replace("\u202f", " ") == said


def test_the_confirmation_is_in_the_developers_language_too(tmp_path: Path) -> None:
    """What was done, what was not and why; the commands themselves are the same in all languages."""
    with quick_desk(tmp_path, clients=CLIENTS, more='[digest]\nlanguage = "pl"\n') as desk:
        for text in ("Please change the phone number.", "Please change the roses."):
            ask_for_work(desk, text)
        to = send_digest(desk, ("1", "2"))
        answer(desk, write_answer("1 hold\n2 perhaps\n", to.address, f"In-Reply-To: {digest_id(desk)}"))
        text = plain_text(desk.sent("digest")[-1])
    said = " ".join(text.split())
    assert "zrobione 1, 1 niezrozumiany wiersz." in said
    assert "Zgłoszenie 1 czeka na klienta; jego minuty są wolne, póki klient nie napisze." in said
    assert "cofa `undo N`" in said
    assert said.index("Zrobione") < said.index("1 hold") < said.index("Niejasne, więc nic nie zrobiono")
    assert "not clear" not in said
    assert "write" not in said
