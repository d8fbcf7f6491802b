"""A digest as HTML that mail programs show: on a phone, in the dark, and in Outlook's engine."""

import re
from base64 import b64encode
from binascii import crc32
from collections.abc import Callable
from html import escape
from itertools import groupby

from triagebot.core.digest import style
from triagebot.core.digest.content import Digest, Picture, Section
from triagebot.core.digest.parts import Pieces
from triagebot.core.digest.wording import QUIET, is_bare, say_more
from triagebot.core.outgoing.inline import Inline, content_id
from triagebot.core.phrase import ENGLISH, Voice

_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
_TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
_BEGIN = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
<style>
{sheet}
</style>
</head>
<body class="page" bgcolor="{page}" style="margin:0;padding:0;background-color:{page}">
{table} class="page" bgcolor="{page}"><tr><td align="center" style="padding:12px 8px">
<!--[if mso]><table role="presentation" width="680" align="center"><tr><td><![endif]-->
{table} class="card" bgcolor="{card}" style="{look}">"""
_END = """</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr></table>
</body>
</html>
"""
_ROW = '<tr><td style="{font};padding:{padding}">\n{content}\n</td></tr>'


def name_by_id(picture: Picture) -> str:
    """Given a picture, return how a mail names it that brings it along."""
    return f"cid:{content_id(_plain_name(picture))}"


def name_by_content(picture: Picture) -> str:
    """Given a picture, return how a file names it that holds it in itself."""
    return f"data:image/png;base64,{b64encode(picture.png).decode()}"


def inline_pictures(digest: Digest) -> tuple[Inline, ...]:
    """Given a digest, return the pictures that go along with its page (compose.Draft.pictures)."""
    return tuple(Inline(_plain_name(picture), picture.png) for picture in digest.pictures)


def render_html(digest: Digest, voice: Voice = ENGLISH, name_picture: Callable[[Picture], str] = name_by_id) -> str:
    """Given a digest, its language and how its pictures are named, return its HTML part: no remote content, text of
    others escaped."""
    pieces = Pieces(voice, digest.answer)
    head = [
        f'<h1 class="ink" style="{style.TITLE}">{pieces.words(digest.title)}</h1>',
        pieces.paragraph(digest.proof, style.PROOF),
    ]
    if not digest.filled:
        head.append(pieces.paragraph(QUIET, style.PROOF, "ink"))
    rows = [_row("22px 20px 16px", "\n".join(head))]
    for said in digest.notices:
        rows.append(
            _row(
                "0 20px 10px",
                f'{_TABLE}><tr><td class="warn" dir="auto" bgcolor="{style.TONES["warn"][0]}"'
                f' style="{style.FONT};{style.notice("warn")}">{pieces.words(said)}</td></tr></table>',
            )
        )
    for section in digest.filled:
        rows += _render_section(section, pieces, name_picture, urges=section is digest.sections[0])
    if digest.hints:
        hints = "\n".join(pieces.paragraph(hint, style.HINT) for hint in digest.hints)
        rows.append(_row("22px 20px 20px", hints))
    else:
        rows.append(_row("0 20px 12px", "&nbsp;"))
    language = escape(voice.language)
    begin = _BEGIN.format(
        language=language,
        direction="rtl" if re.split("[-_]", language)[0] in _RIGHT_TO_LEFT else "ltr",
        title=pieces.words(digest.title),
        sheet=style.DARK,
        table=_TABLE,
        page=style.PAGE,
        card=style.CARD,
        look=style.SHEET,
    )
    return "\n".join((begin, *rows, _END))


def _render_section(section: Section, pieces: Pieces, name_picture: Callable[[Picture], str], urges: bool) -> list[str]:
    count = sum(bool(item.ref) for item in section.items) + section.more
    shown = f'&nbsp; <span class="calm" style="{style.COUNT}">{count}</span>' if count else ""
    heading = f'<h2 class="ink" style="{style.HEADING}">{pieces.words(section.heading)}{shown}</h2>'
    rows = [_row("26px 20px 8px", heading)]
    for brief, group in groupby((item for item in section.items if not is_bare(item)), lambda item: item.brief):
        items = list(group)
        rows += [_ruled(pieces.briefs(items))] if brief else [_ruled(pieces.item(item, urges)) for item in items]
    bare = [item for item in section.items if is_bare(item)]
    if bare:
        rows.append(_ruled(pieces.bare(bare)))
    if section.more:
        rows.append(_ruled(pieces.paragraph(say_more(section), style.SENTENCE)))
    if section.picture:
        rows.append(_row("0 20px 8px", pieces.picture(section.picture, name_picture)))
    if section.table:
        rows.append(_row("0 20px 8px", pieces.table(section.table)))
    return rows


def _ruled(content: str) -> str:
    """A row under a thin line."""
    return f'<tr><td class="line ink" style="{style.RULED}">\n{content}\n</td></tr>'


def _row(padding: str, content: str) -> str:
    return _ROW.format(font=style.FONT, padding=padding, content=content)


def _plain_name(picture: Picture) -> str:
    """A picture's name as it may stand in headers; a sum keeps names apart that only then look the same."""
    plain = re.sub("[^a-z0-9]+", "-", picture.name).strip("-")[:23].strip("-")
    return plain if plain == picture.name else f"{plain or 'picture'}-{crc32(picture.name.encode()):08x}"
