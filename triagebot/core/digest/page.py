"""A digest as HTML that mail programs show: on a phone, in the dark, and in Outlook's engine."""

from html import escape

from triagebot.core.digest.content import Digest, Item
from triagebot.core.phrase import ENGLISH, Voice, Words, say

_PAGE = (
    '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
    "<title>{title}</title></head>"
    '<body style="font-family:sans-serif;font-size:15px;line-height:1.45;max-width:46em;'
    'margin:1em auto;padding:0 .7em">'
)
_HEADING = '<h2 style="font-size:17px;margin:1.4em 0 .3em;border-bottom:1px solid #999">{}</h2>'
_ITEM = '<div style="margin:.6em 0;overflow-wrap:anywhere"><b>{}</b>{}</div>'


def render_html(digest: Digest, voice: Voice = ENGLISH) -> str:
    """Given a digest and its language, return its HTML part: no remote content, client text escaped."""

    def shown(words: Words) -> str:
        return escape(voice.speak(words))

    parts = [_PAGE.format(language=escape(voice.language), title=shown(digest.title))]
    parts.append(f'<h1 style="font-size:20px">{shown(digest.title)}</h1><p>{shown(digest.proof)}</p>')
    parts += [f'<p style="color:#b00">{shown(notice)}</p>' for notice in digest.notices]
    for section in digest.filled:
        parts.append(_HEADING.format(shown(section.heading)))
        parts += [_render_item(item, voice) for item in section.items]
    if not digest.filled:
        parts.append(f"<p>{shown(say('A quiet day: nothing needs you.'))}</p>")
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _render_item(item: Item, voice: Voice) -> str:
    details = "".join(f"<br>{escape(voice.speak(line))}" for line in item.lines)
    if item.quote:
        quoted = "<br>".join(escape(line) for line in item.quote.splitlines())
        details += f'<div style="margin:.3em 0 0 .5em;padding-left:.6em;border-left:3px solid #999">{quoted}</div>'
    return _ITEM.format(escape(voice.speak(item.title)), details)
