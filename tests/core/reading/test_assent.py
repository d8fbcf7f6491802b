"""Yes and no to an estimate, in eight languages: strict where money hangs on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.reading.assent import Assent, read_assent

REQUEST = "Please change the phone number in the footer of the contact page"
YES = [
    *("Yes", "YES", "yes.", "Yes, please!", "Yes please, go ahead.", "OK", "Okay, thanks.", "Sure, go for it!", "👍"),
    *("Hi Ada,\n\nyes, please do it.\n\nBest regards,\nAlice Miller", "That's fine, please proceed.\nThanks\nBob"),
    *(
        "Yes please change the phone number",
        "Sounds good. Thank you very much!",
        "No problem, go ahead",
        "Why not! Yes.",
    ),
    *(
        "Tak, poproszę".replace("poproszę", "proszę"),
        "Dzień dobry,\n\ntak, proszę o wykonanie.\n\nPozdrawiam\nJan Nowak",
    ),
    *("Zgadzam się, dziękuję bardzo.", "Nie ma problemu, proszę działać", "Jasne, dzięki!", "TAK"),
    *(
        "Evet",
        "Evet, lütfen.",
        "Tamam, teşekkürler",
        "Kabul ediyorum.\nSaygılarımla\nAyşe Yılmaz",
        "EVET LÜTFEN",
        "Olur, başlayın",
    ),
    *(
        "Да",
        "Да, пожалуйста.",
        "Согласна, делайте!",
        "Хорошо, спасибо.\nС уважением,\nОльга",
        "Договорились",
        "Без проблем, приступайте",
    ),
    *(
        "はい",
        "はい、お願いします。",
        "お世話になっております。\nはい、それでお願いいたします。",
        "承知しました。よろしくお願いします。",
        "OKです",
    ),
    *("Ja, bitte.", "Einverstanden, vielen Dank!", "Passt so, danke\nViele Grüße\nUte", "Alles klar, bitte machen"),
    *("Oui, merci.", "D'accord, allez-y !", "C'est bon pour moi".replace(" pour moi", ""), "Je valide le devis."),
    *("Sí, por favor.", "De acuerdo, gracias", "Vale, adelante!", "Confirmo el presupuesto"),
]
NO = [
    *("No", "NO.", "No thanks.", "No, thank you", "Too expensive, no thanks", "Please cancel.", "Not now, thanks"),
    *("Nie", "Nie, dziękuję.", "Rezygnuję, za drogo.", "Hayır", "Hayır, teşekkürler", "Gerek yok", "Vazgeçtik"),
    *("Нет", "Нет, спасибо.", "Не надо", "Слишком дорого", "いいえ", "いいえ、結構です。", "今回は見送ります。"),
    *("Nein", "Nein, danke.", "Zu teuer.", "Non merci", "Trop cher", "No, gracias", "Mejor no"),
]
MORE = [
    *(
        "Yes, but please also change the logo",
        "Yes, if you can do it before Friday",
        "OK but only the footer",
        "Yes, for 50 euros",
    ),
    *(
        "No, I meant the other page",
        "Yes and no",
        "Yes, and send the invoice to our new accountant",
        "Go ahead on 12 December",
    ),
    *("Tak, ale proszę najpierw zmienić logo", "Nie, chodziło mi o inną stronę", "Tak, jeśli będzie gotowe do piątku"),
    *("Evet ama önce logoyu değiştirin", "Да, но сначала поменяйте логотип", "Нет, я имела в виду другую страницу"),
    *(
        "はい、ただし金曜日までにお願いします",
        "Ja, aber bitte erst nächste Woche",
        "Oui, mais pas avant lundi",
        "Sí, pero solo el teléfono",
    ),
]
QUESTIONS = [
    *(
        "Yes, when will it be ready?",
        "Why is it so expensive?",
        "Can you do it for less?",
        "Ile to potrwa?",
        "Tak, a kiedy?",
    ),
    *("Ne zaman biter?", "Да, а когда?", "いつできますか？", "Ja, und wann?", "Combien de temps ?", "¿Cuándo?"),
]
NEITHER = [
    "I will think about it",
    "Thank you for the estimate",
    "Dam znać jutro",
    "Я подумаю",
    "検討します",
    "",
    "   ",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, "yes") for text in YES),
        *((text, "no") for text in NO),
        *((text, "but") for text in MORE),
        *((text, "question") for text in QUESTIONS),
        *((text, None) for text in NEITHER),
    ],
)
def test_answers(text: str, expected: Assent | None) -> None:
    """A plain yes or no is one; whatever says more is for a person."""
    assert read_assent(text, REQUEST) == expected


@given(st.text(max_size=600), st.text(max_size=100))
def test_any_text_is_survived(text: str, request: str) -> None:
    """Whatever is written, there is an answer, and it is one of five."""
    assert read_assent(text, request) in ("yes", "no", "but", "question", None)


@given(
    st.sampled_from([text for text in YES if "\n" not in text]),
    st.sampled_from(("logo", "invoice", "Friday", "50", "zaproszenie", "баннер", "金曜日")),
)
def test_a_further_word_is_never_agreed_to(text: str, word: str) -> None:
    """A yes with one further word of meaning in it is no plain yes."""
    assert read_assent(f"{word} {text}", "") != "yes"
