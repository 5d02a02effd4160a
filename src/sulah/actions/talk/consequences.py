"""What follows from each intent: a table, so that people can read it and a test can hold that no intent is without consequence."""

from collections.abc import Mapping
from dataclasses import dataclass

from sulah.kernel.terms import Purpose, StopEvent


@dataclass(frozen=True, slots=True)
class Consequence:
    """What is done at once, without a person: stop: what stops contact.  task: what a person then does.  complaint: its kind.

    occasion: the occasion noted.  reply: the text of the library that answers.  purpose: of that answer.
    unsure: is it done although the words are not sure, because waiting would harm?  It is lifted by a person where it was wrong.
    restores: is the person's own STOP taken back?
    """

    stop: StopEvent | None = None
    task: str = ""
    complaint: str = ""
    occasion: str = ""
    reply: str = ""
    purpose: Purpose = Purpose.SESSION_ANSWER
    unsure: bool = False
    restores: bool = False


CONSEQUENCES: Mapping[str, Consequence] = {
    "self_harm": Consequence(StopEvent.HARDSHIP, "urgent_call", reply="self_harm_reply", unsure=True),
    "death": Consequence(StopEvent.DEATH, "death", unsure=True),
    "stop": Consequence(StopEvent.OPT_OUT, reply="stop_reply", unsure=True),
    "wrong_number": Consequence(StopEvent.WRONG_NUMBER, "find_number"),
    "complaint": Consequence(StopEvent.COMPLAINT, "complaint", "complaint", reply="complaint_reply", purpose=Purpose.COMPLAINT_REPLY),
    "dispute": Consequence(StopEvent.DISPUTE, "dispute", "dispute", reply="complaint_reply", purpose=Purpose.COMPLAINT_REPLY),
    "cannot_pay": Consequence(StopEvent.HARDSHIP, "hardship", reply="hardship_reply"),
    "paid": Consequence(StopEvent.PAID, "check_payment", reply="paid_reply"),
    "promise": Consequence(reply="promise_note", purpose=Purpose.PROMISE_NOTE),
    "part": Consequence(reply="promise_note", purpose=Purpose.PROMISE_NOTE),
    "call_me": Consequence(task="call_back", reply="call_me_reply"),
    "language": Consequence(reply="language_reply"),
    "start": Consequence(restores=True),
    "other": Consequence(task="read", reply="unsure_reply"),
}
"""Intent -> what follows.  A promise, a part payment and a language are written down as what they are, besides; START takes back the
person's own STOP on the channel by which it came (actions/talk/restore.py), and nothing else that stops contact."""

BEREAVED = Consequence(task="death", occasion="bereavement")
"""Somebody of the family died, not the borrower: the family is left alone for as long as the occasion lasts."""


@dataclass(frozen=True, slots=True)
class Suspected:
    """What is done where no row says a protective intent and the weights suspect it: a person looks, and a strong one holds contact.

    Nothing else follows: no opt-out, no consent withdrawn, no answer.  stop: what a strong one holds contact by until it is lifted.
    """

    stop: StopEvent
    task: str
    strong_task: str


SUSPICIONS: Mapping[str, Suspected] = {
    "self_harm": Suspected(StopEvent.HARDSHIP, "suspicion", "urgent_call"),
    "death": Suspected(StopEvent.HARDSHIP, "suspicion", "suspicion"),
    "stop": Suspected(StopEvent.HARDSHIP, "suspicion", "suspicion"),
}
"""Suspected intent -> what follows; docs/policy/weights.md says how often a suspicion is wrong."""
