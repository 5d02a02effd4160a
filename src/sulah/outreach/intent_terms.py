"""The intents of an answer, in the order in which they outrank each other, how sure a reading is, and whose death was told."""

from enum import StrEnum


class Intent(StrEnum):
    """What a borrower may want to say; docs/policy/intents.md says where each ends and the next begins."""

    PAID = "paid"
    PROMISE = "promise"
    PART = "part"
    CANNOT_PAY = "cannot_pay"
    DISPUTE = "dispute"
    WRONG_NUMBER = "wrong_number"
    CALL_ME = "call_me"
    LANGUAGE = "language"
    STOP = "stop"
    START = "start"
    COMPLAINT = "complaint"
    DEATH = "death"
    SELF_HARM = "self_harm"
    OTHER = "other"


PRECEDENCE = (
    Intent.SELF_HARM,
    Intent.DEATH,
    Intent.STOP,
    Intent.WRONG_NUMBER,
    Intent.COMPLAINT,
    Intent.DISPUTE,
    Intent.CANNOT_PAY,
    Intent.PART,
    Intent.PAID,
    Intent.PROMISE,
    Intent.CALL_ME,
    Intent.LANGUAGE,
    Intent.START,
    Intent.OTHER,
)
"""Most protective first: the first that a text says is its intent, the others stand beside it."""


class Confidence(StrEnum):
    """How sure a reading is, by rule and not by chance: see intents.Read."""

    SURE = "sure"
    LIKELY = "likely"
    UNSURE = "unsure"


class About(StrEnum):
    """Whose death was told: the borrower's, another's of the family, or not said."""

    BORROWER = "borrower"
    FAMILY = "family"
    UNKNOWN = ""
