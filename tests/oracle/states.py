"""A question in plain JSON made of a choice of levels (factors.py): every fact lies beside the instant that the choice names."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from tests.oracle.book import CLASS_OF, MESSAGES
from tests.oracle.cases import Plain
from tests.oracle.factors import FACTORS, MICROSECOND, NAMES, SECOND, TIMES
from tests.oracle.ledger import contacts, stops
from tests.oracle.moments import HOUR, ONE_DAY, PLACES, Pick, known, midnight, near, yes
from tests.oracle.people import occasions, papers, whom, wishes

LEVELS = tuple(FACTORS.values())


def pick_of(row: Sequence[int]) -> Pick:
    """The levels that a row of level numbers chooses, by factor."""
    return {name: levels[level] for name, levels, level in zip(NAMES, LEVELS, row, strict=True)}


def loans(pick: Pick, day: date) -> list[Plain]:
    """The loans L1 and, where there is one, L2."""
    kinds = {"L1": f"{pick['type of L1']} {pick['L1 is']}", "L2": pick["L2"]}
    made = []
    for loan_id, kind in kinds.items():
        if kind == "none":
            continue
        loan_type, is_open = kind.split()
        party = pick[f"to {loan_id}"]
        loan = {
            "loan_id": loan_id,
            "loan_type": None if loan_type == "unknown" else loan_type,
            "product": "JLG-W" if loan_type == "mfl" else "PL",
            "overdue_paise": known(pick[f"overdue on {loan_id}"]),
            "demand_paise": known(pick[f"demand on {loan_id}"]),
            "next_due_on": near(pick[f"{loan_id} due"], day),
            "open": is_open == "open",
            "parties": {} if party == "not said" else {"p-1": party},
            "limitation_on": near(pick[f"limit of {loan_id}"], day),
        }
        made.append(loan)
    return made


def amount(pick: Pick, named: list[str], book: list[Plain]) -> int | None:
    """The amount that the contact names, beside the sum of the demands that are known."""
    if pick["amount"] in ("none", "zero"):
        return None if pick["amount"] == "none" else 0
    total = sum(loan["demand_paise"] or 0 for loan in book if loan["loan_id"] in named)
    return int(total) + {"exact": 0, "one less": -1, "one more": 1}[pick["amount"]]


def numbers(pick: Pick) -> tuple[str | None, Plain]:
    """(the key of the number used, the numbers on file)."""
    others: Plain = {"n-2": {"whose": "own", "standing": "good"}}
    if pick["number"] == "none":
        return None, others
    if pick["number"] == "off file":
        return "n-1", others
    whose, standing = pick["number"].split()
    return "n-1", {"n-1": {"whose": None if whose == "nobody" else whose, "standing": standing}, **others}


def consents(pick: Pick, at: datetime) -> list[Plain]:
    """Entries of consent, as (given, how long ago) for the channel of the contact or for another one."""
    past, later = 30 * ONE_DAY, 2 * ONE_DAY
    entries = {
        "given": [(True, past)],
        "none": [],
        "withdrawn": [(False, past)],
        "given, withdrawn": [(True, past), (False, later)],
        "withdrawn, given": [(True, later), (False, past)],
        "both at once": [(False, past), (True, past)],
        "given now": [(False, past), (True, timedelta())],
        "withdrawn now": [(True, past), (False, timedelta())],
        "given ahead": [(False, past), (True, -MICROSECOND)],
        "withdrawn ahead": [(True, past), (False, -MICROSECOND)],
        "elsewhere": [(True, past)],
        "withdrawn elsewhere": [(True, past)],
    }[pick["consent"]]
    other = "sms" if pick["channel"] == "whatsapp" else "whatsapp"
    channel = other if pick["consent"] == "elsewhere" else pick["channel"]
    made = [{"channel": channel, "given": given, "at": (at - ago).isoformat()} for given, ago in entries]
    if pick["consent"] == "withdrawn elsewhere":
        made.append({"channel": other, "given": False, "at": (at - later).isoformat()})
    return made


def wrote(pick: Pick, at: datetime) -> Plain:
    """When the person last wrote to us, by channel."""
    channel = pick["channel"] if pick["channel"] in MESSAGES else "whatsapp"
    if pick["wrote"] == "never":
        return {}
    if pick["wrote"] == "elsewhere":
        return {MESSAGES[MESSAGES.index(channel) - 1]: (at - HOUR).isoformat()}
    ago = {
        "1h": HOUR,
        "24h-1us": ONE_DAY - MICROSECOND,
        "24h": ONE_DAY,
        "24h+1us": ONE_DAY + MICROSECOND,
        "24h+1s": ONE_DAY + SECOND,
        "now": timedelta(),
        "1us ahead": -MICROSECOND,
    }[pick["wrote"]]
    return {channel: (at - ago).isoformat()}


def intent(pick: Pick, at: datetime, named: list[str], book: list[Plain]) -> Plain:
    """What is wanted. A visit or a letter has no number, unless one strays in; nothing but visits and meetings has a place."""
    channel, stray = pick["channel"], pick["stray"] == "yes"
    agent_id, agency_id, _ = whom(pick)
    role, *set_aside = pick["set aside"].split()
    words, _, approval = pick["legal"].partition(", ")
    numbered = stray or CLASS_OF[channel] in ("message", "call")
    placed = pick["place"] in PLACES and CLASS_OF[channel] == "visit"
    return {
        "intent_id": "i-1",
        "person_id": "p-1",
        "at": at.isoformat(),
        "channel": channel,
        "purpose": pick["purpose"],
        "loan_ids": named,
        "number_key": numbers(pick)[0] if numbered else None,
        "place": pick["place"] if placed else None,
        "agent_id": agent_id,
        "agency_id": agency_id,
        "free_text": pick["free text"] == "yes",
        "offers": yes(pick["offers"]),
        "legal_words": {"no words": False, "unknown": None, "words": True, "approved words": True}[words],
        "legal_approved": approval == "approved" or words == "approved words",
        "amount_paise": amount(pick, named, book),
        "caller_series": None if pick["series"] == "unknown" else pick["series"],
        "caller_hidden": pick["hidden"] == "yes",
        "by_hand": pick["by hand"] == "yes",
        "overrides": [{"rule_id": rule, "role": role, "by": "x-1", "reason": "the person asked for it"} for rule in set_aside],
    }


def facts(pick: Pick, at: datetime, day: date, named: list[str], book: list[Plain]) -> Plain:
    """What is known."""
    home = pick["home"]
    not_found = {} if pick["not found"] == "empty" else dict(zip(PLACES, map(int, pick["not found"].split()), strict=False))
    tier = {"below": (9, 10), "at": (9, 10), "above": (10, 10), "zero": (0, 0), "unknown": (9, None)}
    used, tier_limit = {**tier, "below": (8, 10), "at, in": (10, 10), "above, in": (11, 10), "unknown, in": (9, None)}[pick["tier"]]
    return {
        "person": {
            "person_id": "p-1",
            "household_id": None if home in ("no household", "nothing") else "h-1",
            "pincode": None if home in ("no pincode", "nothing") else "560001",
            "state": None if home in ("no state", "nothing") else "Karnataka",
            "language": "kn",
            "agreed_place": yes(pick["agreed place"]),
        },
        "loans": book,
        "book_as_of": near(pick["book"], day),
        "contacts": contacts(pick, at, day),
        "numbers": numbers(pick)[1],
        "consents": consents(pick, at),
        "preferences": wishes(pick, at, day),
        "occasions": occasions(pick, day),
        "stops": stops(pick, at, named),
        "misses_in_succession": known(pick["misses"]),
        "not_found": not_found,
        "agent": papers(pick, at, day),
        "last_inbound": wrote(pick, at),
        "template": yes(pick["template"]),
        "tier_limit": tier_limit,
        "tier_used": used,
        "in_tier_already": pick["tier"].endswith(", in"),
    }


def state(row: Sequence[int]) -> tuple[str, Plain]:
    """(the kind of lender, the question) of a row of level numbers."""
    pick = pick_of(row)
    day = date.fromisoformat(pick["day"])
    at = midnight(day) + TIMES[pick["time"]]
    named, book = pick["named"].split(), loans(pick, day)
    return pick["entity"], {"intent": intent(pick, at, named, book), "facts": facts(pick, at, day, named, book)}
