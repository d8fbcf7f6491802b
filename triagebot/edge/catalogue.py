"""Sentences in the languages of triagebot/locale: gettext catalogues (.po), read by Babel when one is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from gettext import GNUTranslations
from importlib.resources import files
from io import BytesIO

from triagebot.core.phrase import SPOKEN


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sentences of one language: that of a text, and that of two texts (for one, for several) and a number."""

    language: str
    translate: Callable[[str], str]
    translate_many: Callable[[str, str, int], str]


def _one_or_many(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


@lru_cache(maxsize=8)
def read_catalogue(language: str) -> Catalogue:
    """Given a language code, return its catalogue, else that of the language without its region, else English, which
    needs no file. What is not translated, or only in some of its plural forms, is said in English."""
    first = language.partition("-")[0]
    found = next((name for name in (language, first) if name in SPOKEN), "")
    if found in ("", "en"):
        return Catalogue(language if found else "en", str, _one_or_many)
    return parse_catalogue(language, (files("triagebot") / "locale" / f"{found}.po").read_bytes())


def parse_catalogue(language: str, written: bytes) -> Catalogue:
    """Given a language code and the bytes of a .po file, return its catalogue. Babel reads such files, the standard
    library their compiled form, with the rule for plurals."""
    from babel.messages.mofile import write_mo  # late: a desk in English never needs them
    from babel.messages.pofile import read_po

    catalogue = read_po(BytesIO(written), locale=language.partition("-")[0], abort_invalid=True)
    for message in list(catalogue):
        if message.pluralizable and not all(message.string or ("",)):
            catalogue.delete(message.id)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    return Catalogue(language, translations.gettext, translations.ngettext)
