"""How the file spells the fields of core's classes: key names that differ, and how single values are read."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, get_type_hints

from triagebot.core import desk, modes
from triagebot.core.files import spelling
from triagebot.core.rules import rule

_SPELLED: dict[type, dict[str, str]] = {
    desk.Absence: {"first": "from", "last": "to"},
    desk.Season: {"first": "from", "last": "to"},
    desk.Form: {"sender": "from"},
    desk.AlertAccount: {"sender": "from"},
    desk.Quiet: {"first": "from", "last": "to"},
    rule.Rule: {"sender": "from"},
}
_NOT_IN_FILES: dict[type, frozenset[str]] = {
    desk.Secret: frozenset({"literal"}),
    rule.Rule: frozenset({"place", "at_most"}),
    rule.RuleTest: frozenset({"place"}),
}
_BY_TYPE: dict[Any, Callable[[Any], object]] = {
    timedelta: spelling.parse_duration,
    date: spelling.parse_date,
    time: spelling.parse_time,
    Decimal: spelling.parse_money,
}
_BY_FIELD: dict[tuple[type, str], Callable[[Any], object]] = {
    (desk.DeskSettings, "address"): spelling.parse_address,
    (desk.DeskSettings, "aliases"): spelling.parse_address,
    (desk.DeskSettings, "developer"): spelling.parse_address,
    (desk.DeskSettings, "language"): spelling.parse_language,
    (desk.DigestSettings, "language"): spelling.parse_language,
    (desk.Limits, "mail_bytes"): spelling.parse_size,
    (desk.Limits, "header_bytes"): spelling.parse_size,
    (desk.Limits, "header_line"): spelling.parse_size,
    (desk.Limits, "parse_memory"): spelling.parse_size,
    (desk.Inbox, "id"): spelling.parse_id,
    (desk.Oauth, "id"): spelling.parse_id,
    (desk.Booking, "url"): spelling.parse_url,
    (desk.Booking, "emergency_url"): spelling.parse_url,
    (desk.Booking, "currency"): spelling.parse_currency,
    (desk.Vendor, "id"): spelling.parse_id,
    (desk.Vendor, "kind"): spelling.parse_kind,
    (desk.Vendor, "help"): spelling.parse_url,
    (desk.Plan, "id"): spelling.parse_id,
    (desk.Duty, "id"): spelling.parse_id,
    (desk.Colleague, "address"): spelling.parse_address,
    (desk.Client, "id"): spelling.parse_id,
    (desk.Client, "addresses"): spelling.parse_address,
    (desk.Client, "sites"): spelling.parse_url,
    (desk.Client, "domains"): spelling.parse_domain,
    (desk.Client, "forwarders"): spelling.parse_domain,
    (desk.Client, "language"): spelling.parse_language,
    (desk.Form, "sender"): spelling.parse_address,
    (desk.Form, "dkim_domain"): spelling.parse_domain,
    (desk.AlertAccount, "to"): spelling.parse_address,
    (desk.AlertAccount, "sender"): spelling.parse_address,
    (desk.Season, "id"): spelling.parse_id,
    (desk.Package, "id"): spelling.parse_id,
    (modes.Said, "of"): modes.parse_of,
    (rule.Rule, "id"): spelling.parse_id,
    (rule.Rule, "reason"): spelling.parse_reason,
    (rule.Rule, "when"): spelling.parse_moment,
    (rule.Rule, "vendor"): spelling.parse_kind,
    (rule.Rule, "languages"): spelling.parse_language,
    (rule.RuleTest, "language"): spelling.parse_language,
}

_MAY_BE_EMPTY = {(rule.RuleTest, "text")}  # a test may have a subject alone


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table: the field it fills, its type, whether it must be given, how its value is read."""

    field: str
    hint: Any
    required: bool
    read: Callable[[Any], object] | None
    may_be_empty: bool


@cache
def keys_of(kind: type) -> dict[str, Key]:
    """Given a class of core, return the keys its table has in the files, by the name written there."""
    hints = get_type_hints(kind)
    hidden = _NOT_IN_FILES.get(kind, frozenset())
    spelled = _SPELLED.get(kind, {})
    return {
        spelled.get(item.name, item.name): Key(
            item.name,
            hints[item.name],
            item.default is MISSING and item.default_factory is MISSING,
            _BY_FIELD.get((kind, item.name)),
            (kind, item.name) in _MAY_BE_EMPTY,
        )
        for item in fields(kind)
        if item.name not in hidden
    }


def reader_of(hint: Any) -> Callable[[Any], object] | None:
    """Given a type, return how its values are read from text, or None when TOML has the type itself."""
    return _BY_TYPE.get(hint)
