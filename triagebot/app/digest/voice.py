"""The language the developer is written to in."""

from functools import lru_cache

from triagebot.app.desk.view import DeskView
from triagebot.core.phrase import Voice
from triagebot.edge.catalogue import read_catalogue
from triagebot.edge.wording import say_date, say_money


def voice_of(view: DeskView) -> Voice:
    """Given a desk, return the voice of its digest: [digest] language, else the desk's own."""
    return make_voice(view.desk.digest.language or view.desk.desk.language)


@lru_cache(maxsize=8)
def make_voice(language: str) -> Voice:
    """Given a language code, return its voice; where there is no catalogue for it, that is English throughout."""
    catalogue = read_catalogue(language)
    spoken = catalogue.language
    return Voice(
        spoken,
        catalogue.translate,
        catalogue.translate_many,
        lambda day: say_date(day, spoken),
        lambda amount, currency: say_money(amount, currency, spoken),
    )
