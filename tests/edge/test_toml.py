"""The TOML reader: every key is found on its line, every unreadable file is told in one sentence."""

import random
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.edge.toml import parse_toml, read_toml

TEXT = '''\
# a comment with [brackets] and a = b
top = 1
"quoted.key" = "a # b ] } ["
'single key' = 1
[desk] # settings
name = """
multi ] [not-a-table]
key = 1 \\""" still
"""""
literal = \'\'\'
[[no]]
\'\'\'
list = [ # with a comment ]
  "a]", 1979-05-27 07:32:00, [1,
   2], {x = 1, y.z = "}"},
]
after = true
  [ spaced . "dotted.part" ]
  deep . er = 1

[[client]]
id = 'a'
stack.host = "h"
[[client]]
id = 'b'
[client.stack]
mail = "m"
[[season]]
[[season.package]]
id = "q"
[season.package.inner]
k = 1
[[season.package]]
[[season]]
[[season.package]]
id = "z"'''

LINES: dict[tuple[str | int, ...], int] = {
    ("top",): 2,
    ("quoted.key",): 3,
    ("single key",): 4,
    ("desk",): 5,
    ("desk", "name"): 6,
    ("desk", "literal"): 10,
    ("desk", "list"): 13,
    ("desk", "list", 0): 14,
    ("desk", "list", 1): 14,
    ("desk", "list", 2, 1): 15,
    ("desk", "list", 3, "y", "z"): 15,
    ("desk", "after"): 17,
    ("spaced", "dotted.part"): 18,
    ("spaced", "dotted.part", "deep", "er"): 19,
    ("client",): 21,
    ("client", 0): 21,
    ("client", 0, "stack", "host"): 23,
    ("client", 1): 24,
    ("client", 1, "id"): 25,
    ("client", 1, "stack"): 26,
    ("client", 1, "stack", "mail"): 27,
    ("season", 0, "package", 0, "id"): 30,
    ("season", 0, "package", 0, "inner", "k"): 32,
    ("season", 0, "package", 1): 33,
    ("season", 1, "package", 0, "id"): 36,
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(("path", "line"), LINES.items(), ids=str)
def test_every_key_is_found_on_its_line(path: tuple[str | int, ...], line: int, ending: str) -> None:
    """Tables, lists of tables, dotted and quoted keys and list elements are found, whatever texts hold."""
    document, problems = parse_toml(TEXT.replace("\n", ending), "config.toml")
    assert document is not None
    assert problems == []
    assert document.line_of(path) == line


def test_an_unknown_path_has_the_line_of_its_nearest_parent() -> None:
    """A key that is missing is told with the line of the table it is missing from."""
    document, _ = parse_toml(TEXT, "config.toml")
    assert document is not None
    assert document.line_of(("client", 1, "stack", "dns")) == 26
    assert document.line_of(("client", 1, "plan", "x")) == 24
    assert document.line_of(("nowhere",)) == 1
    assert document.line_of(()) == 1


MARKS = st.sampled_from(["#", "]", "}", "[[x]]", '"'])
SCALARS = st.one_of(st.text(max_size=8), MARKS, st.integers(-5, 5), st.booleans(), st.dates())
KEYS = st.text(st.sampled_from("ab.# ]\"'=é"), min_size=1, max_size=4)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))


def _write_text(text: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\"}
    return '"' + "".join(escapes.get(c, c if c.isprintable() else f"\\U{ord(c):08X}") for c in text) + '"'


def _write(value: object, choice: random.Random) -> str:
    if isinstance(value, str):
        return _write_text(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        gap = choice.choice(["", " ", "\n  ", " # [\n"])
        return "[" + "".join(f"{gap}{_write(one, choice)}{gap}," for one in value) + gap + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_write_text(k)} = {_write(v, choice)}" for k, v in value.items()) + "}"
    return str(value)


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=4), st.randoms(use_true_random=False))
def test_the_scanner_never_loses_its_place(tables: list[dict[str, object]], choice: random.Random) -> None:
    """Whatever tomllib reads, every key is recorded, and its recorded line holds that key."""
    text = ""
    for table in tables:
        pairs = (f"{_write_text(key)} = {_write(value, choice)}\n" for key, value in table.items())
        text += "[[entry]]\n" + "".join(pairs)
    document, problems = parse_toml(text, "config.toml")
    assert problems == []
    assert document is not None
    assert document.data == tomllib.loads(text)
    rows = text.split("\n")
    for number, table in enumerate(tables):
        assert rows[document.line_of(("entry", number)) - 1] == "[[entry]]"
        for key in table:
            assert rows[document.line_of(("entry", number, key)) - 1].startswith(f"{_write_text(key)} = ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = b\n", 'f:1: is not valid TOML: Invalid value (column 5); a text needs quotes: name = "Ada"'),
        ("a = 1\n\na = 2\n", "f:3: is not valid TOML: Cannot overwrite a value"),
        ("[a]\n[a]\n", "f:2: is not valid TOML: Cannot declare"),
        ("a = [1,\n2", "f:2: is not valid TOML: Unclosed array; a list ends with ]"),
        ('a = """x\n\n', "f:1: is not valid TOML: Unterminated string"),
        ("a = " + "[" * 20_000, "f: lists or tables are nested too deeply; write them flatter"),
        ("a = " + "9" * 5000, "f: is not valid TOML: "),
    ],
    ids=range(7),
)
def test_a_syntax_error_is_one_problem_with_its_line(text: str, told: str) -> None:
    """tomllib's message is told with file and line, and how to mend it, and nothing is raised."""
    document, problems = parse_toml(text, "f")
    assert document is None
    assert len(problems) == 1
    assert str(problems[0]).startswith(told)


def test_a_deep_document_that_tomllib_accepts_is_no_failure() -> None:
    """Nesting near the interpreter's limit costs at most the lines, never an exception."""
    document, problems = parse_toml("a = 1\nb = " + "[" * 300 + "]" * 300, "f")
    assert problems == []
    assert document is not None
    assert document.line_of(("b", 0, 0)) in (1, 2)


def test_unreadable_files_are_told_in_a_sentence(tmp_path: Path) -> None:
    """A missing file, a directory, other encodings and huge files are problems, never exceptions."""
    (tmp_path / "latin.toml").write_bytes("a = 1\nname = 'Zoé'\n".encode("latin-1"))
    (tmp_path / "wide.toml").write_bytes("name = 'Ada'\n".encode("utf-16"))
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "huge.toml").write_bytes(b"#" * 5_000_001)
    told = {}
    for name in ("none.toml", "latin.toml", "wide.toml", "folder.toml", "huge.toml"):
        document, problems = read_toml(tmp_path / name, tmp_path)
        assert document is None
        told[name] = [str(problem) for problem in problems]
    assert told == {
        "none.toml": ["none.toml: there is no such file; `triagebot init DIR` writes a new desk"],
        "latin.toml": ["latin.toml:2: is not UTF-8 text; save the file with the encoding UTF-8"],
        "wide.toml": ["wide.toml:1: is not UTF-8 text; save the file with the encoding UTF-8"],
        "folder.toml": ["folder.toml: is a directory; a TOML file is expected here"],
        "huge.toml": ["huge.toml: is larger than 5 MB; split it into several files"],
    }


def test_a_file_that_is_no_directory_on_the_way_is_told(tmp_path: Path) -> None:
    """An operating system's refusal becomes a sentence with its reason."""
    (tmp_path / "file").write_text("x")
    document, problems = read_toml(tmp_path / "file" / "config.toml", tmp_path)
    assert document is None
    assert str(problems[0]) == "file/config.toml: cannot be read: Not a directory; mend its permissions"


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Editors on Windows may put a byte order mark first; lines are counted as without it."""
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    document, problems = read_toml(tmp_path / "config.toml", tmp_path)
    assert problems == []
    assert document is not None
    assert document.data == {"a": 1, "b": 2}
    assert document.line_of(("b",)) == 2
