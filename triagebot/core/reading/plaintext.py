"""Received text made safe to keep and to search: controls dropped, lengths capped, flowed lines joined."""

import re

MOST_CHARACTERS = 100_000
MOST_LINES = 5_000
_MOST_BLANK = 3

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# C0 except \n and \t, DEL, C1, bidirectional overrides and isolates, byte order marks and other
# characters that mean nothing, lone surrogates (safety.md F.2)
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_PGP_BLOCK = "-----BEGIN PGP SIGNED MESSAGE-----"
_PGP_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"


def clean_text(text: str) -> str:
    """Given received text, return it with \\n line ends and without characters dangerous to store or show."""
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text)).replace("\xa0", " ")


def clean_name(name: str, most: int = 120) -> str:
    """Given a received file name, return its last component, clean, on one line, `most` characters long."""
    one_line = " ".join(clean_text(name).split())
    base = one_line.replace("\\", "/").rstrip("/").rpartition("/")[2]
    if base in {"", ".", ".."}:
        return "unnamed"
    if len(base) <= most:
        return base
    stem, dot, ending = base.rpartition(".")
    if not dot or len(ending) > 10:
        return base[:most]
    return f"{stem[: most - len(ending) - 1]}.{ending}"


def cap_text(text: str) -> tuple[str, bool]:
    """Given clean text, return it within the caps on characters, lines, blank runs; and if words were cut."""
    lines = text[:MOST_CHARACTERS].split("\n")
    kept: list[str] = []
    blank = 0
    for line in lines:
        stripped = line if line.startswith("-- ") else line.rstrip()
        blank = 0 if stripped else blank + 1
        if blank <= _MOST_BLANK:
            kept.append(stripped)
    cut = len(text) > MOST_CHARACTERS or len(kept) > MOST_LINES
    return "\n".join(kept[:MOST_LINES]).strip("\n"), cut


def join_flowed(text: str, delete_space: bool) -> str:
    """Given text of `format=flowed`, return it with its soft line breaks joined (RFC 3676 section 4)."""
    joined: list[str] = []
    depth_before = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        if depth == depth_before:
            joined.append(content)
        else:
            joined.append("\n" * (depth_before >= 0) + (">" * depth + " " if depth else "") + content)
        # "-- " ends in a space yet is never flowed: it is the signature mark (section 4.3)
        if content.endswith(" ") and content != "-- ":
            depth_before = depth
            if delete_space:
                joined[-1] = joined[-1][:-1]
        else:
            joined.append("\n")
            depth_before = -1
    return "".join(joined).removesuffix("\n")


def unwrap_signed(text: str) -> str:
    """Given text with an inline OpenPGP signature, return the words that were signed (RFC 9580 section 7)."""
    head, found, rest = text.partition(_PGP_BLOCK)
    if not found:
        return text
    _, _, signed = rest.partition("\n\n")
    words, _, tail = signed.partition(_PGP_SIGNATURE)
    unescaped = "\n".join(line.removeprefix("- ") for line in words.split("\n"))
    after = tail.partition("-----END PGP SIGNATURE-----")[2]
    return "\n".join(piece.strip("\n") for piece in (head, unescaped, after) if piece.strip())
