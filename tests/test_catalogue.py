"""The translations fit the code: every sentence is found by the catalogue tool, and none can fail to be filled in."""

import ast
from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo

from tests.catalogue import KEYWORDS, LOCALE, PACKAGE, TEMPLATE, extract, merge, read, update, write
from triagebot.core.phrase import SPOKEN

NUMBERS = range(201)
"""All that plural rules tell apart: the longest, Russian, looks at the last two digits."""


def names_in(text: str) -> set[str]:
    """Given a sentence, return its {names}, as written with all that follows a name."""
    found = set()
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None:
            found.add(f"{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}")
    return found


def texts_of(message: Message) -> list[str]:
    """Given a message, return its one English text or its two."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def find_untold(code: Catalog, catalogue: Catalog) -> Iterator[str]:
    """Given the sentences of the code and a file's, yield a line for each that is in only one of them."""
    there, here = ({message.id for message in one if message.id} for one in (code, catalogue))
    yield from (f"not in the file: {one!r}" for one in sorted(map(str, there - here)))
    yield from (f"not in the code any more: {one!r}" for one in sorted(map(str, here - there)))


def find_misfits(catalogue: Catalog) -> Iterator[str]:
    """Given a language's translations, yield a line for each that cannot stand for its sentence."""
    for message in catalogue:
        if not message.id or not message.string or not any(message.string):
            continue
        english = texts_of(message)
        told = [message.string] if isinstance(message.string, str) else list(message.string)
        if message.fuzzy:
            yield f"{english[0]!r}: fuzzy, so it is not used; look at it and take the mark away"
        if message.pluralizable and (len(told) != catalogue.num_plurals or not all(told)):
            yield f"{english[0]!r}: {catalogue.num_plurals} forms are needed, each with a text"
            continue
        for form, text in enumerate(told):
            yield from (f"{english[0]!r}: {wrong}" for wrong in find_wrong_form(catalogue, message, form, text))


def find_wrong_form(catalogue: Catalog, message: Message, form: int, text: str) -> Iterator[str]:
    """Given a translation's form for some numbers, yield what is wrong with its names and its edges."""
    wanted = names_in(texts_of(message)[-1])
    try:
        names = names_in(text)
    except ValueError as error:
        yield f"{text!r} cannot be filled in: {error}"
        return
    if message.pluralizable and forms_of(str(catalogue.locale)).count(form) == 1:
        names.discard("count")  # a form for one number only may say it in a word
        wanted.discard("count")
    if names != wanted:
        yield f"{text!r} has {sorted(names)}, not {sorted(wanted)}"
    if text != text.strip():
        yield f"{text!r} begins or ends with a blank"


@cache
def forms_of(language: str) -> list[int]:
    """Given a language, return which plural form each of NUMBERS takes, by a catalogue that says nothing else."""
    probe, compiled = Catalog(language), BytesIO()
    probe.add(("one", "many"), tuple(map(str, range(probe.num_plurals))))
    write_mo(compiled, probe)
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    return [int(translations.ngettext("one", "many", number)) for number in NUMBERS]


def calls_of(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Given a module, yield every call of say and say_many with its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
            yield node.func.id, node


def find_lost(source: str) -> Iterator[str]:
    """Given a module's source, yield a line for each sentence that the tool cannot find, or that its values do not
    fill. Values handed over together, and those of a table's sentences, are not known here."""
    tree = ast.parse(source)
    inside = {id(node) for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) for node in ast.walk(one)}
    for function, call in calls_of(tree):
        texts = call.args[: 2 if function == "say_many" else 1]
        at = f"line {call.lineno}"
        if not all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in texts):
            yield f"{at}: {function}() takes its text as it is, not a name or an expression, or no tool finds it"
            continue
        given = {value.arg for value in call.keywords if value.arg} | ({"count"} if function == "say_many" else set())
        named = set().union(*(names_in(str(one.value)) for one in texts if isinstance(one, ast.Constant)))
        known = id(call) in inside and all(value.arg for value in call.keywords)
        if (known and named - given) or given - named - {"count"}:
            yield f"{at}: {function}() names {sorted(named)} and is given {sorted(given)}"


def test_every_language_has_its_file() -> None:
    """What [digest] language may name is what there are catalogues for, beside English, and all of them are read."""
    assert sorted(file.stem for file in LOCALE.glob("*.po")) == sorted(set(SPOKEN) - {"en"})
    for file in LOCALE.glob("*.po"):
        assert str(read(file).locale) == file.stem
        assert read(file).plural_forms == Catalog(file.stem).plural_forms


@pytest.mark.parametrize("file", [TEMPLATE, *(f"{language}.po" for language in SPOKEN if language != "en")])
def test_the_catalogues_are_current(file: str) -> None:
    """A sentence added to the code, changed or taken away is so in every catalogue."""
    untold = list(find_untold(extract(), read(LOCALE / file)))
    assert not untold, "\n".join((f"{file} is not current; run `make catalogue`:", *untold))


@pytest.mark.parametrize("language", sorted(set(SPOKEN) - {"en"}))
def test_every_translation_fits(language: str) -> None:
    """It has all names of its sentence and no other, and a text for each plural form of its language."""
    misfits = list(find_misfits(read(LOCALE / f"{language}.po")))
    assert not misfits, "\n".join((f"{language}.po:", *misfits))


def test_every_sentence_can_be_found_and_filled_in() -> None:
    """The texts of say and say_many stand in the code as they are, with a value for each name; the tool finds all."""
    lost, texts = [], set()
    for file in sorted(PACKAGE.rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        lost += [f"{file.relative_to(PACKAGE)}, {one}" for one in find_lost(source)]
        texts |= {
            one.value
            for _, call in calls_of(ast.parse(source))
            for one in call.args[:1]
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        }
    assert not lost, "\n".join(("Mend these, or they are never translated or cannot be said:", *lost))
    assert {texts_of(message)[0] for message in extract() if message.id} == texts


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("say(text)", "takes its text as it is"),
        ("say('a' if x else 'b')", "takes its text as it is"),
        ("say(f'{a} mails')", "takes its text as it is"),
        ("say_many('a mail', name, 2)", "takes its text as it is"),
        ("say('ticket {number}')", "names ['number'] and is given []"),
        ("say('ticket {number}', ticket=2)", "names ['number'] and is given ['ticket']"),
        ("say('ticket', number=2)", "names [] and is given ['number']"),
        ("say('{day:%A}', day=d)", "names ['day:%A'] and is given ['day']"),
        ("say('{day}', dya=d, **values)", "names ['day'] and is given ['dya']"),
        ("say_many('{count} of {whole}', 'all', 2)", "names ['count', 'whole'] and is given ['count']"),
    ],
)
def test_a_sentence_nobody_finds_is_told(source: str, told: str) -> None:
    """Each way to write a sentence wrongly is told, with its line."""
    (found,) = find_lost(f"def f():\n    {source}\n")
    assert found.startswith("line 2: ")
    assert told in found


@pytest.mark.parametrize(
    "source",
    [
        *("say('a {b}', b=say('c'))", "say_many('a mail', '{count} mails', n)", "say('one ' 'two')", "speak(text)"),
        *("def f():\n    say('a {b}', **values)", "TABLE = {'a': say('ticket {number}')}"),
    ],
)
def test_a_sentence_as_it_should_be_is_not_told(source: str) -> None:
    """Nested ones, ones over several lines, values handed over together, a table's, other functions: left alone."""
    assert list(find_lost(source)) == []


ONE = 'msgid "{who}: {mails}"\nmsgstr "%s"\n'
MANY = 'msgid "{count} mail of {who}"\nmsgid_plural "{count} mails of {who}"\n%s'


@pytest.mark.parametrize(
    ("language", "entry", "told"),
    [
        ("pl", ONE % "{who}: {maile}", "has ['maile', 'who'], not ['mails', 'who']"),
        ("pl", ONE % "{who}", "has ['who'], not ['mails', 'who']"),
        ("pl", ONE % "{who}: {mails} {}", "has ['', 'mails', 'who']"),
        ("pl", ONE % "{who}: {mails", "cannot be filled in"),
        ("pl", ONE % "{who}: {mails!r}", "has ['mails!r', 'who']"),
        ("pl", ONE % " {who}: {mails}", "begins or ends with a blank"),
        ("pl", "#, fuzzy\n" + ONE % "{who}: {mails}", "fuzzy"),
        ("pl", MANY % 'msgstr[0] "a {who}"\nmsgstr[1] "{count} {who}"\n', "3 forms are needed"),
        ("pl", MANY % 'msgstr[0] "a {who}"\nmsgstr[1] "{count} {who}"\nmsgstr[2] "{who}"\n', "has ['who'], not"),
        (
            "ru",
            MANY % 'msgstr[0] "a {who}"\nmsgstr[1] "{count} {who}"\nmsgstr[2] "{count} {who}"\n',
            "has ['who'], not",
        ),
        ("ja", MANY % 'msgstr[0] "{who}"\n', "has ['who'], not"),
    ],
)
def test_a_wrong_translation_is_told(tmp_path: Path, language: str, entry: str, told: str) -> None:
    """Each kind of mistake a translator makes is told, once."""
    assert told in " ".join(find_misfits(written(tmp_path, language, entry)))
    assert len(list(find_misfits(written(tmp_path, language, entry)))) == 1


@pytest.mark.parametrize(
    ("language", "entry"),
    [
        ("pl", ONE % "{mails}, {who}"),
        ("pl", ONE % ""),
        ("pl", MANY % 'msgstr[0] "a {who}"\nmsgstr[1] "{count} {who}"\nmsgstr[2] "{count} {who}"\n'),
        ("ja", MANY % 'msgstr[0] "{who} {count}"\n'),
    ],
)
def test_a_right_translation_is_not_told(tmp_path: Path, language: str, entry: str) -> None:
    """Names in another order, a number said in a word where it is the only one, and what is not translated yet."""
    assert list(find_misfits(written(tmp_path, language, entry))) == []


def written(directory: Path, language: str, entry: str) -> Catalog:
    """Given a language and an entry, return the catalogue of that language with it."""
    file = directory / f"{language}.po"
    file.write_bytes(write(Catalog(language)) + b"\n" + entry.encode())
    return read(file)


def test_an_update_keeps_what_is_translated_and_changes_nothing_else(tmp_path: Path) -> None:
    """A new sentence comes in empty, one that is gone leaves, and a second update gives the same bytes."""
    template = Catalog()
    template.add("{who}: {mails}")
    template.add(("{count} mail", "{count} mails"))
    (tmp_path / "pl.po").write_bytes(
        write(Catalog("pl")) + ("\n" + ONE % "{who}, {mails}").encode() + b'\nmsgid "Gone"\nmsgstr "Nie ma"\n'
    )
    lines = list(update(tmp_path, template, ["de"]))
    assert lines == ["triagebot.pot: 2 sentences", "de.po: 0 of 2 translated", "pl.po: 1 of 2 translated"]
    first = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert list(update(tmp_path, template, ["de"])) == lines
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == first
    merged = read(tmp_path / "pl.po")
    assert merged["{who}: {mails}"].string == "{who}, {mails}"
    assert "Gone" not in merged
    assert all(word not in first["pl.po"] for word in (b"Date", b"@", b"#:", b"Gone"))
    assert list(find_untold(template, merge(merged, template))) == []
    assert len(list(find_untold(Catalog(), merged))) == 2
