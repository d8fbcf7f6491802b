"""The starter set: rules/*.toml and replies/en/*.md, which `triagebot init` copies into a new desk."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, meta

from triagebot.core.desk import TIERS
from triagebot.core.rules.rule import DEMAND
from triagebot.edge.replies import FRAME_VARIABLES, STATEMENT_VARIABLES, VARIABLES, Replies, load_replies

ROOT = Path(__file__).parents[1]
RULES: list[dict[str, Any]] = [
    rule
    for path in sorted((ROOT / "rules").glob("*.toml"))
    for rule in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
]
SOURCES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "replies" / "en").glob("*.md"))}
CLOSED_KINDS = ("question", "vendor", "enquiry", "work", "project", "emergency", "unmatched")
CLOSINGS = [f"closing.{kind}.{tier}" for kind in CLOSED_KINDS for tier in TIERS]
PARTIALS = {
    "vendors", "vendors-emergency", "session", "session-emergency",
    "plans", "estimate", "absence", "absence-emergency", "silence", "colleague", "moved",
}  # fmt: skip
CONVERSATION = {"accepted", "declined", "expired", "quote", "courtesy", "warranty"}
"""What is said about a price, and where there is none."""
STACK_KINDS = {
    "registrar", "dns", "host", "mail", "cms", "theme", "plugin", "page-builder",
    "shop", "payments", "newsletter", "certificate", "analytics", "backup",
}  # fmt: skip
MOST_WORDS = 180
BRANDS = re.compile(
    r"\b(godaddy|namecheap|ionos|hostinger|bluehost|siteground|kinsta|flywheel|wp engine|ovh|hetzner|strato"
    r"|cloudflare|gandi|gmail|google workspace|microsoft 365|office 365|hotmail|yahoo|icloud|fastmail|proton"
    r"|zoho|mailchimp|stripe|paypal|let's encrypt)\b",
    re.IGNORECASE,
)
LEFTOVERS = re.compile(r"\{\{|\}\}|\{%|%\}|\n\n\n| ,|\s\.(?=\s|$)|\(\)|<>|\*\*\*\*|\bNone\b|^- *$|[^\n] {2,}\S", re.M)
ITEM = re.compile(r"(?:- |\d+\. )")

EMPTY: dict[str, Any] = {
    "desk": {"name": "Ada Webworks", "address": "support@adaweb.example"},
    "client": {"name": ""},
    "vendors": [],
    "booking": {"url": "", "rate": "", "emergency_rate": "", "emergency_url": ""},
    "promise": "",
    "estimate": {"low": "", "high": "", "minutes": 0, "until": ""},
    "plans": [],
    "absence": {"until": "", "note": ""},
    "waiting": False,
    "colleague": "",
    "seen_at": "",
    "silent": False,
    "moved": [],
}
BARE_VENDOR = {"name": "Vendor Two", "kind": "dns", "help": "", "contact": "", "emergency": "", "ask_for": []}
FULL: dict[str, Any] = EMPTY | {
    "client": {"name": "Bakery Nowak"},
    "vendors": [
        BARE_VENDOR,
        {
            "name": "Vendor One",
            "kind": "host",
            "help": "https://help.one.example",
            "contact": "chat on their site",
            "emergency": "+00 123",
            "ask_for": ["customer number", "domain name"],
        },
    ],
    "booking": {
        "url": "https://cal.example/ada",
        "rate": "€80.00",
        "emergency_rate": "€140.00",
        "emergency_url": "https://cal.example/now",
    },
    "promise": "Tuesday 24 November 2026",
    "estimate": {"low": "€40.00", "high": "€60.00", "minutes": 30, "until": "Tuesday 8 December 2026"},
    "plans": [{"name": "Care", "price": "€240.00", "minutes": 180, "hours": "3"}],
    "absence": {"until": "Thursday 31 December 2026", "note": "Christmas"},
    "waiting": True,
    "moved": [
        {"subject": "New footer", "before": "Monday 28 December 2026", "after": "Monday 4 January 2027"},
        {"subject": "", "before": "Tuesday 29 December 2026", "after": ""},
    ],
}


@pytest.fixture(scope="module")
def replies() -> Replies:
    """The starter replies as a desk loads them."""
    found, problems = load_replies(ROOT / "replies", "replies")
    assert problems == []
    return found


def render_all(replies: Replies, name: str) -> list[str]:
    """Given a reply file's name, return its texts: for each tier, without optional values and with all."""
    tiers = [name.rpartition(".")[2]] if name in CLOSINGS else list(TIERS)
    base = name.rpartition(".")[0] if name in CLOSINGS else name
    return [
        replies.render(base, tier, "en", values | {"tier": tier}).strip() for tier in tiers for values in (EMPTY, FULL)
    ]


def test_at_least_forty_rules_with_unique_ids() -> None:
    """A new desk recognises what clients commonly ask, and each rule can be named."""
    ids = [rule["id"] for rule in RULES]
    assert len(ids) >= 40
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_rule_is_tested_and_well_formed(rule: dict[str, Any]) -> None:
    """Every rule shows three mails at least, one of them a near miss, and uses the field's words."""
    expected = [test.get("expect", True) for test in rule["test"]]
    assert len(expected) >= 3
    assert True in expected
    assert False in expected
    assert rule["kind"] in DEMAND
    assert re.fullmatch(r"[a-z]+/[a-z-]+", rule["reason"])
    assert set(rule.get("vendor", [])) <= STACK_KINDS
    assert rule["kind"] not in ("work", "project", "emergency") or rule["minutes"] > 0


def test_every_answer_exists_and_is_used() -> None:
    """Rules and answers fit together: none missing, none left over; thanks are answered by nothing."""
    named = {rule["reply"] for rule in RULES if rule["kind"] != "thanks"}
    assert named == SOURCES.keys() - set(CLOSINGS) - PARTIALS - CONVERSATION - {"frame", "statement"}
    assert {rule["reply"] for rule in RULES if rule["kind"] == "thanks"} == {""}


def test_every_kind_and_tier_has_its_closing() -> None:
    """The table of design.md section 3 is complete, as files."""
    assert set(CLOSINGS) == {name for name in SOURCES if name.startswith("closing.")}


@pytest.mark.parametrize("name", CLOSINGS)
def test_a_date_is_told_only_where_time_is_held(name: str, replies: Replies) -> None:
    """A closing promises a day only for those kinds and tiers that design.md section 3 gives one."""
    _, kind, tier = name.split(".")
    dated = kind in ("work", "project") or tier == "retainer"
    told = [FULL["promise"] in text for text in render_all(replies, name)]
    assert told == [False, dated]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_answer_shows_vendors_exactly_when_its_rule_names_kinds(rule: dict[str, Any]) -> None:
    """A rule's `vendor` is not in vain, and no answer shows vendors it was not given."""
    shown = '{% include "vendors' in SOURCES.get(rule["reply"], "")
    assert shown == bool(rule.get("vendor"))


@pytest.mark.parametrize("name", SOURCES)
def test_template_uses_the_closed_list_of_variables(name: str) -> None:
    """No reply speaks of a value that triage does not give it (safety.md B, design.md section 8)."""
    used = meta.find_undeclared_variables(Environment(autoescape=True).parse(SOURCES[name]))
    assert used <= {"frame": FRAME_VARIABLES, "statement": STATEMENT_VARIABLES}.get(name, VARIABLES)


@pytest.mark.parametrize("name", sorted(SOURCES.keys() - {"frame", "statement"}))
def test_reply_renders_cleanly(name: str, replies: Replies) -> None:
    """With every optional value empty or given, a reply is short and shows no trace of its template."""
    for text in render_all(replies, name):
        assert len(text.split()) <= MOST_WORDS
        assert not LEFTOVERS.search(text), text
        for line, following in zip(text.splitlines(), text.splitlines()[1:], strict=False):
            joined = bool(ITEM.match(line)) != bool(ITEM.match(following)) and line and following
            assert not joined, f"a list and a paragraph run together: {line!r}, {following!r}"


@pytest.mark.parametrize("name", sorted(SOURCES.keys() - PARTIALS - {"frame", "statement"}))
def test_reply_says_something_without_optional_values(name: str, replies: Replies) -> None:
    """An answer or closing never depends on a value that a desk may leave out."""
    assert all(len(text.split()) >= 8 for text in render_all(replies, name))


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("values", [EMPTY, FULL], ids=["empty", "full"])
def test_frame_joins_a_whole_mail(tier: str, values: dict[str, Any], replies: Replies) -> None:
    """The mail greets, holds all answers and the closing, is signed, and says that it is automatic."""
    hello = values["client"]["name"]
    parts = {
        "answers": ["First answer.\n", "\nSecond answer."],
        "closing": "The closing.\n\n",
        "hello": hello,
        "automatic": True,
    }
    text = replies.render("frame", tier, "en", values | {"tier": tier} | parts).strip()
    assert text.startswith("Hello Bakery Nowak,\n\n" if hello else "Hello,\n\n")
    order = ["First answer.", "---", "Second answer.", "---", "The closing.", "Ada Webworks", "automatic"]
    positions = [text.index(order[0])]
    for part in order[1:]:
        positions.append(text.index(f"\n{part}" if part != "automatic" else part, positions[-1]))
    assert positions == sorted(positions)
    assert not LEFTOVERS.search(text)
    assert replies.render_subject("frame", tier, "en", values) == "Your message to Ada Webworks"
    by_hand = replies.render("frame", tier, "en", values | {"tier": tier} | parts | {"automatic": False})
    assert "automatic" not in by_hand
    assert by_hand.strip().endswith("Ada Webworks")


def test_no_vendor_is_named() -> None:
    """Vendors come from the client's stack; the starter files know none of them."""
    texts = {
        **SOURCES,
        **{path.name: path.read_text(encoding="utf-8") for path in (ROOT / "rules").glob("*.toml")},
    }
    assert [(name, BRANDS.findall(text)) for name, text in texts.items() if BRANDS.search(text)] == []
