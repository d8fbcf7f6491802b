"""A digest as plain values, for JSON. Keys are only ever added."""

from typing import Any

from triagebot.core.digest.content import Digest, Item, Section
from triagebot.core.phrase import ENGLISH, Voice


def describe_digest(digest: Digest, voice: Voice = ENGLISH) -> dict[str, Any]:
    """Given a digest and its language, return its words as JSON takes them; empty sections are left out, and of
    pictures only the words are there."""
    return {
        "title": voice.speak(digest.title),
        "day": digest.day.isoformat() if digest.day else None,
        "language": voice.language,
        "proof": voice.speak(digest.proof),
        "notices": [voice.speak(notice) for notice in digest.notices],
        "sections": [_describe_section(section, voice) for section in digest.filled],
        "hints": [voice.speak(hint) for hint in digest.hints],
    }


def _describe_section(section: Section, voice: Voice) -> dict[str, Any]:
    table, picture = section.table, section.picture
    return {
        "heading": voice.speak(section.heading),
        "items": [_describe_item(item, voice) for item in section.items],
        "more": section.more,
        "table": table
        and {
            "columns": [voice.speak(column) for column in table.columns],
            "rows": [[voice.speak(cell) for cell in row] for row in table.rows],
        },
        "picture": picture and voice.speak(picture.words),
    }


def _describe_item(item: Item, voice: Voice) -> dict[str, Any]:
    shown, beside = item.shown, item.beside
    return {
        "ref": item.ref,
        "title": voice.speak(item.title),
        "lines": [voice.speak(line) for line in item.lines],
        "quote": item.quote,
        "commands": list(item.commands),
        "tone": item.tone,
        "shown": shown and {"to": shown.to, "subject": shown.subject, "text": shown.text},
        "beside": beside and {"ours": beside.ours, "yours": beside.yours},
        "links": [{"label": voice.speak(label), "to": to} for label, to in item.links],
    }
