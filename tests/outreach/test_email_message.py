"""A message as bytes: nothing can be slipped into its headers, and the marks in it are nobody else's."""

import re
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sulah.kernel.dates import IST
from sulah.outreach.channel import Message
from sulah.outreach.email.marks import mark_of, marked, read_marked, read_returned, returned_to
from sulah.outreach.email.mime import Envelope, envelope
from sulah.outreach.email.settings import sendable, settings_of
from sulah.outreach.sms.wire import UnsendableError
from tests.channels.mail_place import ASHA, SECRETS, email_toml

SETTINGS = settings_of(email_toml(), SECRETS)
AT = datetime(2026, 11, 23, 10, 0, tzinfo=IST)
HEADERS = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"]
REFERENCES = st.from_regex(r"[A-Za-z0-9_-]{1,20}(\.[A-Za-z0-9_-]{1,20}){0,2}", fullmatch=True)
INDEXED = st.builds(
    lambda head, index: f"20261123-{head}-{index:032x}", st.sampled_from(["recovery", "statutory_notice"]), st.integers(0, 16**32 - 1)
)


def made(text: str = "", to: str = ASHA, reference: str = "m-1", values: tuple[str, ...] = ("1", "1", "LN/1")) -> Envelope:
    """A message of ours; with text, a person's own words."""
    return envelope(SETTINGS, Message(reference, to, "" if text else "due", values, text), AT)


@given(st.text(max_size=60), st.text(min_size=1, max_size=60))
def test_no_words_of_anybody_make_a_header(subject: str, text: str) -> None:
    try:
        given_to = made(f"{subject}\n{text}")
    except UnsendableError:
        return
    mail = message_from_bytes(given_to.content)
    assert list(mail.keys()) == [*HEADERS, "MIME-Version", "Content-Type", "Content-Language"]
    shown = str(make_header(decode_header(mail["Subject"].replace("\r\n ", " "))))
    assert shown.split() == subject.partition("\n")[0].split()
    assert given_to.content.isascii()
    assert max(map(len, given_to.content.split(b"\r\n"))) <= 998
    assert b"\r" not in given_to.content.replace(b"\r\n", b"")
    assert b"\n" not in given_to.content.replace(b"\r\n", b"")


def tags(content: bytes) -> list[str]:
    """The tags of the page of a message, in order."""
    page = message_from_bytes(content).get_payload()[1].get_payload(decode=True).decode()  # type: ignore[index,union-attr]
    return re.findall("<[^>]*>", page)


@given(st.text(min_size=1, max_size=20))
@example("<")
@example("<b>")
@example("\n")
def test_no_value_makes_a_header_or_a_tag(value: str) -> None:
    """Values are held to their kinds before they come here; this holds even where somebody forgot to."""
    try:
        content = made(values=(value, "1", value)).content
    except UnsendableError:
        return
    mail = message_from_bytes(content)
    assert list(mail.keys())[:8] == HEADERS
    assert set(tags(content)) - {"<br>", "<p>", "</p>"} == set(tags(made(values=("x", "1", "x")).content)) - {"<p>", "</p>"}


@pytest.mark.parametrize("subject", ["Due\rBcc: x@y.example", "Due\x0bx", "Due\u2028Bcc: x", "Due\x00", "", "   ", "x" * 401])
def test_a_subject_that_is_no_line_is_refused(subject: str) -> None:
    with pytest.raises(UnsendableError):
        made(f"{subject}\nHello")


@pytest.mark.parametrize("text", ["Subject only", "Subject\n", "Subject\n" + "x" * 20_001, "Subject\nhalf a letter \ud83d"])
def test_a_text_that_cannot_be_written_is_refused(text: str) -> None:
    with pytest.raises(UnsendableError):
        made(text)


@pytest.mark.parametrize("to", ["", "asha", "a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example"])
def test_one_message_goes_to_one_address(to: str) -> None:
    with pytest.raises(UnsendableError):
        made(to=to)


@pytest.mark.parametrize("reference", ["", "a b", "a..b", ".a", "a\r\nb", "x" * 81, "a@b"])
def test_a_reference_that_no_address_may_hold_is_refused(reference: str) -> None:
    with pytest.raises(UnsendableError):
        made(reference=reference)


def test_a_persons_own_words_are_not_called_automatic() -> None:
    assert b"Auto-Submitted" not in made("About your loan\nHello").content
    assert b"Auto-Submitted: auto-generated" in made().content


def test_the_same_message_has_the_same_bytes() -> None:
    assert made().content == made().content


@given(REFERENCES | INDEXED)
def test_every_return_path_is_an_address_and_leads_back(reference: str) -> None:
    local = returned_to("a-secret", reference)
    assert sendable(f"{local}@bounce.kaveri.example")
    found = read_returned(("another", "a-secret"), local.upper())
    assert local == "b" or (found is not None and (found.reference, found.secret) == (reference, "a-secret"))


@given(INDEXED)
def test_the_references_of_the_days_messages_all_fit(reference: str) -> None:
    assert returned_to("a-secret", reference) != "b"


@given(REFERENCES | INDEXED, REFERENCES | INDEXED, st.sampled_from(["id", "stop", "envelope", "bounce"]))
def test_a_mark_is_for_one_message_one_use_and_one_lender(one: str, other: str, use: str) -> None:
    mark = mark_of("a-secret", use, one)
    if one != other:
        assert read_marked(("a-secret",), use, f"{other}.{mark}") is None
    assert read_marked(("another-secret",), use, f"{one}.{mark}") is None
    assert all(read_marked(("a-secret",), each, f"{one}.{mark}") is None for each in ("id", "stop", "envelope", "bounce") if each != use)


@given(st.text(max_size=80), st.sampled_from(["id", "stop"]))
def test_nothing_that_was_not_marked_by_us_is_ours(told: str, use: str) -> None:
    assert read_marked(("a-secret",), use, told) is None
    assert read_returned(("a-secret",), told) is None


@pytest.mark.parametrize("place", range(len("m-1") + 11))
def test_no_letter_of_a_mark_can_be_changed(place: int) -> None:
    whole = marked("a-secret", "stop", "m-1")
    other = "x" if whole[place] != "x" else "y"
    assert read_marked(("a-secret",), "stop", whole[:place] + other + whole[place + 1 :]) is None
