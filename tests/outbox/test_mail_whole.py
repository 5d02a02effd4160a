"""E-mail from the queue to the end: guard, server, folder, inbox, contact; the server and its boxes are played (simulated)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.test import Client, override_settings

from sulah.actions.contact.actor import machine
from sulah.actions.contact_borrower import Limits, Sender, open_channels
from sulah.actions.guarded_ledger import GuardedLedger
from sulah.actions.process_inbox import process_inbox
from sulah.actions.queue_message import MessageError, Wanted, queue_message
from sulah.actions.receive_mail import Postbox, receive_mail
from sulah.actions.talk.hear_person import speaker_of
from sulah.actions.work_outbox import work
from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import Vault
from sulah.adapters.mail.maildir import NoMaildirError
from sulah.adapters.sandbox.email import MailServer
from sulah.adapters.sandbox.mailboxes import Mailboxes
from sulah.guard.intent import Intent
from sulah.kernel.dates import system_clock
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel, ContactState, Purpose
from sulah.outreach.configured import configured
from sulah.outreach.email.settings import settings_of
from sulah.records.contact.contact import Contact
from sulah.records.contact.heard import Heard
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.outbox import Outbox
from sulah.web import hooks
from tests.channels.mail_place import ASHA, EMAIL, SECRETS
from tests.outbox.place import ROOT, Place
from tests.outbox.small_rules import small_rules

pytestmark = pytest.mark.django_db


class Desk:
    """One lender with e-mail set up, and one server that is played."""

    def __init__(self, place: Place) -> None:
        self.root = place.root
        self.mail = MailServer(boxes=Mailboxes(place.root / "mail"))
        self.server = self.mail.serve(0)
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        path = place.root / "lender.toml"
        text = EMAIL.format(host="127.0.0.1", port=self.server.server_address[1], security="none")
        path.write_text(path.read_text("utf-8") + text, "utf-8")
        lender = open_lender(place.root)
        channels = configured(lender.settings, SECRETS)
        ledger = GuardedLedger(lender, lambda: small_rules(most=9), machine("worker"))
        self.sender = Sender("w1", "1", Vault(lender), open_channels(channels), channels, ledger, system_clock, Limits(attempts=50))
        self.box = Postbox(settings_of(lender.settings, SECRETS), place.root / "mail", self.sender.vault, system_clock)

    def send(self, to: str, reference: str = "m-1") -> None:
        """Queue one message and let the worker send it."""
        now = system_clock()
        intent = Intent(
            intent_id=reference,
            person_id="p1",
            at=now,
            channel=Channel.EMAIL,
            purpose=Purpose.RECOVERY,
            loan_ids=("LN/1",),
            number_key="key-p1",
            amount_paise=1_234_50,
        )
        values: dict[str, Any] = {"amount": 1_234_50, "again": 1_234_50, "loan": "LN/1"}
        wanted = Wanted(intent, to, "due", values, now - timedelta(seconds=1), now + timedelta(hours=2))
        queue_message(wanted, channels=self.sender.configured, vault=self.sender.vault, actor="planner", clock=system_clock)
        work(self.sender, once=True, over=lambda: False, wait=lambda: None, tell=lambda done: None)

    def receive(self) -> int:
        """Take in what came back, and read it; how many mails."""
        took = receive_mail(self.box)
        self.read()
        return took

    def read(self) -> None:
        """Read what the inbox holds."""
        while process_inbox(self.sender.ledger, self.sender.configured, self.sender.vault, system_clock):
            continue


@pytest.fixture
def desk(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A lender of the test's own."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    made = Desk(place)
    hooks._door.cache_clear()
    with override_settings(LENDER=place.root):
        yield made
    hooks._door.cache_clear()
    made.mail.over.set()
    made.server.shutdown()
    made.server.server_close()


def test_a_message_that_the_server_took_is_sent_and_counted(desk: Desk) -> None:
    desk.send(ASHA)
    assert (Outbox.objects.get().state, Contact.objects.get().state) == (SendState.SENT, ContactState.SENT)
    assert [one.recipient for one in desk.mail.taken] == [ASHA]


def test_a_bounce_finds_its_message_and_the_file_is_kept_aside(desk: Desk) -> None:
    desk.send("gone@mail.example")
    assert desk.receive() == 1
    row = Outbox.objects.get()
    assert (row.state, row.words[:5]) == (SendState.UNDELIVERED, "5.1.1")
    assert Inbox.objects.get().outcome == "applied"
    assert [len(list((desk.root / "mail" / place).iterdir())) for place in ("new", "cur")] == [0, 1]


def test_mail_that_was_taken_in_before_a_crash_changes_nothing_the_second_time(desk: Desk) -> None:
    desk.send("gone@mail.example")
    desk.receive()
    (file,) = (desk.root / "mail" / "cur").iterdir()
    file.rename(desk.root / "mail" / "new" / file.name.partition(":")[0])
    assert desk.receive() == 1
    assert Inbox.objects.count() == 1


def test_what_a_person_answers_is_heard_with_the_message_that_it_answers(desk: Desk) -> None:
    desk.send("answers@mail.example")
    assert desk.receive() == 1
    heard = Heard.objects.get()
    assert (heard.kind, heard.answers, heard.channel) == ("reply", "m-1", "email")


def test_a_complaint_and_one_click_are_the_same_stop(desk: Desk) -> None:
    desk.send("spam@mail.example")
    desk.receive()
    address = next(line for line in desk.mail.taken[0].content.decode().split("\r\n") if line.startswith("List-Unsubscribe: "))
    path = address.partition("kaveri.example")[2].rstrip(">")
    click = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}
    assert Client(enforce_csrf_checks=True).get(path).status_code == 405
    assert Client(enforce_csrf_checks=True).post(path.replace("m-1", "m-2"), **click).status_code == 401
    assert [Client(enforce_csrf_checks=True).post(path, **click).status_code for _ in range(2)] == [200, 200]
    desk.read()
    assert sorted(Heard.objects.values_list("choice", "answers")) == [("stop", "m-1"), ("stop", "m-1")]


def test_one_click_is_heard_as_coming_from_the_address_that_got_the_message(desk: Desk) -> None:
    """The click names no sender; without this nobody would be found whose messages to stop."""
    desk.send(ASHA)
    address = next(line for line in desk.mail.taken[0].content.decode().split("\r\n") if line.startswith("List-Unsubscribe: "))
    path = address.partition("kaveri.example")[2].rstrip(">")
    Client().post(path, data="List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    desk.read()
    heard = Heard.objects.get()
    assert (heard.number_key, heard.choice) == (Outbox.objects.get().number_key, "stop")
    answered = speaker_of(heard).answered
    assert answered is not None
    assert (answered.reference, speaker_of(heard).alone) == ("m-1", "p1")


def test_a_mail_that_cannot_be_read_is_kept_to_be_looked_at(desk: Desk) -> None:
    assert desk.mail.boxes is not None
    desk.mail.boxes.lay(b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n")
    assert desk.receive() == 1
    assert Inbox.objects.get().outcome == "unreadable"


def test_a_lost_answer_is_never_sent_again(desk: Desk) -> None:
    desk.mail.ask("drop_after_effect")
    desk.send(ASHA)
    assert (Outbox.objects.get().state, Contact.objects.get().state) == (SendState.AMBIGUOUS, ContactState.AMBIGUOUS)
    work(desk.sender, once=True, over=lambda: False, wait=lambda: None, tell=lambda done: None)
    assert len(desk.mail.taken) == 1


def test_no_address_no_message(desk: Desk) -> None:
    with pytest.raises(MessageError, match="e-mail address"):
        desk.send("asha at mail.example")


def test_a_folder_that_is_no_maildir_is_told_of_in_words(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(NoMaildirError, match="no Maildir"):
        receive_mail(Postbox(desk.box.settings, tmp_path / "nowhere", desk.box.vault, desk.box.clock))


def test_a_link_in_the_folder_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    desk.send("gone@mail.example")
    secret = tmp_path / "secret"
    secret.write_text("not for the inbox")
    (desk.root / "mail" / "new" / "0-link").symlink_to(secret)
    assert desk.receive() == 1


def command(root: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """`sulah receive mail --once` as a process of its own, on the lender's own database."""
    environment = {**os.environ, **SECRETS, "PYTHONPATH": str(ROOT / "src"), **more}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    words = [sys.executable, "-m", "sulah.cli.main", "receive", "mail", "--once", "--json", "--lender", str(root)]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("point", "committed"), [("mail.before_commit", 0), ("mail.kept", 1)])
def test_a_process_that_is_killed_loses_no_mail_and_doubles_none(desk: Desk, place: Place, point: str, committed: int) -> None:
    desk.send("gone@mail.example")
    assert command(desk.root, SULAH_STRIKE=point).returncode < 0
    assert place.rows("SELECT count(*) FROM records_inbox") == [(committed,)]
    assert len(list((desk.root / "mail" / "new").iterdir())) == 1
    done = command(desk.root)
    assert json.loads(done.stdout) == {"done": True, "mails": 1}
    assert place.rows("SELECT count(*) FROM records_inbox") == [(1,)]
    assert list((desk.root / "mail" / "new").iterdir()) == []
