"""The sentences of the code and their translations, kept in step: `make catalogue`; with NEW=de one is begun.

Babel finds what `say` and `say_many` name and merges it into triagebot/locale. The files hold no dates, places or
addresses, and are sorted by sentence: the same code gives the same bytes, and only what was changed differs.
"""

import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[1] / "triagebot"
LOCALE = PACKAGE / "locale"
TEMPLATE = "triagebot.pot"
KEYWORDS = {"say": None, "say_many": (1, 2)}
_WIDTH = 116


def extract(package: Path = PACKAGE) -> Catalog:
    """Given a package's directory, return its sentences, none of them translated."""
    template = Catalog()
    for _, _, message, _, _ in extract_from_dir(package, keywords=KEYWORDS):
        template.add(message)
    return template


def read(file: Path) -> Catalog:
    """Given a file of translations, return them."""
    return read_po(BytesIO(file.read_bytes()), abort_invalid=True)


def merge(old: Catalog, template: Catalog) -> Catalog:
    """Given translations and today's sentences, return the translations of these; what is new is empty."""
    old.update(template, no_fuzzy_matching=True)
    return old


def write(catalogue: Catalog) -> bytes:
    """Given sentences, with translations or without, return them as a file. Its head is only what readers need."""
    head = ["MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit"]
    if catalogue.locale is not None:
        plurals = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
        head = [f"Language: {catalogue.locale}", *head, f"Plural-Forms: {plurals}"]
    top = "".join(f'"{line}\\n"\n' for line in head)
    body = BytesIO()
    write_po(body, catalogue, _WIDTH, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    return f'msgid ""\nmsgstr ""\n{top}\n'.encode() + body.getvalue().rstrip(b"\n") + b"\n"


def update(locale: Path, template: Catalog, begin: Sequence[str] = ()) -> Iterator[str]:
    """Given the directory of translations, today's sentences and languages to begin, write the files and yield a line
    for each."""
    (locale / TEMPLATE).write_bytes(write(template))
    yield f"{TEMPLATE}: {len(template)} sentences"
    for language in begin:
        if not (locale / f"{language}.po").exists():
            (locale / f"{language}.po").write_bytes(write(Catalog(language)))
    for file in sorted(locale.glob("*.po")):
        catalogue = merge(read(file), template)
        file.write_bytes(write(catalogue))
        yield f"{file.name}: {count_translated(catalogue)} of {len(template)} translated"


def count_translated(catalogue: Catalog) -> int:
    """Given translations, return how many sentences have theirs, in all plural forms."""
    return sum(bool(message.string and all(message.string)) for message in catalogue if message.id)


if __name__ == "__main__":
    LOCALE.mkdir(exist_ok=True)
    for line in update(LOCALE, extract(), sys.argv[1:]):
        print(line)
