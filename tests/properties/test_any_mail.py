"""For any bytes as a mail: one row with a final state, clean text, and nothing sent to who is not proven (issue 3)."""

import re
from collections.abc import Iterator
from email import message_from_bytes

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.properties.hostile import any_mail, small_cases, stamp
from tests.properties.pipeline import FINAL, PROVIDER, Pipeline, Taken, open_pipeline
from triagebot.core.sender.organization import are_aligned

MANY = settings(deadline=None, max_examples=250, suppress_health_check=list(HealthCheck))
CLAIMED = ("bakery.test", "cafe.test", "stranger.test", "gmail.com", "xn--bcher-kva.test")
ONE_ADDRESS = re.compile(r"[!-;=?A-~]+@[a-z0-9.-]+")
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,300}@[!-;=?-~]{1,255}>")
BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """One database and one reader for all mails of this file."""
    with open_pipeline(tmp_path_factory.mktemp("any")) as opened:
        yield opened


@MANY
@given(raw=any_mail())
@example(raw=b"")
@example(raw=b"\r\n" * 3)
@example(raw=b"From: " + b'"' * 100_000 + b"\r\n\r\npermalinks")
def test_any_bytes_are_one_row_and_no_answer(pipeline: Pipeline, raw: bytes) -> None:
    """Nothing proves the sender, so nobody gets a mail, whatever the bytes; the row ends in one final state, all text
    in the database is clean, and `explain` says the same in valid JSON."""
    taken = pipeline.take(raw)
    assert taken.row["state"] in FINAL
    assert taken.row["auth"] not in ("pass", "weak")
    assert [row for row in taken.sent if row["class"] != "alert"] == []
    assert pipeline.rows("SELECT count(*) AS n FROM mail WHERE uid = ?", taken.row["uid"]) == [{"n": 1}]
    assert pipeline.unclean() == []
    said = pipeline.explain(raw)
    assert (said["reply"], said["sender"]["auth"]) == (None, taken.row["auth"])
    pipeline.forget()


@MANY
@given(raw=any_mail(), domain=st.sampled_from(CLAIMED), method=st.sampled_from(("dmarc", "dkim")))
def test_answers_go_to_the_proven_domain_alone(pipeline: Pipeline, raw: bytes, domain: str, method: str) -> None:
    """The provider vouches for one domain; below its stamp stands anything. What is sent goes to one address of that
    domain's owner, and its bytes hold no header, id or line that the mail made up."""
    where = "header.from" if method == "dmarc" else "header.d"
    taken = pipeline.take(stamp(PROVIDER, f"{method}=pass {where}={domain}", raw))
    assert taken.row["state"] in FINAL
    check_answers(pipeline, taken, domain)
    assert pipeline.unclean() == []
    pipeline.forget()


def test_whole_mails_are_answered_to_the_proven_domain_alone(pipeline: Pipeline) -> None:
    """The control of the property above: under the same stamp dozens of mails of the golden corpus are answered."""
    answered = 0
    for domain in ("bakery.test", "cafe.test"):
        for raw in small_cases():
            taken = pipeline.take(stamp(PROVIDER, f"dmarc=pass header.from={domain}", raw))
            check_answers(pipeline, taken, domain)
            answered += bool(taken.sent)
            pipeline.forget()
    assert answered > 50


def check_answers(pipeline: Pipeline, taken: Taken, domain: str) -> None:
    """Given what became of a mail and whom the provider vouches for, fail when anything leaves that should not."""
    for row in taken.sent:
        if row["class"] == "alert":
            assert row["recipient"] in pipeline.snapshot.desk.desk.developer
            continue
        assert taken.row["auth"] == "pass"
        assert ONE_ADDRESS.fullmatch(row["recipient"])
        client = pipeline.snapshot.desk.client_by_id(taken.row["client"] or "")
        listed = client is not None and row["recipient"] in client.addresses
        assert listed or are_aligned(row["recipient"].rpartition("@")[2], domain)
        assert are_aligned(taken.row["sender"].rpartition("@")[2], domain)
        check_bytes(pipeline, row)


def check_bytes(pipeline: Pipeline, row: dict[str, object]) -> None:
    """Given a row of the outbox, fail when its bytes are not those of a mail of ours to one recipient."""
    ((raw,),) = [
        tuple(found.values()) for found in pipeline.rows("SELECT raw FROM outbox_raw WHERE outbox = ?", row["id"])
    ]
    assert BARE.search(raw) is None
    assert raw.isascii()
    message = message_from_bytes(raw)
    names = [name.lower() for name in message]
    assert len(names) == len(set(names))
    assert not {"bcc", "cc", "reply-to", "sender", "resent-to"} & set(names)
    assert message["To"] == row["recipient"]
    assert row["mail_from"] in pipeline.snapshot.desk.own_addresses
    for name in ("In-Reply-To", "References"):
        ids = " ".join(str(message[name] or "").split()).split(" ")
        assert ids == [""] or all(MESSAGE_ID.fullmatch(one) for one in ids)
