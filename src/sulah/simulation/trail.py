"""What the lender's other systems saw: calls and messages about arrears, promises, and payments as gateway and field app know them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from sulah.kernel.terms import LoanStatus
from sulah.simulation.account import Account, Collection, Contact, Person, Promise
from sulah.simulation.lending import moment
from sulah.simulation.luck import luck, weighted
from sulah.simulation.standing import Standings

ASKED_AFTER = (2, 6, 11, 17, 24, 32, 40, 48, 56, 65, 75, 88, 105, 125, 150)
"""Days after the oldest unpaid due date on which somebody asks."""

OUTCOMES = (
    ("no_answer", 38),
    ("promise", 22),
    ("answered", 14),
    ("will_pay_later", 9),
    ("third_party", 6),
    ("wrong_number", 3),
    ("refused", 5),
    ("hardship", 2),
    ("complaint", 1),
)
GATEWAY_MODES = ("upi", "bank_transfer", "upi_autopay")
PLANTED_COLLECTIONS = 8


def contacts_and_promises(
    seed: int, accounts: Iterable[Account], people: dict[str, Person], since: date, until: date
) -> tuple[list[Contact], list[Promise]]:
    """Contacts about arrears between two days, and the promises that came of them; a promise is kept when the money was coming anyway."""
    contacts: list[Contact] = []
    promises: list[Promise] = []
    for account in accounts:
        stream = luck(seed, "trail", account.loan_id)
        standings = Standings(account)
        for day in _asking_days(account, standings, since, until):
            contact = _contact(seed, account, people[account.borrower_id], day)
            contacts.append(contact)
            if contact.outcome == "promise":
                due_on = next((r.paid_on for r in account.receipts if day < r.paid_on <= day + timedelta(days=7)), None)
                due_on = due_on or day + timedelta(days=1 + stream.randrange(7))
                owed = max(100_00, standings.on(day).overdue)
                number = f"P-{account.loan_id}-{day:%y%m%d}"
                promises.append(
                    Promise(
                        number,
                        account.loan_id,
                        contact.at + timedelta(minutes=2),
                        due_on,
                        owed // 100 * 100,
                        contact.agent_id,
                        contact.channel,
                    )
                )
    return contacts, promises


def _asking_days(account: Account, standings: Standings, since: date, until: date) -> list[date]:
    days = set()
    for due in account.dues_on(until):
        if due.due_on > until or due.due_on < since - timedelta(days=ASKED_AFTER[-1]):
            continue
        for after in ASKED_AFTER:
            day = due.due_on + timedelta(days=after)
            if day > until or standings.oldest(day) != due.due_on:
                break
            if day >= since and account.status_on(day) in (LoanStatus.ACTIVE, LoanStatus.WRITTEN_OFF):
                days.add(day)
    return sorted(days)


def _contact(seed: int, account: Account, person: Person, day: date) -> Contact:
    stream = luck(seed, "contact", account.loan_id, day)
    channel = weighted(stream, (("sms", 30), ("whatsapp", 15), ("call", 45), ("visit", 10)))
    outcome = weighted(stream, OUTCOMES) if channel in ("call", "visit") else weighted(stream, (("delivered", 85), ("failed", 15)))
    spoken = channel == "call" and outcome != "no_answer"
    return Contact(
        contact_id=f"K-{account.loan_id}-{day:%y%m%d}",
        borrower_id=account.borrower_id,
        at=moment(stream, day),
        channel=channel,
        direction="out",
        loan_id=account.loan_id,
        outcome=outcome,
        number_used="" if channel == "visit" else person.phone,
        seconds=20 + stream.randrange(240) if spoken else None,
        agent_id=account.officer_id if channel == "visit" else f"A-{1 + stream.randrange(12):02d}" if channel == "call" else "",
        party="family" if outcome == "third_party" else "borrower" if spoken else "",
        language=person.language,
    )


def collections(seed: int, accounts: Iterable[Account], since: date, until: date) -> list[Collection]:
    """Payments as the gateway (all of its modes) and the field app (a third of cash) know them, with planted disagreements.

    Planted, eight of each: the same payment reported twice, an amount that differs by ten rupees, a date that differs by a day,
    and money that the lender never posted.
    """
    found: list[Collection] = []
    for account in accounts:
        stream = luck(seed, "collection", account.loan_id)
        for receipt in account.receipts:
            gateway = receipt.mode in GATEWAY_MODES
            if receipt.reverses_id or not since <= receipt.paid_on <= until or not (gateway or receipt.mode == "cash"):
                continue
            if gateway or stream.randrange(3) == 0:
                source, prefix = ("gateway", "GW") if gateway else ("field", "FA")
                reference = f"{prefix}{receipt.repayment_id.removeprefix('R-')}"
                found.append(Collection(source, reference, account.loan_id, receipt.paid_on, receipt.paise, receipt.mode))
    return _disagree(seed, found)


def _disagree(seed: int, found: list[Collection]) -> list[Collection]:
    stream = luck(seed, "collection", "planted")
    chosen = stream.sample(range(len(found)), min(len(found), 4 * PLANTED_COLLECTIONS))
    for turn, place in enumerate(chosen):
        known = found[place]
        if turn % 4 == 0:
            found.append(replace(known, reference=f"{known.reference}-A"))
        elif turn % 4 == 1:
            found[place] = replace(known, paise=known.paise + 10_00)
        elif turn % 4 == 2:
            found[place] = replace(known, paid_on=known.paid_on - timedelta(days=1))
        else:
            found.append(replace(known, reference=f"{known.reference}-X", paise=known.paise // 2 + 7_00))
    return found
