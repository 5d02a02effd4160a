"""E-mail over a socket: how far each message came when something broke, that nothing goes in the clear, and what comes back."""

import time
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from sulah.adapters.channels.email import EmailChannel
from sulah.kernel.dates import system_clock
from sulah.kernel.sending import SendState
from sulah.outreach.channel import Fault, Handed, Heard, HeardKind, Message, NeverTaken, Report, Taken, Unknown
from sulah.outreach.email.bounce import hard
from tests.channels.mail_place import ASHA, Place, certificate_for, mail_place

REFERENCE = "20261123-recovery-" + "0123456789abcdef" * 2


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A server without password, on this machine."""
    with mail_place(tmp_path) as made:
        yield made


def test_a_message_arrives_as_it_was_registered(place: Place) -> None:
    answer = place.send()
    (taken,) = place.server.taken
    mail = message_from_bytes(taken.content)
    assert answer == Taken(mail["Message-ID"].strip("<>"))
    assert (taken.recipient, mail["Subject"], mail["Reply-To"]) == (ASHA, "Rs 1,234.50 is due to Kaveri", "<answers@kaveri.example>")
    plain, page = [part.get_payload(decode=True).decode() for part in mail.get_payload()]  # type: ignore[union-attr]
    assert plain == "Rs 1,234.50 is due on loan LN/1.\r\n\r\nPay at https://pay.kaveri.example/due or ask us."
    assert '<a href="https://pay.kaveri.example/due">' in page
    assert "<img" not in page
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert taken.sender.startswith("b20261123-recovery-=")
    assert taken.envelope_id.startswith(REFERENCE)
    assert place.server.refused == []


@pytest.mark.parametrize(
    ("trouble", "fault"),
    [
        ("late_greeting", Fault.BUSY),
        ("never_greeting", Fault.ACCOUNT),
        ("drop_greeting", Fault.UNREACHABLE),
        ("late_sender", Fault.BUSY),
        ("never_sender", Fault.ACCOUNT),
        ("drop_sender", Fault.UNREACHABLE),
        ("late_recipient", Fault.UNREACHABLE),
        ("never_recipient", Fault.MESSAGE),
        ("drop_recipient", Fault.UNREACHABLE),
        ("late_data", Fault.UNREACHABLE),
        ("never_data", Fault.MESSAGE),
        ("drop_data", Fault.UNREACHABLE),
        ("late_dot", Fault.UNREACHABLE),
        ("never_dot", Fault.MESSAGE),
        ("closing_dot", Fault.BUSY),
    ],
)
def test_what_broke_before_the_answer_to_the_whole_was_never_taken(place: Place, trouble: str, fault: Fault) -> None:
    place.server.ask(trouble)
    answer = place.send()
    assert isinstance(answer, NeverTaken)
    assert (answer.fault, place.server.taken) == (fault, [])


def test_a_connection_that_breaks_while_the_content_is_sent_leaves_nothing_taken(place: Place) -> None:
    """Where the whole content, dot and all, had left us before we saw the break, nobody on our side can know: then it is not known."""
    place.server.ask("drop_content")
    answer = place.send()
    assert isinstance(answer, Unknown) or (isinstance(answer, NeverTaken) and answer.fault is Fault.UNREACHABLE)
    assert place.server.taken == []


@pytest.mark.parametrize("trouble", ["drop_before_effect", "hang_before_effect"])
def test_an_answer_that_never_came_says_nothing_though_nothing_was_taken(place: Place, trouble: str) -> None:
    place.server.ask(trouble)
    assert isinstance(place.send(), Unknown)
    assert place.server.taken == []


@pytest.mark.parametrize("trouble", ["drop_after_effect", "hang_after_effect", "garbage_after_effect"])
def test_an_answer_that_was_lost_after_the_dot_is_not_known(place: Place, trouble: str) -> None:
    place.server.ask(trouble)
    assert isinstance(place.send(), Unknown)
    assert len(place.server.taken) == 1


def test_nobody_can_look_up_what_became_of_it(place: Place) -> None:
    found = EmailChannel(place.settings).look_up("relay", [Handed("m-1", system_clock())])
    assert (found.reports, found.whole) == ({}, False)


def test_a_server_that_is_gone_took_nothing(tmp_path: Path) -> None:
    with mail_place(tmp_path) as gone:
        pass
    answer = gone.send()
    assert isinstance(answer, NeverTaken)
    assert answer.fault is Fault.UNREACHABLE


def test_a_worker_that_was_held_up_sends_nothing(place: Place) -> None:
    message = Message(REFERENCE, ASHA, "due", ("1", "1", "LN/1"))
    answer = EmailChannel(place.settings).send("relay", message, time.monotonic() - 1)
    assert isinstance(answer, NeverTaken)
    assert (answer.fault, place.server.taken) == (Fault.STALLED, [])


def test_a_line_that_begins_with_a_dot_arrives_with_its_dot(place: Place) -> None:
    """The texts travel in base64; the stuffing is for whatever else may begin a line."""
    message = Message(REFERENCE, ASHA, "", (), "About your loan\n.\n..two\n.end")
    assert isinstance(EmailChannel(place.settings).send("relay", message, time.monotonic() + 5), Taken)
    part = message_from_bytes(place.server.taken[0].content).get_payload()[0]  # type: ignore[index,union-attr]
    assert part.get_payload(decode=True) == b".\r\n..two\r\n.end"  # type: ignore[union-attr]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_password_goes_only_through_tls_that_we_can_check(tmp_path: Path, security: str, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = certificate_for(tmp_path, "localhost")
    with mail_place(tmp_path, security=security, user="kaveri", certificate=certificate) as place:
        unknown = place.send()
        assert isinstance(unknown, NeverTaken)
        assert (unknown.fault, place.server.taken) == (Fault.UNREACHABLE, [])
        monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
        assert isinstance(place.send(), Taken)


def test_a_certificate_of_another_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = certificate_for(tmp_path, "mail.elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    with mail_place(tmp_path, security="starttls", user="kaveri", certificate=certificate) as place:
        assert isinstance(place.send(), NeverTaken)
        assert place.server.taken == []


def test_a_server_that_takes_tls_away_gets_nothing_in_the_clear(tmp_path: Path) -> None:
    """Somebody between us and the server may strike STARTTLS from what it offers."""
    with mail_place(tmp_path, security="starttls", user="kaveri") as place:
        answer = place.send()
        assert isinstance(answer, NeverTaken)
        assert (answer.fault, place.server.taken) == (Fault.ACCOUNT, [])
        assert "no TLS" in answer.words


def test_a_wrong_password_is_a_fault_of_the_account(tmp_path: Path) -> None:
    with mail_place(tmp_path, user="kaveri") as place:
        place.server.password = "another"
        answer = place.send()
    assert isinstance(answer, NeverTaken)
    assert answer.fault is Fault.ACCOUNT


@pytest.mark.parametrize("reference", [REFERENCE, "m-1", "Capital.Letters", "x" * 80])
@pytest.mark.parametrize(("box", "bad"), [("gone", True), ("full", False)])
def test_a_bounce_names_the_message_that_bounced(place: Place, reference: str, box: str, bad: bool) -> None:
    answer = place.send(f"{box}@mail.example", reference)
    assert isinstance(answer, Taken)
    (report,) = place.came_back()
    assert isinstance(report, Report)
    assert (report.reference, report.attested, report.provider_reference) == (reference, SendState.UNDELIVERED, answer.provider_reference)
    assert hard(report) is bad


def test_a_bounce_that_comes_twice_is_the_same_event(place: Place) -> None:
    assert place.server.boxes is not None
    place.server.boxes.twice = True
    place.send("gone@mail.example")
    assert len({one.event_id for one in place.came_back()}) == 1


@pytest.mark.parametrize("box", ["away", "slow"])
def test_a_holiday_note_and_a_delay_say_nothing(place: Place, box: str) -> None:
    place.send(f"{box}@mail.example")
    assert place.came_back() == []


def test_a_complaint_is_a_stop(place: Place) -> None:
    place.send("spam@mail.example")
    (heard,) = place.came_back()
    assert isinstance(heard, Heard)
    assert (heard.kind, heard.choice, heard.answers, heard.sender) == (HeardKind.BUTTON, "stop", REFERENCE, "spam@mail.example")


def test_what_a_person_answers_is_heard_without_what_she_quoted(place: Place) -> None:
    assert place.server.boxes is not None
    place.server.boxes.words = lambda: "5 तारीख को 500 दूंगी"
    place.send("answers@mail.example")
    (heard,) = place.came_back()
    assert isinstance(heard, Heard)
    assert (heard.kind, heard.text, heard.answers) == (HeardKind.REPLY, "5 तारीख को 500 दूंगी", REFERENCE)
    assert (heard.sender, heard.at) == ("answers@mail.example", "2026-11-23T10:15:00+05:30")
