"""What comes in by mail: told apart, read strictly, and never anybody else's message."""

import time
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sulah.adapters.sandbox.mailboxes import answer, bounce, complaint
from sulah.kernel.dates import IST
from sulah.kernel.sending import SendState
from sulah.outreach.channel import Heard, HeardKind, Message, Report, UnreadableReportError
from sulah.outreach.email.bounce import LARGEST, read_mail
from sulah.outreach.email.hook import MAIL, MailHook, mail_call
from sulah.outreach.email.mime import envelope
from sulah.outreach.email.reply import new_part, words_of_page
from sulah.outreach.email.settings import settings_of
from sulah.outreach.http import Call
from tests.channels.mail_place import ASHA, SECRETS, email_toml

SETTINGS = settings_of(email_toml(), SECRETS)
OTHERS = settings_of(email_toml(), {**SECRETS, "SULAH_TEST_SIGN": "a-secret-of-another-lender"})
AT = datetime(2026, 11, 23, 10, 0, tzinfo=IST)
REFERENCE = "20261123-recovery-" + "0123456789abcdef" * 2
SENT = envelope(SETTINGS, Message(REFERENCE, ASHA, "due", ("1", "1", "LN/1")), AT)
OTHER = envelope(SETTINGS, Message("m-2", ASHA, "due", ("1", "1", "LN/1")), AT)
BOUNCE = bounce(SENT.sender, ASHA, SENT.envelope_id, SENT.content, "failed", "5.1.1", "smtp; 550 no such user")
COMPLAINT = complaint(SENT.sender, ASHA, SENT.content)
ANSWER = answer(ASHA, SENT.content, "I have paid.")


def mail(*lines: str, text: str = "I have paid.") -> bytes:
    """A plain mail."""
    given = {"From": "Asha <Asha@Mail.example>", "To": "answers@kaveri.example", "Date": "Mon, 23 Nov 2026 10:15:00 +0530"}
    given |= dict(line.split(": ", 1) for line in lines)
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{head}\r\n{text}\r\n".encode("utf-8", "surrogateescape")


def heard(raw: bytes) -> Heard:
    """The one thing that was heard."""
    (one,) = read_mail(SETTINGS, raw)
    assert isinstance(one, Heard)
    return one


@pytest.mark.parametrize("left", ["Delivered-To", "Original-Envelope-Id", "Message-ID"])
def test_each_of_the_three_marks_of_a_bounce_is_enough(left: str) -> None:
    given = BOUNCE.replace(b"To: " + SENT.sender.encode(), b"To: postmaster@kaveri.example")
    if left != "Delivered-To":
        given = given.replace(SENT.sender.encode(), b"postmaster@kaveri.example")
    else:
        given = given.replace(b"To: postmaster@kaveri.example", b"To: " + SENT.sender.encode())
    if left != "Original-Envelope-Id":
        given = given.replace(SENT.envelope_id.encode(), b"QQ314159")
    if left != "Message-ID":
        given = given.replace(SENT.message_id.encode(), b"somebody@else.example")
    (report,) = read_mail(SETTINGS, given)
    assert isinstance(report, Report)
    assert (report.reference, report.attested, report.provider_reference) == (REFERENCE, SendState.UNDELIVERED, SENT.message_id)


def test_a_bounce_of_another_lenders_or_a_forger_is_not_believed() -> None:
    with pytest.raises(UnreadableReportError, match="no message of ours"):
        read_mail(OTHERS, BOUNCE)
    forged = BOUNCE.replace(REFERENCE.encode(), ("20261123-recovery-" + "f" * 32).encode()).replace(SENT.sender.encode(), b"x@y.example")
    with pytest.raises(UnreadableReportError, match="no message of ours"):
        read_mail(SETTINGS, forged)


def test_a_bounce_that_names_two_messages_is_not_believed() -> None:
    with pytest.raises(UnreadableReportError, match="two messages"):
        read_mail(SETTINGS, BOUNCE.replace(SENT.message_id.encode(), OTHER.message_id.encode()))


@pytest.mark.parametrize(
    ("action", "status", "attested"),
    [("failed", "4.4.7", SendState.UNDELIVERED), ("delivered", "2.0.0", SendState.DELIVERED), ("relayed", "2.0.0", SendState.SENT)],
)
def test_what_a_server_says_became_of_it_is_read(action: str, status: str, attested: SendState) -> None:
    (report,) = read_mail(SETTINGS, bounce(SENT.sender, ASHA, SENT.envelope_id, SENT.content, action, status, "smtp; 250"))
    assert isinstance(report, Report)
    assert report.attested is attested


@pytest.mark.parametrize(
    ("was", "made"), [(b"Action: failed", b"Action: lost"), (b"Status: 5.1.1", b"Status: bad"), (b"Action: failed", b"X: y")]
)
def test_a_bounce_as_no_document_has_it_is_not_believed(was: bytes, made: bytes) -> None:
    with pytest.raises(UnreadableReportError):
        read_mail(SETTINGS, BOUNCE.replace(was, made))


def test_a_secret_that_is_being_changed_still_reads_what_went_out_before() -> None:
    toml = email_toml()
    toml["email"]["former_sign_secret_from"] = "OLD"
    later = settings_of(toml, {**SECRETS, "SULAH_TEST_SIGN": "a-newer-secret-of-marks", "OLD": SECRETS["SULAH_TEST_SIGN"]})
    (report,) = read_mail(later, BOUNCE)
    assert isinstance(report, Report)
    assert (report.reference, report.provider_reference) == (REFERENCE, SENT.message_id)


WHOLE = [BOUNCE, COMPLAINT, ANSWER, mail("Subject: Re: due")]


@given(st.sampled_from(WHOLE), st.integers(0, 5000), st.integers(0, 60), st.binary(max_size=60))
def test_no_mail_whatever_breaks_the_reader_or_names_another_message(whole: bytes, at: int, cut: int, put: bytes) -> None:
    place = at % len(whole)
    try:
        said = read_mail(SETTINGS, whole[:place] + put + whole[place + cut :])
    except UnreadableReportError:
        return
    for one in said:
        assert (one.reference if isinstance(one, Report) else one.answers or REFERENCE) == REFERENCE


@given(st.binary(max_size=600))
@example(b"Content-Type: text/plain; charset=\x00\r\n\r\nx")
@example(b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\n")
@example(b"From: a@b.example\r\nContent-Type: text/plain; charset=unicode_escape\r\n\r\n\\xg")
@example(b"From: =?utf-8?b?!!!?= <a@b.example>\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!")
@example(b"From: a@b.example\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 666 x\r\n\xff\r\n")
@example(b"From: a@b.example\r\nDate: Mon, 99 Nov 99999 99:99:99 +9999\r\n\r\nx")
@example(b"From: a@b.example\r\nContent-Type: text/plain; charset*=utf-9''x; name*0*=\xff\r\n\r\nx")
def test_no_bytes_whatever_break_the_reader(raw: bytes) -> None:
    try:
        said = read_mail(SETTINGS, raw)
    except UnreadableReportError:
        return
    assert all(isinstance(one, Report | Heard) for one in said)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "hex", "rot13", "zip", "no-such-thing", "idna"])
def test_a_text_in_any_charset_is_read_or_shown_with_gaps(charset: str) -> None:
    assert heard(mail(f"Content-Type: text/plain; charset={charset}")).kind in (HeardKind.REPLY, HeardKind.MEDIA)


def test_mail_within_mail_without_end_is_not_taken_apart() -> None:
    nested = b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 5_000
    parts = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(3_000))
    begun = time.monotonic()
    for raw in (nested, parts):
        with pytest.raises(UnreadableReportError):
            read_mail(SETTINGS, raw)
    assert time.monotonic() - begun < 5


def test_a_large_mail_is_read_as_far_as_its_text_goes() -> None:
    text = "I have paid.\r\n" + "x" * (2 * LARGEST)
    assert heard(mail(text=text)).text.startswith("I have paid.")


def test_a_reply_is_heard_with_its_sender_in_small_letters() -> None:
    one = heard(mail(f"In-Reply-To: <{SENT.message_id}>"))
    assert (one.sender, one.text, one.answers, one.at) == ("asha@mail.example", "I have paid.", REFERENCE, "2026-11-23T10:15:00+05:30")


@pytest.mark.parametrize(
    "named", ["<m-1.aaaaaaaaaa@kaveri.example>", f"<{SENT.message_id}> <{OTHER.message_id}>", "<x@y.example>", "nonsense"]
)
def test_a_reply_that_names_no_message_or_two_answers_none(named: str) -> None:
    assert heard(mail(f"References: {named}")).answers == ""


@pytest.mark.parametrize(
    "line",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; x=y",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "Return-Path: <>",
        "X-Autoreply: yes",
        "List-Id: <news.example>",
        "Subject: Automatic reply: your message",
        "Subject: Out of office",
    ],
)
def test_what_a_machine_wrote_is_nobodys_answer(line: str) -> None:
    assert read_mail(SETTINGS, mail(line)) == ()


def test_a_sender_that_our_own_server_disowns_is_not_believed() -> None:
    with pytest.raises(UnreadableReportError, match="not who it says"):
        read_mail(SETTINGS, mail("Authentication-Results: mx.kaveri.example; dmarc=fail header.from=mail.example"))
    assert heard(mail("Authentication-Results: mx.elsewhere.example; dmarc=fail")).text == "I have paid."
    assert heard(mail("Authentication-Results: mx.kaveri.example; dmarc=pass")).text == "I have paid."


def test_a_mail_without_words_is_heard_as_something_that_a_person_must_look_at() -> None:
    assert heard(mail(text="> Rs 500 is due.")).kind is HeardKind.MEDIA


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Paid yesterday", "Paid yesterday"),
        ("Paid\n\nOn Mon, 23 Nov 2026 at 10:00 AM Kaveri Finance <care@kaveri.example>\nwrote:\n\n> Rs 500", "Paid"),
        ("Paid\n\n-----Original Message-----\nFrom: Kaveri", "Paid"),
        ("Paid\n\nFrom: Kaveri <care@kaveri.example>\nSent: Monday\nTo: Asha\n\nRs 500 is due", "Paid"),
        ("भुगतान कर दिया\n\nसोम, 23 नव॰ 2026 को 10:00 बजे Kaveri <care@kaveri.example> ने लिखा:\n> Rs 500", "भुगतान कर दिया"),
        ("Paid\n________________________________\nFrom: Kaveri", "Paid"),
        ("Paid\n\nSent from my iPhone", "Paid"),
        ("Paid\n-- \nAsha\nTailor", "Paid"),
        ("On Monday I will pay 500", "On Monday I will pay 500"),
        ("From: my brother you get it", "From: my brother you get it"),
        ("> quoted\nPaid", "Paid"),
        ("STOP\r\n\r\n> x", "STOP"),
        ("", ""),
    ],
)
def test_the_new_part_is_what_stands_above_the_quoted(text: str, new: str) -> None:
    assert new_part(text) == new


@given(st.text(max_size=300))
def test_the_new_part_is_never_more_than_was_written(text: str) -> None:
    assert len(new_part(text)) <= len(text)


@given(st.text(alphabet="<>/divblockquotep =\"'&;x\n", max_size=300))
def test_no_page_breaks_the_reader_of_pages(page: str) -> None:
    assert isinstance(words_of_page(page), str)


def test_long_lines_and_many_tags_are_read_in_bounded_time() -> None:
    begun = time.monotonic()
    new_part("On " * 100_000 + "\n" + "a <" * 50_000)
    new_part((" " * 399 + "x\n") * 2_000)
    words_of_page("<div class=quote>" * 20_000 + "</blockquote>" * 20_000)
    assert time.monotonic() - begun < 10


def test_one_click_stops_and_a_look_at_the_address_does_not() -> None:
    hook = MailHook(SETTINGS)
    (address,) = [line for line in SENT.content.decode().split("\r\n") if line.startswith("List-Unsubscribe: ")]
    token = address.partition("?t=")[2].rstrip(">")
    click = Call("POST", {"t": token}, {}, b"List-Unsubscribe=One-Click")
    assert hook.genuine(click)
    assert [(one.choice, one.answers) for one in hook.read(click) if isinstance(one, Heard)] == [("stop", REFERENCE)]
    assert not hook.genuine(Call("GET", {"t": token}, {}, b""))
    assert not hook.genuine(Call("POST", {"t": token.replace("recovery", "receipts")}, {}, b"List-Unsubscribe=One-Click"))
    with pytest.raises(UnreadableReportError):
        hook.read(Call("POST", {"t": token}, {}, b""))


def test_nobody_can_post_a_mail_at_our_door() -> None:
    hook = MailHook(SETTINGS)
    assert MAIL not in hook.methods
    assert not hook.genuine(mail_call(BOUNCE))
    assert not hook.genuine(Call("POST", {}, {}, BOUNCE))
