"""Authentication-Results headers (RFC 8601), read with authres into core values; nothing is judged here.

authres raises on a trailing semicolon, on addresses with a colon and on Microsoft's headers, and
forgives an unclosed comment. So comments and clauses are taken apart here first, by a scanner that
accepts no doubt, and authres reads the clauses that matter, one at a time.
"""

import re
from functools import lru_cache

from authres import AuthenticationResultsHeader, AuthResError

from triagebot.core.mail import HeaderBlock
from triagebot.core.reading.address import ascii_domain
from triagebot.core.sender.authentication import AuthHeader, AuthResult

HEADER = "authentication-results"
MOST_HEADERS = 20
MOST_CHARACTERS = 8192
"""safety.md D.1.3: how many instances are read, and how long one may be."""

_MOST_CLAUSES = 50
_MOST_PROPERTIES = 50
_COMMENT_DEPTH = 20
_METHODS = frozenset(("arc", "dkim", "dmarc", "spf"))
_PIECE = re.compile(r'[^"();\\]+|"(?:[^"\\]++|\\.)*+"|.', re.DOTALL)
_COMMENT_MARK = re.compile(r"\\.|[()]", re.DOTALL)
_ID = re.compile(r'\s*"?([^\s=";]{1,255})"?(?:\s+([0-9]+))?\s*')
_METHOD = re.compile(r"\s*([A-Za-z0-9-]{1,40})\s*(?:/\s*[0-9]{1,5}\s*)?=")
# Nearly all clauses are this plain, and authres takes half a millisecond for one; a test holds that it reads them so.
_PLAIN = re.compile(
    r"\s*(arc|dkim|dmarc|spf)=([a-z]{1,20})((?:\s+(?:header|smtp|policy)\.[a-z]{1,20}=[A-Za-z0-9][A-Za-z0-9.-]*){0,20})\s*"
)
_PROPERTY = re.compile(r"([a-z]+\.[a-z]+)=([A-Za-z0-9.-]+)")
_WORD_OF_ANY_SCRIPT = re.compile(r"[^\s=@]*[^\x00-\x7f][^\s=@]*")
# authres stops at characters such as the colons of IPv6 addresses; they are in no value used here.
_UNREADABLE = re.compile(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.@\s-]")
_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e]")


class _Unreadable(ValueError):
    """A header value whose quotes, comments or clauses leave a doubt."""


def read_results(block: HeaderBlock) -> tuple[AuthHeader, ...]:
    """Given a mail's headers, return its Authentication-Results from the top, 20 at most.

    One that cannot be read without doubt has no results, and its `problem` says why.
    """
    found: list[AuthHeader] = []
    for position, field in enumerate(block.fields):
        if field.name == HEADER and len(found) < MOST_HEADERS:
            try:
                found.append(_read(position, field.value))
            except _Unreadable as error:
                found.append(AuthHeader(position, "", problem=str(error)))
    return tuple(found)


def _read(position: int, value: str) -> AuthHeader:
    if len(value) > MOST_CHARACTERS:
        raise _Unreadable(f"longer than {MOST_CHARACTERS} characters")
    clauses = _split(value)
    if len(clauses) > _MOST_CLAUSES:
        raise _Unreadable(f"more than {_MOST_CLAUSES} results")
    name = _ID.fullmatch(clauses[0])
    if name is not None:
        if name[2] not in (None, "1"):
            raise _Unreadable(f"version {name[2][:9]} is not known")
        authserv_id, clauses = name[1].lower(), clauses[1:]
    elif _METHOD.match(clauses[0]):
        authserv_id = ""  # Microsoft starts with the first result
    else:
        raise _Unreadable("it does not start with a server's name")
    results = (_read_clause(clause) for clause in clauses if clause.strip())
    return AuthHeader(position, authserv_id, tuple(result for result in results if result is not None))


@lru_cache(maxsize=1024)
def _read_clause(clause: str) -> AuthResult | None:
    """Given one clause without comments, return its result; None for methods that decide nothing here."""
    method = _METHOD.match(clause)
    if method is None:
        if clause.strip().lower() == "none":
            return None
        raise _Unreadable("a clause is no result")
    if method[1].lower() not in _METHODS:
        return None
    plain = _PLAIN.fullmatch(clause)
    if plain is not None:
        return AuthResult(plain[1], plain[2], tuple(_PROPERTY.findall(plain[3])))
    if clause.count("=") > _MOST_PROPERTIES:
        raise _Unreadable(f"a result has more than {_MOST_PROPERTIES} properties")
    try:
        header = AuthenticationResultsHeader.parse_value(f"x; {clause}")
    except (AuthResError, ValueError) as error:
        raise _Unreadable(str(error)[:100]) from error
    if len(header.results) != 1:
        raise _Unreadable("a clause holds several results")
    result = header.results[0]
    properties = tuple((f"{p.type}.{p.name}", str(p.value or "")) for p in result.properties)
    return AuthResult(str(result.method), str(result.result), properties)


def _split(value: str) -> list[str]:
    """Given a header value, return its clauses without comments, quoted strings kept whole."""
    clauses: list[list[str]] = [[]]
    position = 0
    while position < len(value):
        piece = _PIECE.match(value, position)
        if piece is None:
            raise _Unreadable("a character that cannot stand there")
        text, position = piece[0], piece.end()
        if text == ";":
            clauses.append([])
        elif text == "(":
            position = _end_of_comment(value, piece.start())
            clauses[-1].append(" ")
        elif text in (")", "\\", '"'):
            raise _Unreadable("a quote or comment is not closed")
        elif text.startswith('"'):
            clauses[-1].append(_NOT_PRINTABLE.sub("?", text))
        else:
            clauses[-1].append(_readable(text))
    return ["".join(parts) for parts in clauses]


def _end_of_comment(value: str, start: int) -> int:
    depth = 0
    for mark in _COMMENT_MARK.finditer(value, start):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0:
            return mark.end()
        if depth > _COMMENT_DEPTH:
            raise _Unreadable("comments are nested too deep")
    raise _Unreadable("a quote or comment is not closed")


def _readable(text: str) -> str:
    """Given text outside quotes, return it as authres reads it, domains as A-labels (RFC 8616)."""
    if not text.isascii():
        text = _WORD_OF_ANY_SCRIPT.sub(lambda word: ascii_domain(word[0]) or "_", text)
    return _UNREADABLE.sub("_", text)
