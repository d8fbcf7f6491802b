"""The pattern language: words, `*`, `...` and /…/, and what it refuses."""

import contextlib
import time

import pytest
import re2
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from triagebot.core.rules.expression import fold_expression, parse_expression
from triagebot.core.rules.fold import UNSPACED, fold, split_words
from triagebot.core.rules.literals import find_needs
from triagebot.core.rules.pattern import BadPatternError
from triagebot.core.rules.patternset import LONGEST_TEXT, PatternSet, parse_pattern


def find(pattern: str, text: str, subject: str = "") -> str | None:
    """Given a pattern and a mail, return the words it found, through the whole machinery."""
    return PatternSet([parse_pattern(pattern)]).read(subject, text).find(0)


MATCHES = [
    ("permalink*", "Where are my Permalinks?", "permalinks"),
    ("permalink*", "permalink", "permalink"),
    ("link", "LINK!", "link"),
    ("istanbul", "İSTANBUL'da", "istanbul"),
    ("ISPARTA", "ısparta", "isparta"),
    ("sipariş*", "SİPARİŞLERİM gelmedi", "siparişlerim"),
    ("hasł*", "nie pamiętam hasła", "hasła"),
    ("zmień* ... stron*", "Chcę zmienić adresy wszystkich moich stron", None),
    ("zmieni* ... stron*", "Chcę zmienić adresy moich stron", "zmienić adresy moich stron"),
    ("ссылк* ... страниц*", "Где СССЫЛКИ", None),
    ("ссылк* ... страниц*", "Как поменять ссылки на страницы?", "ссылки на страницы"),
    ("パーマリンク", "パーマ\nリンクの設定", "パーマリンク"),
    ("ﾊﾟｰﾏﾘﾝｸ", "新しいパーマリンク", "パーマリンク"),
    ("wordpress", "日本WordPressサイト", "wordpress"),
    ("WordPressサイト", "日本 WordPress サイト", "wordpress サイト"),
    ("ＷｏｒｄＰｒｅｓｓ", "wordpress", "wordpress"),
    ("straße", "die STRASSE", "strasse"),
    ("wp-admin", "the WP admin page", "wp admin"),
    ("wp admin", "/wp-admin/", "wp admin"),
    ("don't work", "it don’t work", "don t work"),
    ("404", "Error 404.", "404"),
    ("404", "Error 4041", None),
    ("v2*", "v2beta", "v2beta"),
    ("👍", "ok👍🏽", "👍"),
    ("broken link", "broken linking", None),
    ("broken link", "a broken\n  link", "broken link"),
    ("broken link", "broken - link", "broken link"),
    ("change ... link", "change 1 2 3 4 5 6 link", "change 1 2 3 4 5 6 link"),
    ("change ... link", "change 1 2 3 4 5 6 7 link", None),
    ("change ... link", "change link", "change link"),
    ("change ... link", "link change", None),
    ("change...link", "change the link", "change the link"),
    ("change … link", "change the link", "change the link"),
    ("change ... link ... page", "change 1 link 2 3 page", "change 1 link 2 3 page"),
    ("a ... a", "a", None),
    ("a ... a", "a a", "a a"),
    ("link* page", "links page", "links page"),
    ("link* page", "links of page", None),
    ("link* ... page*", "link a pages", "link a pages"),
    ("ドメイン ... 更新", "ドメインの有効期限を更新", "ドメインの有効期限を更新"),
    ("ドメイン ... 更新", "ドメイン" + "の" * 24 + "更新", "ドメイン" + "の" * 24 + "更新"),
    ("ドメイン ... 更新", "ドメイン" + "の" * 25 + "更新", None),
    ("ドメイン ... 更新", "ドメイン、one two three four five のの 更新", "ドメイン one two three four five のの更新"),
    ("ドメイン ... 更新", "ドメイン、one two three four five ののののの 更新", None),
    ("ドメイン ... 更新", "ドメイン" + "の" * 24 + "。更新", "ドメイン" + "の" * 24 + " 更新"),
    ("ドメイン ... 更新", "ドメイン one two three four five のの six 更新", None),
    ("a ... b", "a 1 2 3 4 5 6 7 a b", "a b"),
    ("a ... b ... c", "a b 1 2 3 4 5 b 6 7 8 c", "a b 1 2 3 4 5 b 6 7 8 c"),
    ("link* サイト", "links、サイト", "links サイト"),
    ("問ド", "質問。ドメイン", None),
    ("サイト*", "サイト", "サイト"),
    ("รหัสผ่าน", "เปลี่ยนรหัส ผ่านยังไง", "รหัสผ่าน"),
    ("비밀번호*", "비밀번호를 바꾸고", "비밀번호를"),
    ("비밀번호", "비밀번호를 바꾸고", None),
    ("/invoice\\s*#?\\d+/", "Your INVOICE #77 is due", "invoice #77"),
    ("/hasł\\pL*/", "Zmiana HASŁA", "hasła"),
    ("/İSTANBUL/", "ıstanbul", "istanbul"),
    ("/stra(ß|ss)e/", "STRASSE", "strasse"),
    ("/straß?e/", "strae", "strae"),
    ("/ß+x/", "straßßx", "ssssx"),
    ("/ｗｐ/", "wp", "wp"),
    ("/[А-Я]{3}/", "где", "где"),
    ("/a.b/", "a\nb", None),
    ("/a\\sb/", "a\nb", "a b"),
    ("/a/b/", "a/b", "a/b"),
]


@pytest.mark.parametrize(("pattern", "text", "words"), MATCHES)
def test_pattern_finds_its_words(pattern: str, text: str, words: str | None) -> None:
    """Each feature of the language finds what it should, nothing else, and tells the folded words."""
    assert find(pattern, text) == words


ERRORS = [
    ("", "the pattern is empty: write the words to look for, or take it out"),
    ("  ", "the pattern is empty: write the words to look for, or take it out"),
    ("?!", "'?!' has no letter or digit: write words to look for"),
    ("...", "'...' has no letter or digit: write words to look for"),
    ("... link", "'... link' begins with `...`, which stands between words: take it out there"),
    ("link …", "'link …' ends with `...`, which stands between words: take it out there"),
    ("a ... ... b", "'a ... ... b' has two `...` with no word between them: keep one"),
    *(
        (
            bad,
            f"{bad!r} has a `*` that is not at a word's end: write it right after a word's first letters, as in link*",
        )
        for bad in ("*link", "li*nk", "link**", "a * b", "*", "日*本", "link-*")
    ),
    ("//", "'//' is empty: write an expression between the two /, or take it out"),
    *(
        (
            bad,
            f"{bad!r} begins like a regular expression but has no / at its end: add it,"
            " or write the words without the first /",
        )
        for bad in ("/", "/wp-admin", " /abc")
    ),
    *(
        (
            bad,
            f"{bad!r} looks ahead or behind, which takes more than linear time and is not supported:"
            " match the words themselves, and put what must be absent under `none`",
        )
        for bad in ("/a(?=b)/", "/a(?!b)/", "/(?<=a)b/", "/(?<!a)b/")
    ),
    ("/(a)\\1/", "'/(a)\\\\1/' refers back to a group, which is not supported: write the words out"),
    ("/a\\Z/", "'/a\\\\Z/' has \\Z, which is written \\z here"),
    ("/(a/", "'/(a/' opens a ( and never closes it: add the ), or write \\( for the sign itself"),
    ("/a)/", "'/a)/' closes a ) never opened: take it out, or write \\) for the sign itself"),
    ("/[a/", "'/[a/' opens a [ and never closes it: add the ], or write \\[ for the sign itself"),
    ("/a{1001}/", "'/a{1001}/' repeats too much: lower the numbers in {…}"),
    ("/[^\\pL]{900}/", "'/[^\\\\pL]{900}/' repeats too much: lower the numbers in {…}"),
    ("/a++/", "'/a++/' is not a regular expression that RE2 understands: bad repetition operator: ++"),
]


@pytest.mark.parametrize(("pattern", "sentence"), ERRORS)
def test_unusable_pattern_says_what_is_wrong(pattern: str, sentence: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Every unusable pattern is refused with a sentence that tells how to mend it, and nothing is printed."""
    with pytest.raises(BadPatternError) as caught:
        parse_pattern(pattern)
    assert str(caught.value) == sentence
    assert capfd.readouterr() == ("", "")


# A second, slow and plain reading of the language: words and single characters in a list.
Atom = tuple[str, str]


def read_atoms(text: str) -> list[Atom]:
    """Given text, return ("word", w), and for unspaced scripts ("char", c) or, where a run goes on, ("more", c)."""
    atoms: list[Atom] = []
    glue = ""
    for character in fold(text):
        if character in "日本語":
            atoms.append(("more" if glue == "char" else "char", character))
            glue = "char"
        elif character.isalnum():
            if glue == "word":
                atoms[-1] = ("word", atoms[-1][1] + character)
            else:
                atoms.append(("word", character))
            glue = "word"
        elif glue == "word" or not character.isspace():
            glue = ""
    return atoms


def read_pattern(pattern: str) -> list[Atom]:
    """Given a pattern that can be used, return its atoms; ("gap", "") for `...`, ("stem", s) for a word with `*`."""
    items: list[Atom] = []
    for index, segment in enumerate(pattern.split("...")):
        if index:
            items.append(("gap", ""))
        for atom in read_atoms(segment.replace("*", "q")):
            if atom[0] == "word" and atom[1][-1] == "q":
                items.append(("stem", atom[1][:-1]))
            else:
                items.append(atom)
    return items


def fits(items: list[Atom], atoms: list[Atom], first: bool = True, left: int = -1) -> bool:
    """Given a pattern and the rest of a text, return whether the pattern matches at the text's begin."""
    if not items:
        return True
    kind, text = items[0]
    if kind == "gap":
        return fits(items[1:], atoms, True, 24)
    if not atoms:
        return False
    there, words = atoms[0]
    same = {
        "word": there == "word" and words == text,
        "stem": there == "word" and words.startswith(text),
        "char": there != "word" and words == text and (first or there == "char"),
        "more": there == "more" and words == text,
    }[kind]
    if same and fits(items[1:], atoms[1:], False):
        return True
    cost = 4 if there == "word" else 1
    return left >= cost and fits(items, atoms[1:], True, left - cost)


def reference(pattern: str, text: str) -> bool:
    """Given a pattern and a text, return whether it matches, tried at every place."""
    items, atoms = read_pattern(pattern), read_atoms(text)
    # A character after a word begins a run of its own, so it is "char" in text and pattern alike.
    return any(fits(items, atoms[start:]) for start in range(len(atoms)))


SEPARATORS = st.sampled_from([" ", " ", " ", "-", "\n", ", ", "。", " \n "])
WORDS = st.sampled_from(["a", "ab", "b", "link", "links", "İz", "ız", "STRASSE", "straße", "日", "日本", "本", "語日"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text of few words, so that patterns often nearly match."""
    parts = draw(st.lists(st.tuples(WORDS, st.one_of(SEPARATORS, st.just(""))), max_size=25))
    return "".join(word + separator for word, separator in parts)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A pattern of the word language."""
    parts = draw(st.lists(st.tuples(WORDS, st.booleans(), SEPARATORS, st.booleans()), min_size=1, max_size=4))
    pattern = ""
    for word, star, separator, gap in parts:
        pattern += word + ("*" if star and word.isascii() else "") + (" ... " if gap else separator)
    return pattern.removesuffix(" ... ")


@st.composite
def near_misses(draw: st.DrawFn) -> tuple[str, str]:
    """A pattern, and a text made of its words in order with about as much between as `...` allows."""
    pattern = text = ""
    filler = st.sampled_from(["x", "x", "x", "本", "日", "本日本", "-", "\n", "link"])
    fillers = st.lists(filler, max_size=9).map(" ".join)
    for word, star, gap in draw(st.lists(st.tuples(WORDS, st.booleans(), st.booleans()), min_size=1, max_size=4)):
        stem = star and word.isascii()
        pattern += word + ("*" if stem else "") + (" ... " if gap else " ")
        text += word + draw(st.sampled_from(["", "s"] if stem else ["", "", "s"]))
        text += f" {draw(fillers)} " if gap else draw(SEPARATORS)
    return pattern.removesuffix(" ... "), draw(texts()) + " " + text + draw(texts())


@settings(max_examples=400)
@given(near_misses())
def test_engine_agrees_with_the_plain_reading_where_it_is_close(case: tuple[str, str]) -> None:
    """Also at the edge of what `...` and `*` allow, the engine does what the definition says."""
    pattern, text = case
    assert (find(pattern, text) is not None) == reference(pattern, text)


@given(patterns(), texts())
def test_engine_agrees_with_the_plain_reading(pattern: str, text: str) -> None:
    """The engine matches exactly when a slow reading of the language's definition does."""
    assert (find(pattern, text) is not None) == reference(pattern, text)


@given(st.text(alphabet="ab 日本-\n", max_size=30), texts(), texts())
def test_pattern_without_operators_is_found_where_it_stands(text: str, before: str, after: str) -> None:
    """A text matches the pattern that is spelt like it, whatever stands around."""
    assume(split_words(fold(text)))
    assert find(text, f"{before}\n{text}\n{after}") is not None


@given(patterns(), texts())
def test_case_and_width_never_count(pattern: str, text: str) -> None:
    """Upper case and full width change no result, in pattern or text."""
    wide = "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in text)
    found = find(pattern, text)
    assert find(pattern, text.upper()) == find(pattern.upper(), text) == find(pattern, wide) == found


@given(patterns(), texts(), texts())
def test_match_never_spans_subject_and_text(pattern: str, subject: str, text: str) -> None:
    """What matches a mail matches its subject or its text alone."""
    alone = find(pattern, text) if find(pattern, subject) is None else find(pattern, subject)
    assert find(pattern, text, subject) == alone


LITERALS = st.sampled_from(["link", "invoice", "日本", "İz", "ß", "a", "B", "-", " ", "日", "0", "\\-", "\\n"])
OTHERS = st.sampled_from(
    ["[a-c]", "[^a]", "[]l]", "[[:alpha:]日]", ".", "\\b", "\\d", "\\s", "\\pL", "\\p{Han}", "^", "$"]
)
EXPRESSIONS = st.recursive(
    LITERALS | OTHERS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join),
        st.tuples(st.sampled_from(["(", "(?:", "(?i:", "(?P<n>"]), inner).map(lambda pair: f"{pair[0]}{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+?", "?", "{0,2}", "{2}", "{1,}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{0}", "{2}"])).map("".join),
    ),
    max_leaves=6,
)


PARTS = st.sampled_from(["link", "lin", "invoice", "voice", "日", "本", "\n", "İ", "z", "ß", "a", "b", "0", "-", " "])


@settings(max_examples=400)
@given(EXPRESSIONS, st.lists(PARTS, max_size=10).map("".join))
def test_needs_of_an_expression_never_hide_a_match(expression: str, text: str) -> None:
    """Looking for an expression's literals first gives the result of searching with RE2 alone."""
    try:
        compiled = parse_expression(f"/{expression}/")
    except BadPatternError:
        assume(False)
    alone = [compiled.find(fold(part).encode()) for part in ("", text)]
    assert (find(f"/{expression}/", text) is None) == (alone == [None, None])


@pytest.mark.parametrize(
    ("expression", "needs"),
    [
        ("invoice\\s*#?\\d+", [{"invoice"}]),
        ("(bill|rechnung)\\w*", [{"bill", "rechnung"}]),
        ("\\bwp-admin\\b", [{"wp admin"}]),
        ("(?i)INVOICE (no|number)", [{"invoice"}]),
        ("faktur(a|y)? .* zapłacon\\pL", [{"zapłacon"}, {"faktur"}]),
        ("(invoice|\\d+)", []),
        ("ab", []),
        ("更新", [{"更新"}]),
        ("colou?rings", [{"rings"}, {"colo"}]),
        ("erro{0}r", [{"err"}]),
        ("(?:error){0,2}", []),
        ("colors+", [{"colors"}]),
        ("\\Qinvoice\\E", []),
        ("x{3}", []),
        ("(?:error){2}", [{"error"}]),
        ("(?:error)?", []),
    ],
)
def test_needs_are_the_literals_an_expression_cannot_do_without(expression: str, needs: list[set[str]]) -> None:
    """Literals that every match holds are found; where there is doubt, none."""
    assert [set(need) for need in find_needs(expression)] == needs


@given(st.text(max_size=40))
def test_any_pattern_is_parsed_or_refused_with_a_sentence(pattern: str) -> None:
    """No text makes the parsers fail in any other way."""
    with contextlib.suppress(BadPatternError):
        assert parse_pattern(pattern) is not None


@given(st.text(alphabet="aß(İ[]é－（\u0301*日", max_size=12))
def test_folding_an_expression_keeps_it_valid(expression: str) -> None:
    """An expression RE2 takes is taken after folding as well."""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(expression, options)
    except re2.error:
        assume(False)
    re2.compile(fold_expression(expression), options)


@pytest.mark.parametrize(
    "pattern", ["/(a+)+$/", "/^(\\w+\\s?)*$/", "/(x+x+)+y/", "a ... a ... a ... a ... b", "a* a* a* a* b"]
)
@pytest.mark.parametrize("text", ["a " * 50_000, "a" * 100_000 + "!", "x" * 100_000, "日" * 100_000])
def test_no_text_makes_a_pattern_run_away(pattern: str, text: str) -> None:
    """The patterns that break backtracking engines end in time on the longest text, found or not."""
    started = time.process_time()
    assert find(pattern, text) is None or "$" in pattern
    assert time.process_time() - started < 3


def test_only_the_begin_of_an_endless_text_is_read() -> None:
    """A megabyte costs no more than the limit, also when folding makes it longer."""
    assert find("needle", "x " * LONGEST_TEXT + "needle") is None
    assert find("needle", "\ufdfa" * LONGEST_TEXT) is None


def test_unspaced_scripts_are_named_by_characters_that_exist() -> None:
    """The class of unspaced characters holds each script it promises."""
    for sample in "漢かカไกກខမ々ー👍☎":
        assert any(low <= sample <= high for low, _, high in _ranges()), sample


def _ranges() -> list[tuple[str, str, str]]:
    singles = [(c, "-", c) for c in UNSPACED]
    spans = [(UNSPACED[i - 1], "-", UNSPACED[i + 1]) for i, c in enumerate(UNSPACED) if c == "-"]
    return singles + spans
