"""The storm: what providers bring is lost, doubled, shuffled, spoiled and forged on its way to our door; and what stands in the end.

Lost: a provider that delivers until it is acknowledged delivers later; where it does not, its log is asked over a socket.  Spoiled: one
byte is another, or the end is missing; what is signed is refused and delivered again, what is not signed must not be applied as another
thing than it was.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from mailbox import Maildir
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

from sulah.actions.contact.actor import machine
from sulah.actions.contact_borrower import Limits, Sender, open_channels
from sulah.actions.guarded_ledger import GuardedLedger
from sulah.actions.process_inbox import process_inbox
from sulah.actions.receive_mail import Postbox, receive_mail
from sulah.actions.receive_messages import Keeper
from sulah.actions.resolve_messages import resolve_messages
from sulah.actions.take_callback import Door, InboxWriter
from sulah.actions.talk.answer_heard import answer_heard
from sulah.actions.talk.doing import Listener
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.vault import Vault
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.server import Sandbox
from sulah.adapters.sandbox.sms import Gateway, Kept
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Channel
from sulah.outreach.configured import configured
from sulah.outreach.email.hook import MAIL
from sulah.outreach.email.settings import settings_of as mail_settings
from sulah.outreach.http import Call
from sulah.outreach.sms.settings import settings_of
from sulah.records.contact.contact import Contact
from sulah.records.contact.outbox import Outbox, OutboxLoan
from sulah.records.contact.standing import Standing, StandingBook
from sulah.records.contact.task import PersonNumber
from tests.channels import mail_place, voice_place
from tests.contact.people import BY, NOON, RULEBOOK, RULES, loan_of
from tests.outbox import place as sms_place
from tests.outbox.place import SECRETS
from tests.outbox.storm_lines import OTHER_LINES
from tests.outbox.storm_world import LINES, Brought, Line, Sent, World, scripted
from tests.outreach import whatsapp_place

ALL_SECRETS = {**SECRETS, **whatsapp_place.SECRETS, **voice_place.SECRETS, **mail_place.SECRETS}
ALL_LINES: tuple[Line, ...] = (*LINES, *OTHER_LINES)
"""The channels whose providers bring something; a new channel adds its Line here."""
COPIES, LOST, SPOILED, FORGED = 3, 10, 5, 2
"""How often each call comes; how many of a hundred are lost, spoiled and forged besides."""


_OTHERS = """
[[sms.provider]]
name = "gup"
kind = "gupshup"
address = "http://127.0.0.1:1"
user_id = "2000190001"
key_from = "SULAH_TEST_KEY"
hook_secret_from = "SULAH_TEST_HOOK"
connect_seconds = 1
answer_seconds = 1

[[sms.provider]]
name = "smsc"
kind = "smpp"
address = "smpp://127.0.0.1:1"
system_id = "KAVERI"
key_from = "SULAH_TEST_KEY"
connect_seconds = 1
answer_seconds = 1

[[sms.template]]"""


def every_channel(port: int) -> str:
    """[sms] with MSG91's gateway on this port, and all other providers on none."""
    sms = sms_place.settings([port]).replace("[[sms.template]]", _OTHERS.lstrip(), 1)
    voice, mail = voice_place.VOICE.format(port=1, door=8094), mail_place.EMAIL.format(host="127.0.0.1", port=1, security="none")
    return sms + whatsapp_place.settings(1) + voice + mail


@contextmanager
def logged(root: Path, world: World) -> Iterator[Gateway]:
    """The lender's settings, and the gateway whose log has what it took and what became of it."""
    path = root / "lender.toml"
    bare = path.read_text("utf-8").partition("\n[sms]")[0]
    path.write_text(bare + every_channel(1), "utf-8")
    known = settings_of(open_lender(root).settings, SECRETS)
    gateway = Gateway(known, known.provider("one"), fixed_clock(NOON))
    ours = [one for one in world.sent if one.provider == "one" and not one.waits]
    gateway.kept += [Kept(one.theirs, one.reference, one.person.number[1:], "", "KAVERI", one.at, reported=True) for one in ours]
    sandbox = Sandbox(gateway, Faults())
    server = sandbox.serve(0)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    path.write_text(bare + every_channel(int(server.server_address[1])), "utf-8")
    try:
        yield gateway
    finally:
        sandbox.over.set()
        server.shutdown()
        server.server_close()


def lay(world: World, vault: Vault) -> None:
    """People, their numbers and the messages that providers have or that wait, as they stand before anything is brought."""
    StandingBook.objects.create(as_of=NOON.date() - timedelta(1), run_path="days/x", published_at=NOON, published_by="x")
    keys = {one.number: vault.number_key(one.number) for one in world.people}
    plain: dict[str, Any] = {"state": "BR", "pincode": "847109", "branches": ["BR1"], "digest": "d" * 64, "language": "hi"}
    rows = [
        Standing(
            person=one.name,
            household=f"H-{one.name}",
            loans=[loan_of(loan, one.name) for loan in one.loans],
            numbers={keys[one.number]: ["own", "good"]},
            as_of=NOON.date() - timedelta(1),
            **plain,
        )
        for one in world.people
    ]
    Standing.objects.bulk_create(rows, batch_size=500)
    keys |= {one.mail: vault.number_key(one.mail) for one in world.people}
    theirs = [(keys[each], one.name) for one in world.people for each in (one.number, one.mail)]
    PersonNumber.objects.bulk_create([PersonNumber(number_key=key, person=name) for key, name in theirs])
    _messages(world, keys)


def _messages(world: World, keys: dict[str, str]) -> None:
    gone, contacts, rows = [one for one in world.sent if not one.waits], [], []
    for one in gone:
        call = one.channel in ("call", "bot_call")
        state = {"state": "ringing" if call else "sent", "provider": one.provider, "provider_ref": one.theirs}
        state = state if one.known else {"state": "ambiguous"}
        same: dict[str, Any] = {"person": one.person.name, "channel": one.channel, "purpose": "recovery", "source": "ours"}
        at = {"at": one.at, "state_at": one.at, "contact_class": "call" if call else "message"}
        contacts.append(Contact(intent=one.reference, loans=[one.loan], **same, **at, **state))
    Contact.objects.bulk_create(contacts, batch_size=500)
    ids = dict(Contact.objects.values_list("intent", "pk"))
    for one in world.sent:
        row: dict[str, Any] = {"template": "due", "sealed": "", "not_before": one.at, "not_after": NOON + timedelta(days=9)}
        row |= {"queued_at": one.at, "queued_by": "planner", "changed_at": one.at, "number_key": keys[_to(one)]}
        row |= {"person": one.person.name, "channel": one.channel, "purpose": "recovery", "intent": {"loan_ids": [one.loan]}}
        if not one.waits:
            row |= {"state": "sent" if one.known else "ambiguous", "attempts": 1, "provider": one.provider, "handed_at": one.at}
            row |= {"provider_reference": one.theirs if one.known else "", "contact_id": ids[one.reference], "look_at": NOON}
        rows.append(Outbox(reference=one.reference, **row))
    Outbox.objects.bulk_create(rows, batch_size=500)
    pks = dict(Outbox.objects.values_list("reference", "pk"))
    OutboxLoan.objects.bulk_create([OutboxLoan(message_id=pks[one.reference], loan_id=one.loan) for one in world.sent])


def _to(one: Sent) -> str:
    return one.person.mail if one.channel == "email" else one.person.number


@dataclass(slots=True)
class Desk:
    """Our side: the door, the bound connection, the folder of mail, the inbox, whoever acts on what is heard, and whoever asks the log."""

    lender: Lender
    vault: Vault = field(init=False)
    sender: Sender = field(init=False)
    door: Door = field(init=False)
    listener: Listener = field(init=False)
    keeper: Keeper = field(init=False)
    box: Postbox = field(init=False)
    answers: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Open it on the lender's settings."""
        channels, clock = configured(self.lender.settings, ALL_SECRETS), fixed_clock(NOON)
        ledger = GuardedLedger(self.lender, lambda: RULES, machine("worker"))
        self.vault = Vault(self.lender)
        self.sender = Sender("w", "1", self.vault, open_channels(channels), channels, ledger, clock, Limits())
        self.door = Door(channels, self.vault, InboxWriter(), clock)
        self.keeper = Keeper(self.vault, InboxWriter(), clock)
        self.box = Postbox(mail_settings(self.lender.settings, ALL_SECRETS), self.lender.root / "mail", self.vault, clock)
        Maildir(self.box.folder)  # made where it is not there
        self.listener = Listener(self.vault, lambda: RULEBOOK, channels, scripted, lambda: {"en", "hi"}, BY, clock)

    def bring(self, brought: Brought, call: Call | None = None) -> int:
        """One call at the door, or what comes by another way in; the status that it was answered with."""
        call, line, status = call or brought.call, brought.line, 200
        if call.method == "SMPP":
            self.keeper.keep(line.provider, self.sender.configured[Channel.SMS].hooks[line.provider].smpp, call.body)  # type: ignore[attr-defined]
        elif call.method == MAIL:
            Maildir(self.box.folder).add(call.body)
        else:
            status, _ = self.door.take(line.section, line.provider, call)
        self.answers[status] += 1
        return status

    def act(self) -> None:
        """Read the inbox and act on what was heard until nothing waits."""
        while receive_mail(self.box):
            pass
        while process_inbox(self.sender.ledger, self.sender.configured, self.vault, self.sender.clock):
            pass
        while answer_heard(self.listener):
            pass

    def repair(self) -> None:
        """Ask for the fates that nobody told: some time later, as a worker does."""
        self.sender.clock = fixed_clock(NOON + timedelta(minutes=20))
        while resolve_messages(self.sender):
            pass
        self.act()  # reports under an id that no message has are given up after some minutes


@dataclass(slots=True)
class Weather:
    """What a seed does to what is brought; told: counts of each; refused: by status, what should be turned away."""

    draw: Random
    told: Counter[str] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)

    def blows(self, world: World, desk: Desk) -> None:
        """Bring everything, in disorder; act now and then in between."""
        come: list[tuple[Brought, Call | None]] = []
        later: list[Brought] = []
        for one in world.brought:
            fate = self.draw.randrange(100)
            if fate < LOST:
                self.told["lost"] += 1
                later += [one] if one.line.repaired == "again" else []
            elif fate < LOST + SPOILED and (call := self._noted("spoiled", one.line.spoil(self.draw, one))):
                come.append((one, call))
                later += [one] if one.line.repaired == "again" else []  # refused, or kept unread and brought again
            else:
                come += [(one, None)] * COPIES
            if self.draw.randrange(100) < FORGED:
                come.append((one, self._noted("forged", one.line.forged(one))))
        self.draw.shuffle(come)
        self.draw.shuffle(later)
        for one, call in [*come, *((one, None) for one in later)]:
            desk.bring(one, call)
            if self.draw.random() < 0.02:
                desk.act()
        desk.act()

    def _noted(self, trouble: str, made: tuple[Call, int] | None) -> Call | None:
        """The call of a trouble, its status written down; None where there is none."""
        if made is None:
            return None
        self.told[trouble] += 1
        self.refused[made[1]] += made[1] != 200
        return made[0]


def plainly(value: object) -> str:
    """A value as JSON has it."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def canonical(rows: dict[str, list[dict[str, Any]]]) -> str:
    """Tables as one text of canonical JSON, a row a line: keys and rows in order."""
    lines = [json.dumps([name, row], default=plainly, sort_keys=True) for name, each in rows.items() for row in each]
    return "\n".join(sorted(lines))


def difference(found: str, wanted: str) -> str:
    """The first rows that stand in one of the two only."""
    ours, theirs = Counter(found.splitlines()), Counter(wanted.splitlines())
    return "\n".join(
        [f"+ {line}" for line in list((ours - theirs).elements())[:5]] + [f"- {line}" for line in list((theirs - ours).elements())[:5]]
    )
