"""Reply files: which one serves, what it may say, and what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest

from triagebot.core.files.problem import Problem
from triagebot.edge.replies import MOST_OUTPUT, Replies, ReplyError, load_replies

VALUES: dict[str, Any] = {
    "desk": {"name": "Ada Webworks", "address": "support@desk.example"},
    "client": {"name": "Bakery"},
    "tier": "retainer",
    "vendors": [],
    "promise": "",
}


def load(directory: Path, **files: str) -> tuple[Replies, list[Problem]]:
    """Given texts by LANG_NAME (two underscores stand for a dot), write them as files and load them."""
    for key, text in files.items():
        language, _, name = key.partition("_")
        path = directory / language / f"{name.replace('__', '.')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return load_replies(directory, "replies")


def render(directory: Path, text: str, **values: Any) -> str:
    """Given a template, return what it makes of the values."""
    return load(directory, en_x=text)[0].render("x", "none", "en", {**VALUES, **values})


def refusal(directory: Path, text: str, **values: Any) -> str:
    """Given a template that cannot be filled in, return the sentence."""
    with pytest.raises(ReplyError) as refused:
        render(directory, text, **values)
    return str(refused.value)


def test_the_tiers_own_file_goes_first(tmp_path: Path) -> None:
    """NAME.TIER, then NAME, never another tier's or another language's."""
    replies, problems = load(tmp_path, en_a="all", en_a__retainer="mine", en_b__none="theirs", pl_c="polish")
    assert problems == []
    assert replies.render("a", "retainer", "en", VALUES) == "mine"
    assert replies.render("a", "one-off", "en", VALUES) == "all"
    assert replies.key("b", "retainer", "en") is None
    assert replies.key("c", "retainer", "en") is None
    with pytest.raises(ReplyError, match=r"^en/c\.md: there is no such reply$"):
        replies.render("c", "retainer", "en", VALUES)


@pytest.mark.parametrize(
    ("names", "languages", "chosen"),
    [
        (["a", "frame"], ["pl", "en"], "pl"),
        (["a", "b", "frame"], ["pl", "en"], "en"),
        (["a", "b", "frame"], ["pl", "de", "en"], "en"),
        (["own"], ["pl", "en"], "pl"),
        (["nowhere"], ["pl", "en"], "en"),
        ([], ["tr", "en"], "tr"),
    ],
)
def test_the_language_has_every_text_of_the_mail(
    tmp_path: Path, names: list[str], languages: list[str], chosen: str
) -> None:
    """One mail never mixes two: the first language that has all of them, else the last."""
    replies, _ = load(tmp_path, en_a="A", en_b="B", en_frame="F", pl_a="A", pl_frame="F", pl_own__retainer="O")
    assert replies.choose_language(names, "retainer", languages) == chosen


def test_an_include_keeps_language_and_tier(tmp_path: Path) -> None:
    """`vendors` in a Polish text for a retainer is the Polish one for retainers, at any depth."""
    replies, _ = load(
        tmp_path,
        pl_a="A {% include 'b' %}",
        pl_b="B {% include 'vendors' %}",
        pl_vendors="wszyscy",
        pl_vendors__retainer="{% for vendor in vendors %}{{ vendor.name }}{% endfor %}",
        en_vendors="all",
    )
    values = {**VALUES, "vendors": [{"name": "Hover"}, {"name": "Flywheel"}]}
    assert replies.render("a", "retainer", "pl", values).split() == ["A", "B", "HoverFlywheel"]
    assert replies.render("a", "none", "pl", values).split() == ["A", "B", "wszyscy"]


@pytest.mark.parametrize(
    ("text", "subject", "body"),
    [
        ("Subject: Hi {{ client.name }}\n\nText\n", "Hi Bakery", "Text\n"),
        ("subject:\tHi\n\nText\n", "Hi", "Text\n"),
        ("\ufeffSubject: Hi\r\n\r\nText\r\n", "Hi", "Text\n"),
        ("Subject: Hi\n", "Hi", "\n"),
        ("Subject:\n\nText\n", "", "Text\n"),
        ("Estimate: between 40 and 60\n\nText\n", "", "Estimate: between 40 and 60\n\nText\n"),
        ("Word: x\nSubject: y\n\nText\n", "", "Word: x\nSubject: y\n\nText\n"),
        ("\nSubject: y\n\nText\n", "", "\nSubject: y\n\nText\n"),
        ("Note: x\n", "", "Note: x\n"),
        ("", "", "\n"),
    ],
)
def test_only_a_subject_line_at_the_top_is_a_header(tmp_path: Path, text: str, subject: str, body: str) -> None:
    """Any other line with a colon is what the author wants to say."""
    replies, problems = load(tmp_path, en_x=text)
    assert problems == []
    assert replies.render_subject("x", "none", "en", VALUES) == subject
    assert replies.render("x", "none", "en", VALUES) == body.removesuffix("\n")


def test_a_subject_without_an_empty_line_is_told(tmp_path: Path) -> None:
    """It would otherwise be read to the client."""
    _, problems = load(tmp_path, en_x="Subject: Hi\nText\n")
    assert [(one.file, one.line, one.severity) for one in problems] == [("replies/en/x.md", 2, "error")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One\n{{ nobody }}\n", "replies/en/x.md:2: 'nobody' is undefined"),
        ("One\n\n{{ client.nmae }}\n", "replies/en/x.md:3: there is no part 'nmae', did you mean 'name'?"),
        ("{{ desk.phone }}\n", "replies/en/x.md:1: there is no part 'phone'; there is: name, address"),
        ("Subject: S\n\n\n{{ client.nmae }}\n", "replies/en/x.md:4: there is no part 'nmae', did you mean 'name'?"),
        ("One\n{{ 1 / 0 }}\n", "replies/en/x.md:2: division by zero"),
        (
            "One\n{% include 'gone' %}\n",
            "replies/en/x.md:2: there is no 'gone' to include; write it in en/, or take the include out",
        ),
        ("{% include 'x' %}\n", "replies/en/x.md: its includes lead back to itself; take one out"),
        (
            "{{ client.name | shout }}\n",
            "replies/en/x.md:1: there is no filter 'shout'; use one that Jinja2 has built in",
        ),
    ],
)
def test_what_cannot_be_filled_in_is_told_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    """An author finds the word without knowing Python."""
    assert refusal(tmp_path, text) == sentence


def test_a_fault_in_an_included_file_is_told_there(tmp_path: Path) -> None:
    """Not where it is included."""
    replies, _ = load(tmp_path, en_a="A\n\n{% include 'b' %}\n", en_b="B\n{{ client.nmae }}\n")
    with pytest.raises(ReplyError, match=r"^replies/en/b\.md:2: there is no part"):
        replies.render("a", "none", "en", VALUES)


@pytest.mark.parametrize(
    ("text", "line", "key", "start"),
    [
        ("One\n{{ client.name \n", 2, "", "unexpected end of template"),
        ("One\n{% if promise %}\nTwo\n", 3, "", "{% if %} is not closed; add {% endif %}"),
        ("One\n{% iff promise %}\n", 2, "", "there is no tag 'iff'"),
        ("One\n{{ client.name | shout }}\n", 2, "", "there is no filter 'shout'"),
        ("One\nTwo {{ promis }}\n", 2, "promis", "there is no such variable, did you mean 'promise'?"),
        ("{# promis #}\n{{ promis }}", 2, "promis", "there is no such variable"),
        ("{% for x in range(9) %}{% endfor %}", 1, "range", "there is no such variable"),
        ("Subject: S\n\n{{ answers }}", 3, "answers", "there is no such variable"),
        ("Subject: {{ answers }}\n\nText", 1, "answers", "there is no such variable"),
    ],
)
def test_problems_are_found_without_filling_in(tmp_path: Path, text: str, line: int, key: str, start: str) -> None:
    """Syntax and unknown names, at the line of the file, the header lines counted."""
    replies, problems = load(tmp_path, en_x=text)
    (problem,) = problems + replies.problems()
    assert (problem.file, problem.line, problem.key) == ("replies/en/x.md", line, key)
    assert problem.text.startswith(start)


def test_the_frame_knows_more_names_than_the_others(tmp_path: Path) -> None:
    """Only it joins answers, closing and greeting, for every tier."""
    text = "{{ hello }}{{ answers | join }}{{ closing }}"
    replies, _ = load(tmp_path, en_frame=text, en_frame__none=text, en_closing=text)
    assert {problem.file for problem in replies.problems()} == {"replies/en/closing.md"}


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in big %}{% for b in big %}{{ a }}{% endfor %}{% endfor %}",
        "{% for a in big %}{% include 'many' %}{% endfor %}",
        "{{ 'x' * 70000 }}",
    ],
)
def test_runaway_output_is_stopped(tmp_path: Path, text: str) -> None:
    """Long before it is whole: loops in loops would never end."""
    big = ["x" * 100] * 100_000
    load(tmp_path, en_many="{% for b in big %}{% for c in big %}{{ b }}{% endfor %}{% endfor %}")
    assert refusal(tmp_path, text, big=big).endswith(f"the text is longer than {MOST_OUTPUT // 1024} kB")


@pytest.mark.parametrize(
    "text",
    [
        "{{ client.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ client.name.__class__.__base__.__subclasses__() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ (client | attr('__class__')).x }}",
        "{{ '{0.__class__.__mro__}'.format(client.name) }}",
        "{{ client.update({'name': 'Eve'}) }}",
        "{{ vendors.append(1) }}",
        "{% for f in client.name.__class__.mro() %}{% endfor %}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ lipsum.__globals__ }}",
        "{% include '../../../etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends '/etc/passwd' %}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(tmp_path: Path, text: str) -> None:
    """Neither into Python nor into other files, nor can it change what the next one sees."""
    values = {"client": {"name": "Bakery"}, "vendors": [1]}
    assert "root:" not in refusal(tmp_path, text, **values)
    assert values == {"client": {"name": "Bakery"}, "vendors": [1]}


@pytest.mark.parametrize("name", ["{{ 7 * 7 }}", "{% include 'vendors' %}", "{{ client }}", "{#"])
def test_what_a_client_is_called_is_never_a_template(tmp_path: Path, name: str) -> None:
    """Values are data, in texts, in subjects and in what is included (safety.md F.3)."""
    replies, _ = load(tmp_path, en_x="Subject: {{ client.name }}\n\n{% include 'y' %}", en_y="{{ client.name }}")
    values = {**VALUES, "client": {"name": name}}
    assert replies.render("x", "none", "en", values).strip() == name
    assert replies.render_subject("x", "none", "en", values) == name


def test_files_that_cannot_be_used_are_told_and_the_others_loaded(tmp_path: Path) -> None:
    """Every one with its name; hidden and foreign files are not looked at."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "bad.md").write_bytes(b"one\ntwo \xff\n")
    (tmp_path / "en" / "dir.md").mkdir()
    (tmp_path / "en" / "notes.txt").write_bytes(b"\xff")
    replies, problems = load(tmp_path, en_good="Good", English_x="X")
    assert list(replies.files) == [("en", "good")]
    assert [str(problem) for problem in problems] == [
        "replies/English/x.md: 'English' is no language code; use one such as en or pl",
        "replies/en/bad.md:2: not UTF-8 text; save the file as UTF-8",
        "replies/en/dir.md: cannot be read: Is a directory",
    ]


def test_a_missing_directory_is_one_problem(tmp_path: Path) -> None:
    """And gives no replies rather than an exception."""
    replies, problems = load_replies(tmp_path / "none", "replies")
    assert (replies.languages, len(problems)) == ((), 1)
    assert str(problems[0]).startswith("replies: there is no such directory; ")
