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
