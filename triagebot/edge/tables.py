"""TOML tables to core's frozen classes: every mistake is found at once, and said in plain words.

Each table is filled on its own, from the innermost outwards. What is wrong in it is replaced by a
stand-in, so that later checks still see the rest; a result that came with findings must not be used.
"""

import shlex
from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, cast, get_args, get_origin

from triagebot.core.desk import Oauth, Secret
from triagebot.core.files.problem import Finding
from triagebot.edge.phrases import describe, example_of, options_of, show, unknown_key
from triagebot.edge.spelled import Key, keys_of, reader_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")
Path = tuple[str | int, ...]

_WRONG = object()
_PASSWORDS = '{ env = "NAME" }, { file = "PATH" }, { command = "…" }, { keyring = "…" }, { oauth = "google" }'


def fill(kind: type[T], table: object, path: Path = ()) -> tuple[T | None, list[Finding]]:
    """Given a class of core and a table of the file, return the instance and what is wrong in the table.

    Paths of findings are those of the file, under `path`. The instance is None if `table` is no table.
    """
    filler = _Filler()
    filled = filler.table(kind, table, path)
    return (None if filled is _WRONG else cast(T, filled)), filler.findings


class _Filler:
    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def table(self, kind: type, written: object, path: Path) -> object:
        """Given a class and what stands in the file, return the instance, or _WRONG if that is no table."""
        if kind is Secret:
            return self._secret(written, path)
        if not isinstance(written, dict):
            return self._wrong(path, f"must be {describe(kind)}, not {show(written)}")
        keys = keys_of(kind)
        values: dict[str, object] = {}
        for name, value in written.items():
            if name in keys and value in ("", []) and keys[name].required and not keys[name].may_be_empty:
                self._wrong((*path, name), f"is empty; write: {name} = {example_of(name, keys[name].hint)}")
                values[keys[name].field] = _WRONG
            elif name in keys:
                values[keys[name].field] = self._value(keys[name].hint, keys[name], value, (*path, name))
            else:
                self._wrong((*path, name), unknown_key(name, keys))
        for name, key in keys.items():
            if key.required and name not in written:
                self._wrong((*path, name), f"is missing; add: {name} = {example_of(name, key.hint)}")
                values[key.field] = _WRONG
        return self._build(kind, values, path)

    def _build(self, kind: type, values: dict[str, object], path: Path) -> object:
        complete = _replace_wrong(kind, values)
        hints = {key.field: key.hint for key in keys_of(kind).values()}
        if all(_fits(hints[field], value) for field, value in complete.items()):
            return kind(**complete)
        # pydantic takes 0.1 s to import: a desk without mistakes starts without it.
        from pydantic import ValidationError

        try:
            return _adapter(kind).validate_python(complete)
        except ValidationError as error:
            for place in dict.fromkeys(found["loc"] for found in error.errors(include_url=False)):
                self._wrong_type(kind, place, values, path)
                values[str(place[0])] = _WRONG
        return _adapter(kind).validate_python(_replace_wrong(kind, values))

    def _wrong_type(self, kind: type, place: Path, values: dict[str, object], path: Path) -> None:
        name, key = next((name, key) for name, key in keys_of(kind).items() if key.field == place[0])
        if values[key.field] is _WRONG:
            return
        hint, value, path = key.hint, values[key.field], (*path, name)
        # What follows in the place are indexes and keys, but also pydantic's own marks of unions.
        for step in place[1:]:
            if isinstance(value, tuple) and isinstance(step, int):
                hint, value = get_args(hint)[0], value[step]
            elif isinstance(value, dict) and step in value:
                hint, value = get_args(hint)[1], value[step]
            else:
                break
            path = (*path, step)
        self._wrong(path, f"must be {describe(hint)}, not {show(value)}")

    def _value(self, hint: Any, key: Key, written: object, path: Path) -> object:
        origin, options = get_origin(hint), options_of(hint)
        if origin is tuple:
            element, several = get_args(hint)[0], written if isinstance(written, list) else [written]
            if element is str and key.read is None and all(type(one) is str for one in several):
                return tuple(several)  # the patterns of rules: by far the most of what is read
            places = [(*path, number) for number in range(len(several))] if several is written else [path]
            read = [self._value(element, key, one, place) for one, place in zip(several, places, strict=True)]
            # Stand-ins keep the numbers of the elements behind them right.
            return tuple(_stand_in(element, "") if one is _WRONG else one for one in read)
        if origin is dict:
            return self._mapping(hint, key, written, path)
        if is_dataclass(options[0]):
            return self.table(cast(type, options[0]), written, path)
        reader = key.read or reader_of(options[0])
        if reader is None and _is_guessed(options, written):
            return self._wrong(path, f"must be {describe(hint)}, not {show(written)}")
        # An optional text may be left empty, and what is no text at all is pydantic's to refuse.
        unread = options[0] is str and (not isinstance(written, str) or not (written or key.required))
        if reader is None or unread:
            negative = isinstance(written, int) and written < 0
            return self._wrong(path, f"must not be below zero, as {written} is") if negative else written
        try:
            return reader(written)
        except ValueError as error:
            return self._wrong(path, str(error))

    def _mapping(self, hint: Any, key: Key, written: object, path: Path) -> object:
        if not isinstance(written, dict):
            return self._wrong(path, f"must be {describe(hint)}, not {show(written)}")
        names, element = get_args(hint)
        known = get_args(names) if get_origin(names) is Literal else tuple(written)
        read = {}
        for name, value in written.items():
            if name in known:
                read[name] = self._value(element, key, value, (*path, name))
            else:
                self._wrong((*path, name), unknown_key(name, known))
        return {name: value for name, value in read.items() if value is not _WRONG}

    def _secret(self, written: object, path: Path) -> object:
        if isinstance(written, str):
            return Secret(literal=written)
        keys = keys_of(Secret)
        if not isinstance(written, dict) or len(written) != 1:
            return self._wrong(path, f"a password is given as one of {_PASSWORDS}")
        [(form, source)] = written.items()
        if form not in keys:
            return self._wrong((*path, form), unknown_key(form, keys))
        if form == "oauth" and isinstance(source, dict):
            signin = self.table(Oauth, source, (*path, form))
            return _WRONG if signin is _WRONG else Secret(oauth=cast(Oauth, signin))
        if form == "oauth" and source and not isinstance(source, str):
            return self._wrong((*path, form), f"must be the id of an [[oauth]] or such a table, not {show(source)}")
        if form == "command" and isinstance(source, str):
            try:
                source = shlex.split(source)
            except ValueError:
                return self._wrong((*path, form), "has an opening quote that is never closed")
        if not source:
            return self._wrong((*path, form), f"is empty; a password is given as one of {_PASSWORDS}")
        value = self._value(keys[form].hint, keys[form], source, (*path, form))
        return self._build(Secret, {form: value}, path)

    def _wrong(self, path: Path, text: str) -> object:
        self.findings.append(Finding(path, text))
        return _WRONG


@cache
def _adapter(kind: type) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _replace_wrong(kind: type, values: dict[str, object]) -> dict[str, object]:
    required = {key.field: key.hint for key in keys_of(kind).values() if key.required}
    good = {field: value for field, value in values.items() if value is not _WRONG}
    return {field: _stand_in(hint, field) for field, hint in required.items() if field not in good} | good


def _stand_in(hint: Any, field: str) -> object:
    """An empty value of a required type, so that its neighbours can still be checked."""
    if is_dataclass(hint):
        kind = cast(type, hint)
        return kind(**_replace_wrong(kind, {}))
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    empty = {str: "", int: 1, Decimal: Decimal(0), date: date.max if field == "last" else date.min}
    return empty.get(hint, ())


def _fits(hint: Any, value: object) -> bool:
    """Whether a value has exactly the type: pydantic would take it as it is."""
    if type(hint) is type:
        return type(value) is hint
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in arguments
    if origin in (UnionType, Union):
        return any(_fits(option, value) for option in arguments)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(arguments[0], element) for element in value)
    if origin is dict:
        names, element = arguments
        return isinstance(value, dict) and all(
            _fits(names, name) and _fits(element, one) for name, one in value.items()
        )
    return type(value) is hint


def _is_guessed(options: tuple[Any, ...], written: object) -> bool:
    """pydantic takes true, 5.0 and "5" for 5, and 1 for true; whoever wrote that meant something else."""
    if options in ((int,), (bool,)):
        return type(written) is not options[0]
    return int in options and isinstance(written, bool | float)
