"""The terms of the field, one enum each; the values are what files, tables and policy rows carry."""

from enum import IntEnum, StrEnum


class EntityType(StrEnum):
    """The kind of lender that a rule applies to."""

    BANK = "bank"
    SFB = "sfb"
    NBFC_BL = "nbfc_bl"
    NBFC_ML = "nbfc_ml"
    NBFC_UL = "nbfc_ul"
    NBFC_MFI = "nbfc_mfi"


class LoanStatus(StrEnum):
    """What the lender says of a loan; a written-off loan's claim and dues go on."""

    ACTIVE = "active"
    CLOSED = "closed"
    WRITTEN_OFF = "written_off"
    SETTLED = "settled"
    SOLD = "sold"


class Frequency(StrEnum):
    """How often instalments fall due."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    FOUR_WEEKLY = "four_weekly"
    MONTHLY = "monthly"
    IRREGULAR = "irregular"


class RepaymentStatus(StrEnum):
    """What became of a repayment entry."""

    POSTED = "posted"
    BOUNCED = "bounced"
    REVERSED = "reversed"


class Head(StrEnum):
    """The heads of an instalment that a rupee can settle."""

    PRINCIPAL = "principal"
    INTEREST = "interest"
    CHARGE = "charge"


class Sma(StrEnum):
    """Special mention account: the early-stress classes before NPA."""

    NONE = "none"
    SMA_0 = "sma_0"
    SMA_1 = "sma_1"
    SMA_2 = "sma_2"


class AssetClass(StrEnum):
    """The prudential class of a loan."""

    STANDARD = "standard"
    SUB_STANDARD = "sub_standard"
    DOUBTFUL_1 = "doubtful_1"
    DOUBTFUL_2 = "doubtful_2"
    DOUBTFUL_3 = "doubtful_3"
    LOSS = "loss"


class LoadState(StrEnum):
    """Where a load of the lender's extract stands."""

    HELD = "held"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDONE = "undone"


class Role(StrEnum):
    """The people who sign in, each with a reach of their own."""

    AGENT = "agent"
    FIELD_OFFICER = "field_officer"
    SUPERVISOR = "supervisor"
    COMPLIANCE = "compliance"
    VALIDATOR = "validator"
    LEGAL = "legal"
    AGENCY = "agency"
    ADMINISTRATOR = "administrator"
    INSPECTOR = "inspector"


class ContactClass(StrEnum):
    """The kind of a contact that caps and occasions speak of."""

    MESSAGE = "message"
    CALL = "call"
    VISIT = "visit"
    LETTER = "letter"


class Channel(StrEnum):
    """The way by which a contact reaches a person."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    CALL = "call"
    BOT_CALL = "bot_call"
    VISIT = "visit"
    MEETING = "meeting"
    LETTER = "letter"

    @property
    def contact_class(self) -> ContactClass:
        """The class that a contact by this channel belongs to.

        >>> Channel.BOT_CALL.contact_class.value, Channel.MEETING.contact_class.value
        ('call', 'visit')
        """
        return _CLASS_OF[self]

    @property
    def spoken(self) -> str:
        """The channel inside a sentence.

        >>> Channel.SMS.spoken, Channel.BOT_CALL.spoken, Channel.VISIT.spoken
        ('SMS', 'automated call', 'visit')
        """
        return _SPOKEN.get(self, self.value)


_SPOKEN = {Channel.SMS: "SMS", Channel.WHATSAPP: "WhatsApp", Channel.EMAIL: "e-mail", Channel.BOT_CALL: "automated call"}
_CLASS_OF = {
    Channel.SMS: ContactClass.MESSAGE,
    Channel.WHATSAPP: ContactClass.MESSAGE,
    Channel.EMAIL: ContactClass.MESSAGE,
    Channel.CALL: ContactClass.CALL,
    Channel.BOT_CALL: ContactClass.CALL,
    Channel.VISIT: ContactClass.VISIT,
    Channel.MEETING: ContactClass.VISIT,
    Channel.LETTER: ContactClass.LETTER,
}


class Purpose(StrEnum):
    """What a contact is for; only `recovery` asks for an overdue amount."""

    RECOVERY = "recovery"
    PRE_DUE = "pre_due"
    RECEIPT = "receipt"
    OTP = "otp"
    COMPLAINT_REPLY = "complaint_reply"
    STATUTORY_NOTICE = "statutory_notice"
    SESSION_ANSWER = "session_answer"
    AGENT_NOTICE = "agent_notice"
    HARDSHIP_OFFER = "hardship_offer"
    PROMISE_NOTE = "promise_note"
    INFORMATION = "information"


class Party(StrEnum):
    """What a person is to a loan."""

    BORROWER = "borrower"
    CO_BORROWER = "co_borrower"
    GUARANTOR = "guarantor"
    REFERENCE = "reference"
    FAMILY = "family"
    HEIR = "heir"
    OTHER = "other"

    @property
    def owes(self) -> bool:
        """Is the loan theirs to pay, too?"""
        return self in (Party.BORROWER, Party.CO_BORROWER, Party.GUARANTOR)


class LoanType(StrEnum):
    """Whether a loan is a microfinance loan, which has hours and places of its own."""

    MFL = "mfl"
    OTHER = "other"


class Place(StrEnum):
    """Where a person is met."""

    AGREED = "agreed"
    RESIDENCE = "residence"
    WORKPLACE = "workplace"
    BRANCH = "branch"


class StopEvent(StrEnum):
    """What stops contact, as a whole or in part."""

    PAID = "paid"
    PROMISE = "promise"
    COMPLAINT = "complaint"
    DEATH = "death"
    DISPUTE = "dispute"
    OPT_OUT = "opt_out"
    WRONG_NUMBER = "wrong_number"
    HARDSHIP = "hardship"
    COURT = "court"
    LEGAL_HOLD = "legal_hold"
    CALAMITY = "calamity"
    AGENCY_STOPPED = "agency_stopped"
    AGENT_STOPPED = "agent_stopped"
    CHANNEL_STOPPED = "channel_stopped"
    LENDER_STOPPED = "lender_stopped"
    RESTORED = "restored"


class StopScope(StrEnum):
    """How far a stop reaches; `channel` is one person on one channel, `channel_all` everybody on it."""

    NUMBER = "number"
    CHANNEL = "channel"
    LOAN = "loan"
    PERSON = "person"
    HOUSEHOLD = "household"
    PINCODE = "pincode"
    AGENT = "agent"
    AGENCY = "agency"
    CHANNEL_ALL = "channel_all"
    LENDER = "lender"


class ContactState(StrEnum):
    """What became of a contact, as far as it is known."""

    RESERVED = "reserved"
    SENT = "sent"
    DELIVERED = "delivered"
    RINGING = "ringing"
    CONNECTED = "connected"
    NOT_CONNECTED = "not_connected"
    AMBIGUOUS = "ambiguous"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"

    @property
    def counts(self) -> bool:
        """Is it an attempt?  Not where the provider refused it before any effect, nor where we stopped it before hand-over.

        >>> ContactState.AMBIGUOUS.counts, ContactState.FAILED.counts
        (True, False)
        """
        return self not in (ContactState.FAILED, ContactState.WITHDRAWN)

    @property
    def may_have_connected(self) -> bool:
        """Did it reach the person, or may it yet?  An unknown outcome is read as the stricter one."""
        return self in _MAY_HAVE_CONNECTED


_MAY_HAVE_CONNECTED = frozenset(
    {ContactState.RESERVED, ContactState.RINGING, ContactState.CONNECTED, ContactState.AMBIGUOUS},
)


class Exit(IntEnum):
    """Exit codes of every command: done, refused by the data or a rule, or used wrongly."""

    DONE = 0
    REFUSED = 1
    USAGE = 2


class RecordFate(StrEnum):
    """What became of one record that was sent to the API."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
