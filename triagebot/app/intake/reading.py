"""What the limited child does with one mail: bytes to Content."""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict

from triagebot.core.mail import Content
from triagebot.core.reading.body import Segment
from triagebot.core.reading.charset import load_codecs
from triagebot.core.reading.newtext import split_new_text
from triagebot.core.reading.plaintext import cap_text, clean_text
from triagebot.edge.html import MOST_CHARACTERS, html_to_text
from triagebot.edge.language import LanguageModel
from triagebot.edge.mime import UnreadableMailError, read_mime

_SAME_WORDS = 200
# One mail with something of everything: what libraries import late is imported while that still works.
_WARM_UP = b"""\
Content-Type: multipart/mixed; boundary="a"

--a
Content-Type: text/plain; charset=koi8-r; format=flowed
Content-Transfer-Encoding: quoted-printable

=F0=D2=C9=D7=C5=D4, =CB=C1=CB =C4=C5=CC=C1? =F1 =D0=C9=DB=D5 =D7=C1=CD.

On Mon, 2 Nov 2026 at 09:12, Anna <anna@example.com> wrote:
> before
--a
Content-Type: text/html
Content-Transfer-Encoding: base64

PHA+SGVsbG8gPGI+d29ybGQ8L2I+PC9wPg==
--a
Content-Type: application/pdf; name="=?utf-8?B?xYFhZC5wZGY=?="
Content-Disposition: attachment; filename*=utf-8''%C5%81ad.pdf
Content-Transfer-Encoding: x-uuencode

begin 644 a
#0V%T
`
end
--a
Content-Type: message/delivery-status

Reporting-MTA: dns; example.com

Final-Recipient: rfc822; anna@example.com
Action: failed
Status: 5.1.1
--a
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
--a--
"""


def make_answer(most_depth: int, most_parts: int) -> Callable[[bytes], bytes]:
    """Given caps on nesting and parts, load all that reading needs and return what answers a frame."""
    logging.disable(logging.CRITICAL)
    load_codecs()
    model = LanguageModel()
    read_content(_WARM_UP, 10, 50, model)

    def answer(raw: bytes) -> bytes:
        try:
            content = read_content(raw, most_depth, most_parts, model)
        except UnreadableMailError as error:
            content = Content(problem=str(error))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 (the outermost loop: a mail that no parser takes is a row too)
            content = Content(problem=f"No parser can read this mail ({type(error).__name__}).")
        return json.dumps(asdict(content), ensure_ascii=False).encode("utf-8", "replace")

    return answer


def read_content(raw: bytes, most_depth: int, most_parts: int, model: LanguageModel) -> Content:
    """Given a mail and its caps, return its content. Raise UnreadableMailError beyond them."""
    mime = read_mime(raw, most_depth, most_parts)
    text, cut = cap_text(_join_body(mime.body))
    split = split_new_text(text)
    unsure = bool(text) and (split.unsure or not split.new)
    new_text = text if unsure else split.new
    noticed = {
        "no-text": not text,
        "text-cut": cut or any(len(segment.text) > MOST_CHARACTERS for segment in mime.body),
        "new-text-unsure": unsure,
    }
    return Content(
        text=text,
        new_text=new_text,
        languages=model.detect(new_text),
        types=mime.types,
        report_type=mime.report_type,
        calendar_method=mime.calendar_method,
        attachments=mime.attachments,
        bounces=mime.bounces,
        returned_id=mime.returned_id,
        defects=(*mime.defects, *(name for name, found in noticed.items() if found)),
    )


def _join_body(body: tuple[Segment, ...]) -> str:
    """Plain pieces and HTML pieces in reading order; a piece that repeats an earlier one is left out."""
    pieces: list[str] = []
    for segment in body:
        # entities may stand for characters that are dangerous to keep
        text = clean_text(html_to_text(segment.text)) if segment.kind == "html" else segment.text
        if not any(_squeeze(text)[:_SAME_WORDS] in _squeeze(piece) for piece in pieces):
            pieces.append(text.strip("\n"))
    return "\n\n".join(pieces)


def _squeeze(text: str) -> str:
    return "".join(text.split()).casefold()
