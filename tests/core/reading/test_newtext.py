"""New words, quotes and signatures told apart: eight languages times the layouts mail programs write."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.neutral_replies import LETTERS, fill
from triagebot.core.reading.newtext import NewText, says_something, split_new_text

MAIL = "anna@dev.example"
# What a client writes, what we wrote before, and how each program of that language introduces the quote.
LANGUAGES = {
    "en": {
        "new": "The menu is broken again,\ncould you look?",
        "old": "We have moved your page.",
        "gmail": f"On Mon, Nov 2, 2026 at 9:12 AM Anna Nowak <{MAIL}> wrote:",
        "apple": f"On 2 Nov 2026, at 09:12, Anna Nowak <{MAIL}> wrote:",
        "thunderbird": "On 11/2/26 09:12, Anna Nowak wrote:",
        "outlook": f"From: Anna Nowak <{MAIL}>\nSent: Monday, November 2, 2026 9:12 AM\nTo: Jan\nSubject: Page",
        "original": "-----Original Message-----",
        "forward": "---------- Forwarded message ---------",
        "device": "Sent from my iPhone",
    },
    "de": {
        "new": "Das Menü ist wieder kaputt,\nkönnen Sie nachsehen?",
        "old": "Wir haben Ihre Seite verschoben.",
        "gmail": f"Am Mo., 2. Nov. 2026 um 09:12 Uhr schrieb Anna Nowak <{MAIL}>:",
        "apple": f"Am 02.11.2026 um 09:12 schrieb Anna Nowak <{MAIL}>:",
        "thunderbird": "Am 02.11.26 um 09:12 schrieb Anna Nowak:",
        "outlook": f"Von: Anna Nowak <{MAIL}>\nGesendet: Montag, 2. November 2026 09:12\nAn: Jan\nBetreff: Seite",
        "original": "-----Ursprüngliche Nachricht-----",
        "forward": "-------- Weitergeleitete Nachricht --------",
        "device": "Von meinem iPhone gesendet",
    },
    "fr": {
        "new": "Le menu est encore cassé,\npouvez-vous regarder ?",
        "old": "Nous avons déplacé votre page.",
        "gmail": f"Le lun. 2 nov. 2026 à 09:12, Anna Nowak <{MAIL}> a écrit :",
        "apple": f"Le 2 nov. 2026 à 09:12, Anna Nowak <{MAIL}> a écrit :",
        "thunderbird": "Le 02/11/2026 à 09:12, Anna Nowak a écrit :",
        "outlook": f"De : Anna Nowak <{MAIL}>\nEnvoyé : lundi 2 novembre 2026 09:12\nÀ : Jan\nObjet : Page",
        "original": "-----Message d'origine-----",
        "forward": "Début du message réexpédié :",
        "device": "Envoyé de mon iPhone",
    },
    "es": {
        "new": "El menú está roto otra vez,\n¿puede mirarlo?",
        "old": "Hemos movido su página.",
        "gmail": f"El lun, 2 nov 2026 a las 9:12, Anna Nowak (<{MAIL}>) escribió:",
        "apple": f"El 2 nov 2026, a las 9:12, Anna Nowak <{MAIL}> escribió:",
        "thunderbird": "El 2/11/26 a las 9:12, Anna Nowak escribió:",
        "outlook": f"De: Anna <{MAIL}>\nEnviado el: lunes, 2 de noviembre de 2026 9:12\nPara: Jan\nAsunto: Página",
        "original": "-----Mensaje original-----",
        "forward": "---------- Mensaje reenviado ---------",
        "device": "Enviado desde mi iPhone",
    },
    "pl": {
        "new": "Menu znowu nie działa,\nmoże Pani zerknąć?",
        "old": "Przenieśliśmy Państwa stronę.",
        "gmail": f"pon., 2 lis 2026 o 09:12 Anna Nowak <{MAIL}> napisał(a):",
        "apple": f"Wiadomość napisana przez Anna Nowak <{MAIL}> w dniu 02.11.2026, o godz. 09:12:",
        "thunderbird": "W dniu 02.11.2026 o 09:12, Anna Nowak pisze:",
        "outlook": f"Od: Anna <{MAIL}>\nWysłano: poniedziałek, 2 listopada 2026 09:12\nDo: Jan\nTemat: Strona",
        "original": "-----Wiadomość oryginalna-----",
        "forward": "-------- Treść przekazanej wiadomości --------",
        "device": "Wysłane z iPhone'a",
    },
    "ru": {
        "new": "Меню опять сломалось,\nпосмотрите, пожалуйста?",
        "old": "Мы перенесли вашу страницу.",
        "gmail": f"пн, 2 нояб. 2026 г. в 09:12, Anna Nowak <{MAIL}>:",
        "apple": f"2 нояб. 2026 г., в 09:12, Anna Nowak <{MAIL}> написал(а):",
        "thunderbird": "02.11.2026 09:12, Anna Nowak пишет:",
        "outlook": f"От: Anna <{MAIL}>\nОтправлено: 2 ноября 2026 г. 9:12\nКому: Jan\nТема: Страница",
        "original": "-----Исходное сообщение-----",
        "forward": "-------- Пересылаемое сообщение --------",
        "device": "Отправлено с iPhone",
    },
    "tr": {
        "new": "Menü yine bozuldu,\nbakabilir misiniz?",
        "old": "Sayfanızı taşıdık.",
        "gmail": f"Anna Nowak <{MAIL}>, 2 Kas 2026 Pzt, 09:12 tarihinde şunu yazdı:",
        "apple": f"Anna Nowak <{MAIL}> şunları yazdı (2 Kas 2026 09:12):",
        "thunderbird": "02.11.2026 09:12 tarihinde Anna Nowak yazdı:",
        "outlook": f"Kimden: Anna <{MAIL}>\nGönderilen: 2 Kasım 2026 Pazartesi 09:12\nKime: Jan\nKonu: Sayfa",
        "original": "-----Orijinal İleti-----",
        "forward": "---------- Yönlendirilmiş ileti ---------",
        "device": "iPhone'umdan gönderildi",
    },
    "ja": {
        "new": "メニューがまた壊れました。\n見ていただけますか。",
        "old": "ページを移動しました。",
        "gmail": f"2026年11月2日(月) 9:12 Anna Nowak <{MAIL}>:",
        "apple": f"2026/11/02 9:12、Anna Nowak <{MAIL}>のメール：",
        "thunderbird": "On 2026/11/02 9:12, Anna Nowak wrote:",
        "outlook": f"差出人: Anna <{MAIL}>\n送信日時: 2026年11月2日 9:12\n宛先: Jan\n件名: ページ",
        "original": "-----元のメッセージ-----",
        "forward": "---------- 転送メッセージ ---------",
        "device": "iPhoneから送信",
    },
}
ATTRIBUTIONS = ("gmail", "apple", "thunderbird")
EACH = [pytest.param(words, id=code) for code, words in LANGUAGES.items()]


def wrap(line: str) -> str:
    """Given an attribution, return it broken in two before its address or its middle, as Gmail breaks it."""
    at = line.find("<") if "<" in line else line.find(",") + 1
    at = at if 0 < at < len(line) - 1 else line.find(" ", len(line) // 2)
    return f"{line[:at].rstrip()}\n{line[at:].lstrip()}"


@pytest.mark.parametrize("words", EACH)
@pytest.mark.parametrize("program", ATTRIBUTIONS)
@pytest.mark.parametrize("wrapped", [False, True])
def test_words_above_a_marked_quote_are_new(words: dict[str, str], program: str, wrapped: bool) -> None:
    """Above "… wrote:" and a quote with > marks, exactly the writer's own words are new."""
    line = wrap(words[program]) if wrapped else words[program]
    found = split_new_text(f"{words['new']}\n\n{line}\n\n> {words['old']}\n>\n> Anna")
    assert found.new == words["new"]
    assert words["old"] in found.quoted
    assert not found.unsure


@pytest.mark.parametrize("words", EACH)
@pytest.mark.parametrize("program", ATTRIBUTIONS)
@pytest.mark.parametrize("wrapped", [False, True])
def test_words_above_an_unmarked_quote_are_new(words: dict[str, str], program: str, wrapped: bool) -> None:
    """Where a program quotes without > marks, all below its attribution is quoted."""
    line = wrap(words[program]) if wrapped else words[program]
    found = split_new_text(f"{words['new']}\n\n{line}\n\n{words['old']}\n\nAnna")
    assert found.new == words["new"]


@pytest.mark.parametrize("words", EACH)
def test_attribution_right_below_the_words(words: dict[str, str]) -> None:
    """Without an empty line between, a sentence is not swallowed by the attribution below it."""
    found = split_new_text(f"{words['new']}\n{words['gmail']}\n> {words['old']}")
    assert found.new == words["new"]


@pytest.mark.parametrize("words", EACH)
@pytest.mark.parametrize("rule", ["", "________________________________\n", "\n\n"])
@pytest.mark.parametrize("bold", [False, True])
def test_outlook_header_block(words: dict[str, str], rule: str, bold: bool) -> None:
    """Outlook's header block, bold or not, under a rule or not, begins the quote."""
    block = words["outlook"]
    if bold:
        fields = (line.partition(":") for line in block.split("\n"))
        block = "\n".join(f"*{name}:*{value}" for name, _, value in fields)
    found = split_new_text(f"{words['new']}\n\n{rule}{block}\n\n{words['old']}")
    assert found.new == words["new"]
    assert words["old"] in found.quoted


@pytest.mark.parametrize("words", EACH)
def test_original_message_line(words: dict[str, str]) -> None:
    """Everything below "-----Original Message-----" is quoted, whatever it is called."""
    found = split_new_text(f"{words['new']}\n\n{words['original']}\n{words['outlook']}\n\n{words['old']}")
    assert found.new == words["new"]


@pytest.mark.parametrize("words", EACH)
def test_device_line_and_signature_mark(words: dict[str, str]) -> None:
    """A device's own line and what stands below "-- " are the signature, wherever the quote begins."""
    device = split_new_text(f"{words['new']}\n\n{words['device']}\n\n{words['gmail']}\n> {words['old']}")
    assert (device.new, device.signature) == (words["new"], words["device"])
    marked = split_new_text(f"{words['new']}\n\n-- \nJan\n+48 22 000\n\n{words['gmail']}\n> {words['old']}")
    assert marked.new == words["new"]
    assert "+48 22 000" in marked.signature


@pytest.mark.parametrize("words", EACH)
def test_answers_below_and_between_quotes_stay(words: dict[str, str]) -> None:
    """Bottom-posted and inline answers are new text (field.md rows 39 and 40)."""
    below = split_new_text(f"{words['gmail']}\n> {words['old']}\n\n{words['new']}")
    assert below.new == words["new"]
    inline = split_new_text(f"{words['gmail']}\n> 1. {words['old']}\n{words['new']}\n> 2. foo\nOK.\n>\n> Anna")
    assert inline.new == f"{words['new']}\nOK."


@pytest.mark.parametrize("words", EACH)
@pytest.mark.parametrize("above", ["", "Hi,\n\n"])
def test_a_bare_forward_is_its_own_new_text(words: dict[str, str], above: str) -> None:
    """Where nothing but a greeting stands above a forwarded mail, its words are new text."""
    found = split_new_text(f"{above}{words['forward']}\n{words['outlook']}\n\n{words['old']}")
    assert found.new == words["old"]
    assert not found.unsure


@pytest.mark.parametrize("words", EACH)
def test_words_above_a_forward_are_new(words: dict[str, str]) -> None:
    """What is said about a forwarded mail is the new text, the forwarded mail is quoted."""
    found = split_new_text(f"{words['new']}\n\n{words['forward']}\n{words['outlook']}\n\n{words['old']}")
    assert found.new == words["new"]


@pytest.mark.parametrize(
    "line",
    [
        f"Il giorno lun 2 nov 2026 alle ore 09:12 Anna <{MAIL}> ha scritto:",
        f"Em seg., 2 de nov. de 2026 às 09:12, Anna <{MAIL}> escreveu:",
        f"Op ma 2 nov 2026 om 09:12 schreef Anna <{MAIL}>:",
        f"Den mån 2 nov. 2026 kl 09:12 skrev Anna <{MAIL}>:",
    ],
)
def test_more_languages(line: str) -> None:
    """Italian, Portuguese, Dutch and Swedish attributions are known too."""
    assert split_new_text(f"OK, 10:30.\n\n{line}\n\nold words").new == "OK, 10:30."


@pytest.mark.parametrize(
    "line",
    [
        "I wrote to help@host.example on 2 Nov 2026 at 9:30 and got this answer:",
        "Since 2.11.2026 at 10:15 the page shows:",
        "My colleague Ewa (ewa@shop.example) asks:",
        "From: the start page, you see",
        "Date: tomorrow would be good",
        "--- urgent ---",
        "________________________________",
    ],
)
def test_a_persons_own_sentence_is_not_cut(line: str) -> None:
    """A sentence that looks like an attribution in part does not take the words below it along."""
    found = split_new_text(f"Hello,\n\n{line}\n\nError 500 on every page.\n\nJan")
    assert line in found.new
    assert "Error 500" in found.new


def test_a_quote_alone_leaves_the_reader_unsure() -> None:
    """Without words of the writer's own nothing is called new, and the whole text is to be read."""
    assert split_new_text("> only\n> quoted").unsure
    assert split_new_text("Hello Anna,\n\n> only quoted").unsure
    assert split_new_text(f"{LANGUAGES['en']['gmail']}\n\nCan you see my answers below?").unsure


@pytest.mark.parametrize(("language", "layout"), [(one, layout) for one in LETTERS for layout in LETTERS[one]])
def test_a_neutral_mail_in_the_layout_of_a_program(language: str, layout: str) -> None:
    """As mail programs of eight languages write it: exactly the writer's own words are new, and no word is lost."""
    text, new, old = fill(language, layout)
    found = split_new_text(text)
    assert (found.new.strip(), found.unsure) == (new, False)
    assert words_of(f"{found.new}\n{found.quoted}\n{found.signature}") == words_of(text)
    assert layout == "inline" or set(words_of(old)) <= set(words_of(found.quoted))


def test_each_language_has_eight_layouts() -> None:
    """The table stays as wide as it was promised."""
    assert len(LETTERS) == 8
    assert all(len(layouts) >= 8 for layouts in LETTERS.values())


def test_fields_above_a_persons_own_colon_stay() -> None:
    """Only under a rule, and only right above an attribution, recipients and subject belong to the quote."""
    text = "Hello\n\nTo: the team\nSubject: lunch\n\nSee you at 12:30."
    assert split_new_text(text) == NewText(text)


@pytest.mark.parametrize("reply", ["Yes", "ok.", "да", "はい", "+1", "👍", "TAK, proszę", "Hi Anna, yes please", "12"])
def test_a_short_answer_is_an_answer(reply: str) -> None:
    """One word above a quote is sure new text: a yes to an estimate must not be lost in what it quotes."""
    assert split_new_text(f"{reply}\n\n{LANGUAGES['en']['gmail']}\n\nold words\n\nAnna") == NewText(
        reply, f"{LANGUAGES['en']['gmail']}\n\nold words\n\nAnna"
    )


@pytest.mark.parametrize("text", ["", " \n", "Hi!", "Dzień dobry,", "こんにちは。", "...", "Hello Mr Nowak"])
def test_a_greeting_says_nothing(text: str) -> None:
    """A greeting or no word at all is no request."""
    assert not says_something(text)


def test_dashes_in_the_middle_are_no_signature() -> None:
    """A line of two dashes with much text below it is a divider, the text below stays new."""
    below = "\n".join(f"Point {number}" for number in range(20))
    found = split_new_text(f"My list\n--\n{below}")
    assert found.signature == ""
    assert "Point 19" in found.new


def test_forwards_of_forwards_end() -> None:
    """Forward marks without end are opened a few times only."""
    assert split_new_text("---- Forwarded message ----\n.\n" * 2000).unsure


LINES = st.sampled_from(
    [
        "",
        " ",
        "> quoted",
        ">> deeper",
        "-- ",
        "--",
        "Sent from my iPhone",
        "wrote:",
        "plain words",
        "See 12:30:",
        "_" * 32,
        *LANGUAGES["en"].values(),
        *LANGUAGES["tr"].values(),
        *LANGUAGES["ja"].values(),
    ]
) | st.text(max_size=30)


def words_of(text: str) -> list[str]:
    """Given text, return its words without quote marks, sorted."""
    return sorted(word for line in text.split("\n") for word in line.lstrip("> ").split())


@given(st.lists(LINES, max_size=30).map("\n".join))
def test_no_word_is_lost(text: str) -> None:
    """New text, quotes and signature together hold every word of the mail, and nothing else."""
    found = split_new_text(text)
    assert words_of(f"{found.new}\n{found.quoted}\n{found.signature}") == words_of(text)


@given(st.lists(st.sampled_from(["plain words", "", "See you at 9:30", "Jan"]), max_size=20).map("\n".join))
def test_text_without_marks_is_all_new(text: str) -> None:
    """A mail without any quote or signature comes back unchanged."""
    assert split_new_text(text) == NewText(text.strip("\n"))


@given(st.sampled_from(list(LANGUAGES.values())), st.sampled_from(ATTRIBUTIONS))
def test_splitting_again_changes_nothing(words: dict[str, str], program: str) -> None:
    """The new text of a reply holds no quote any more."""
    new = split_new_text(f"{words['new']}\n\n{words[program]}\n> {words['old']}\n\n-- \nJan").new
    assert split_new_text(new) == NewText(new)


@pytest.mark.parametrize(
    "unit",
    [
        "From: a\n",
        "On Mon, Nov 2, 2026 at 9:12 AM\n",
        "a@b:\n",
        "12:30 2026 <a@b> x:\n",
        "_" * 40 + "\n",
        "--\nx\n",
        "> x\ny\n",
        "\n",
        "On " + "a@" * 60 + ":\n",
        "---- Forwarded message ----\n.\n",
        "1",
        ":",
    ],
)
def test_time_grows_with_length_only(unit: str) -> None:
    """Ten times the text takes about ten times as long, whatever it is made of."""

    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        began = time.process_time()
        split_new_text(text)
        return time.process_time() - began

    small, large = min(seconds(10_000) for _ in range(3)), seconds(100_000)
    assert large < 40 * small + 0.05
