"""The questions that a contact rule can ask: what each needs, which columns of the row it uses, and its exact meaning in words.

These words are what the page of the contact rules prints; the guard answers them, and a second rule book in the tests is written from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Predicate:
    """One question.

    title: its name for people.  uses: the columns of the row that it reads beside those that say when it is asked, and their units.
    says: exactly when the answer is yes.  unknown: which facts can be unknown, and what that means.  waits: when waiting turns a no into a
    yes.  channels: the channels on which alone it makes sense; empty = all.
    """

    title: str
    uses: Mapping[str, str]
    says: str
    unknown: str
    waits: str
    channels: frozenset[str] = field(default_factory=frozenset)


_CALLS = frozenset({"call", "bot_call"})
_MESSAGES = frozenset({"sms", "whatsapp", "email"})
_VISITS = frozenset({"visit", "meeting"})
_NEVER = "Nothing can be unknown."
_NOT_BY_WAITING = "Waiting helps only where a fact on file is dated ahead of the instant."

PREDICATES: dict[str, Predicate] = {
    "hours": Predicate(
        "Hours",
        {"first": "first second of the IST day that is inside", "last": "first second of the IST day that is outside again"},
        "Yes when first <= second of the IST day < last. Seconds are counted from 00:00:00 IST, parts of a second are dropped: 28,800 is "
        "08:00:00. The first second is inside, the last one is outside: a window that ends at 19:00:00 is closed at 19:00:00. first = "
        "last = 0 means never.",
        "Nothing can be unknown but the type of a loan (see *When is a rule asked?*).",
        "At the next second at which all rules of hours that are then asked say yes.",
    ),
    "cap": Predicate(
        "Cap",
        {
            "most": "the count at which the answer turns to no",
            "days": "IST days that are counted, today included",
            "counts": "attempts: every counted state; connects: connected, ringing, reserved and ambiguous",
        },
        "Count the contacts of the person whose class is the class of one of the rule's channels, whose purpose is one of the rule's "
        "purposes, whose state counts, and whose IST day lies from today - days + 1 to today. No when that count is most or more. The "
        "count is pooled over all loans, over all channels of those classes, over agents, agencies and sources (agency logs included). A "
        "contact on a later IST day than today (a clock that was set back) counts as today's. The contact that is being decided is not "
        "counted.",
        "A contact whose purpose is not known counts against every cap of its class, as long as its state counts.",
        "At 00:00:00 IST of the first day on which the count is below most.",
    ),
    "one_call": Predicate(
        "One call at a time",
        {},
        "No while any contact of the person of class call is in state reserved or ringing, whenever it began.",
        _NEVER,
        _NOT_BY_WAITING + " The other call must end.",
        _CALLS,
    ),
    "preference": Predicate(
        "The person's wishes",
        {},
        "No when one of the person's wishes covers the contact: the IST weekday is one of the wish's weekdays (none named: every day), "
        "from second <= second of the IST day < to second, the class is one of its classes (none named: every class), and the place is "
        "one of its places (none named: wherever). Only visits and meetings have a place; a contact by another channel, and a visit whose "
        "place is not known, are at none of them.",
        "No wish on file is no wish.",
        "At the second at which the last of the windows that cover the contact ends.",
    ),
    "occasion": Predicate(
        "Occasions",
        {},
        "No when an occasion of the person, the household, the PIN code, the state or the calendar has first day <= IST date <= last day, "
        "and the row of its kind in contact_occasion that is in force on that date names the class of the contact (`*` names all). An "
        "occasion of a kind that has no row in force on that date bars every class.",
        "No occasion on file is no occasion.",
        "At 00:00:00 IST of the day after the last of them ends.",
    ),
    "party": Predicate(
        "Who is contacted",
        {},
        "Yes when the person is borrower, co_borrower or guarantor of every loan that the contact names. A contact that names no loan "
        "passes.",
        "Unknown when a loan named is not on the book, or the book does not say what the person is to it.",
        _NOT_BY_WAITING,
    ),
    "number": Predicate(
        "The number used",
        {},
        "Yes when the number or address used is on file as the person's own and its standing is not invalid and not wrong; so a number of "
        "family, of another person, of staff or of an agent is a no. A standing that is unknown passes.",
        "Unknown when no number is given, when it is not on file, or when nobody noted whose it is.",
        _NOT_BY_WAITING,
        _MESSAGES | _CALLS,
    ),
    "consent": Predicate(
        "Consent",
        {},
        "Yes when the latest entry for the channel in the register of consents, among those made at or before the instant, gives consent. "
        "Entries of a later instant do not count. Of two entries of the same instant the withdrawal wins.",
        "No entry at all is a no, not an unknown.",
        _NOT_BY_WAITING,
    ),
    "misses": Predicate(
        "Misses before a visit to home or work",
        {"most": "misses in succession that are needed"},
        "Asked of place: branch passes; agreed passes unless it is known that no place was agreed (there is then no such place, and a "
        "visit has to say residence, workplace or branch); residence and workplace pass when at least most misses in succession at the "
        "agreed place are on record. A meeting or a payment sets the misses back to none.",
        "Unknown when the place of the contact is not known, or when it is residence or workplace and the number of misses is not known.",
        _NOT_BY_WAITING,
        _VISITS,
    ),
    "place_order": Predicate(
        "Order of places",
        {},
        "branch passes. agreed passes unless it is known that no place was agreed: there is then no such place, and a visit has to say "
        "residence, workplace or branch. residence passes when it is known that no place was agreed, or the person was not found at the "
        "agreed place at least once. workplace passes when residence would pass and the person was also not found at the residence at "
        "least once.",
        "Unknown when the place of the contact is not known, or when it is residence or workplace, nobody knows whether a place was "
        "agreed, and what is on record of where the person was not found does not settle it.",
        _NOT_BY_WAITING,
        _VISITS,
    ),
    "certificate": Predicate(
        "Agent's certificate",
        {},
        "A contact that names neither an agent nor an agency passes. Otherwise yes when the certificate on file has first day <= IST date "
        "<= last day.",
        "Unknown when the agent named (of the agency named, where one is) or the certificate is not on file.",
        "At 00:00:00 IST of the certificate's first day.",
    ),
    "antecedents": Predicate(
        "Check of the agent's antecedents",
        {"days": "greatest age of the check in days"},
        "A contact that names neither an agent nor an agency passes. Otherwise yes when the check was made on the IST date or at most "
        "days days before it: a check of exactly that age passes, one day more does not. A check dated later than the IST date is a no.",
        "Unknown when the agent or the check is not on file.",
        "At 00:00:00 IST of the day of the check, where that lies ahead.",
    ),
    "agent_notice": Predicate(
        "Notice of the agent",
        {},
        "A contact that names neither an agent nor an agency passes. Otherwise yes when the person was told of this agent, or of the "
        "agent's agency, at an instant before the contact and after the latest of all assignments of the person to that agent or to that "
        "agency that began at or before the contact, whether it has ended since or not: told of the agency and then assigned to an agent "
        "of it, the person is told anew. The instant of the contact and that of the assignment are both outside. Where no assignment "
        "has begun it is a no.",
        "Unknown when the agent is not on file. No notice on file is a no.",
        _NOT_BY_WAITING,
    ),
    "assigned": Predicate(
        "Assignment to the agent",
        {},
        "A contact that names neither an agent nor an agency passes. Otherwise yes when the person is assigned to this agent, or to the "
        "agent's agency, at the instant: since <= instant < until. Where the contact names the agency alone, an assignment to one of its "
        "agents is none to the agency.",
        "Unknown when the agent is not on file. No assignment on file is a no.",
        "At the instant at which an assignment begins.",
    ),
    "overdue": Predicate(
        "Something is overdue",
        {},
        "Yes when at least one loan named has more than 0 paise overdue on the book and no stop of event paid is active for that loan or "
        "for the person. The amount decides, also of a loan that the book calls closed. A stop of event paid that was noted for the "
        "person counts here, though no row of stops has that scope; one that was noted for anything else does not.",
        "Unknown when no loan named passes and the overdue amount of one of them is not known. A contact that names no loan is a no.",
        _NOT_BY_WAITING,
    ),
    "due_soon": Predicate(
        "Due soon, and nothing overdue",
        {"days": "days ahead of the IST date"},
        "Yes when at least one loan named has a next due date with 0 < next due date - IST date <= days and nothing overdue on the book: "
        "0 paise or less, as less than 0 is a credit. What is known as paid since the book changes nothing here.",
        "Unknown when no loan named passes and the overdue amount or the next due date of one of them is not known. A contact that names "
        "no loan is a no.",
        "At 00:00:00 IST of the day that lies days before the next due date.",
    ),
    "session": Predicate(
        "Session",
        {"first": "length of the session in seconds"},
        "Asked of a WhatsApp message in free words, and of an answer within a session on any message channel; everything else passes. Yes "
        "when the person last wrote to us on that channel at most first seconds before the instant, to the microsecond: exactly first "
        "seconds passes, one microsecond more does not. A message of the person dated after the instant does not count.",
        "A person who never wrote on that channel has no session: a no.",
        _NOT_BY_WAITING,
        _MESSAGES,
    ),
    "template": Predicate(
        "Registered template",
        {"first": "length in seconds of a WhatsApp session in which no template is needed; 0 where one always is"},
        "Yes when the text comes from a template registered for the channel; free words, written for this contact, never do. On WhatsApp "
        "a message at most first seconds after the person last wrote on WhatsApp passes without one (counted as under session); with "
        "first = 0, and on other channels, none does.",
        "Unknown when the words are not free, no session lets them pass, and nobody can say whether the template is registered.",
        _NOT_BY_WAITING,
        _MESSAGES,
    ),
    "tier": Predicate(
        "WhatsApp tier",
        {"first": "length of a WhatsApp session in seconds"},
        "A message at most first seconds after the person last wrote on WhatsApp passes (counted as under session). Otherwise yes when "
        "the number of distinct persons whom the lender messaged on WhatsApp outside sessions in the last 24 hours, this one included, is "
        "not above the tier of the lender's portfolio; a person who is one of them already is not counted twice.",
        "Unknown when no session lets the message pass and the tier is not known, also for a person who is one of them already.",
        _NOT_BY_WAITING,
        frozenset({"whatsapp"}),
    ),
    "no_offer": Predicate(
        "No offer",
        {},
        "Yes when the text or script carries no offer of another product.",
        "Unknown when nobody looked.",
        _NOT_BY_WAITING,
    ),
    "caller_id": Predicate(
        "Caller id",
        {"series": "the series let through, one space between; `*`: any series that is shown"},
        "A hidden caller id is a no, whoever dials. Where the row names series, a call placed by a machine or by click-to-call is a no "
        "unless the series of its caller id, read as a number, is one of them; a call (channel call) that a person dials by hand passes. "
        "A number is written in the digits 0 to 9 alone, noughts before it change nothing; a series that is no number is a no.",
        "Unknown when the series is asked for and not known.",
        _NOT_BY_WAITING,
        _CALLS,
    ),
    "legal_language": Predicate(
        "Words of law",
        {},
        "A text or script without words of law passes. One with them passes when the legal desk approved it and the IST date is on or "
        "before the limitation date of every loan named; where none is named, none stands in the way.",
        "Unknown when nobody looked for words of law (approved or not), or when there are some, they are approved, and the limitation "
        "date of a loan named is not known.",
        _NOT_BY_WAITING,
    ),
    "demand": Predicate(
        "The amount demanded",
        {},
        "A contact that names no amount passes. Otherwise yes when the amount equals, to the paisa, the sum of what the ledger demands on "
        "the loans named; of no loan that is 0.",
        "Unknown when the ledger's demand on a loan named is not known.",
        _NOT_BY_WAITING,
    ),
    "book_age": Predicate(
        "Age of the book",
        {"days": "greatest age of the book in days"},
        "Yes when IST date - day of the book <= days: a book of exactly that age passes. A book of a later day passes.",
        "Unknown when the person is on no committed day.",
        _NOT_BY_WAITING + " A new day must be run.",
    ),
    "permit_life": Predicate(
        "Life of a permit",
        {"most": "seconds that a permit lives at most"},
        "Never says no. A permit ends no later than this many seconds after the instant of the decision.",
        _NEVER,
        "Never needed.",
    ),
}
"""By the name that rows carry, in the order of the page.  Stops are asked beside these: each row of contact_stop asks for itself."""
