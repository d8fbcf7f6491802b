"""Types and values of the desk's files in the words of a user."""

from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin

from triagebot.core.files.problem import propose
from triagebot.edge.spelled import Key, keys_of

_FEW_KEYS = 12


@cache
def options_of(hint: Any) -> tuple[Any, ...]:
    """Given a type, return the types a value may have: those of a union without None, or the one."""
    options = get_args(hint) if get_origin(hint) in (UnionType, Union) else (hint,)
    return tuple(option for option in options if option is not type(None))


def describe(hint: Any) -> str:
    """Given a type, return how a user would call it."""
    origin = get_origin(hint)
    if origin is Literal:
        words = ", ".join(f'"{word}"' for word in get_args(hint) if word)
        return f"one of {words}" if "," in words else words
    if origin in (UnionType, Union):
        return " or ".join(filter(None, map(describe, options_of(hint))))
    if origin is tuple:
        return f"a list, each {describe(get_args(hint)[0])}"
    if origin is dict or is_dataclass(hint):
        return "a table with keys"
    return {str: "text in quotes", int: "a whole number", bool: "true or false"}.get(hint, "something else")


def show(value: object) -> str:
    """Given a value of the file, return it as it may stand in a sentence."""
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:40]}…"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list | tuple) else str(value)


def unknown_key(name: str, known: dict[str, Key] | tuple[str, ...], what: str = "key") -> str:
    """Given a key (or table) nobody knows and the known ones, return the sentence for the user."""
    proposal = propose(name, known)
    if not proposal:
        few = len(known) <= _FEW_KEYS
        proposal = f"; known here: {', '.join(known)}" if few else "; config.example.toml shows all keys"
    return f"unknown {what} '{name}'{proposal}"


def example_of(name: str, hint: Any) -> str:
    """Given a key's name and type, return a value as it may be written."""
    if is_dataclass(hint):
        keys = keys_of(cast(type, hint)).items()
        inner = (f"{name} = {example_of(name, key.hint)}" for name, key in keys if key.required)
        return f"{{ {', '.join(inner)} }}"
    if get_origin(hint) is Literal:
        return " or ".join(f'"{word}"' for word in get_args(hint))
    if get_origin(hint) is tuple:
        return f"[{example_of(name, get_args(hint)[0])}]"
    return "993" if name == "port" else {int: "60", date: "2026-12-24", Decimal: '"80"'}.get(hint, '"…"')
