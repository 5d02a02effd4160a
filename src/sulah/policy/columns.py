"""The tables that a day runs on, each with its own columns, how a question finds its row, and what the table decides.

SQL statements rely on these names: each table is registered in the engine as `policy_<table>`.
"""

from sulah.kernel.interest import BASES
from sulah.kernel.terms import AssetClass
from sulah.policy.contact_sheets import CONTACT_SHEETS
from sulah.policy.shape import ANY, ENTITIES, HEAD, OPEN_DAYS, OPEN_MONTHS, OPEN_PAISE, TAIL, Column, Kind, Sheet
from sulah.policy.shape import number as _number
from sulah.policy.shape import span as _span
from sulah.policy.shape import text as _text
from sulah.policy.shape import truth as _truth

__all__ = [
    "AGAIN",
    "ALL_SHEETS",
    "ANY",
    "ENTITIES",
    "HEAD",
    "LEGS",
    "NPA_CLASSES",
    "OPEN_DAYS",
    "OPEN_MONTHS",
    "OPEN_PAISE",
    "SHEETS",
    "TAIL",
    "WAYS",
    "Column",
    "Kind",
    "Sheet",
    "columns",
    "ddl",
    "sheets",
]

WAYS = {"by_class": "rate by asset class", "nbfc_mfi_two_way": "larger of 1% of the portfolio and the ageing of instalments"}
"""The ways to provide for a book, and their meaning."""

NPA_CLASSES = tuple(item.value for item in AssetClass if item is not AssetClass.STANDARD)
LEGS: dict[str, dict[str, tuple[str, ...]]] = {
    "by_class": {"standard": ("standard",), **dict.fromkeys(NPA_CLASSES, ("secured", "unsecured"))},
    "nbfc_mfi_two_way": {ANY: ("portfolio", "instalments_91_179", "instalments_180")},
}
"""Per way to provide: the legs that each asset class must have."""

AGAIN = ("yes", "after_change", "no")
"""Whether a returned debit may be presented again."""

SHEETS: dict[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        Sheet(
            "bucket",
            "The bucket of a loan by its own days past due.",
            (
                _text("bucket", "Name of the bucket.", "current", "1-30", "31-60", "61-90", "91-180", "181-365", "366+"),
                _number("place", "Place in the order of buckets, 1 = best.", 99),
                *_span("dpd_from", "dpd_to", "day past due", OPEN_DAYS),
            ),
            ("place",),
            "Nothing: the names are part of what Sulah promises to outsiders, and roll rates over changed buckets do not compare.",
            ranges=(("dpd", "dpd_from", "dpd_to"),),
        ),
        Sheet(
            "asset_limit",
            "Standard, special mention or NPA, by the borrower's days past due at day-end.",
            (
                _text("class", "Class of the borrower.", "standard", "sma_0", "sma_1", "sma_2", "npa"),
                *_span("dpd_from", "dpd_to", "day past due", OPEN_DAYS),
            ),
            ("dpd_from", "class"),
            "A lender may be stricter (NPA earlier), never more lenient than the law row for its entity type.",
            ranges=(("dpd", "dpd_from", "dpd_to"),),
        ),
        Sheet(
            "asset_age",
            "The asset class of an NPA loan by whole months since it became NPA.",
            (
                _text("asset_class", "Class of the loan.", "sub_standard", "doubtful_1", "doubtful_2", "doubtful_3"),
                *_span("months_from", "months_to", "whole month since npa_on", OPEN_MONTHS),
            ),
            ("months_from", "asset_class"),
            "A lender may age faster; base-layer NBFCs must confirm the sub-standard period (12 or 18 months).",
            ranges=(("months", "months_from", "months_to"),),
        ),
        Sheet(
            "provision",
            "What is set aside for a loan: rate per asset class and leg, or the two ways of an NBFC-MFI.",
            (
                _text("method", "Way to provide.", *WAYS),
                _text("asset_class", "Class that the rate is for.", ANY, "standard", *NPA_CLASSES),
                _text(
                    "leg", "Part of the exposure.", "standard", "secured", "unsecured", "portfolio", "instalments_91_179", "instalments_180"
                ),
                _text(
                    "segment",
                    "Kind of exposure; a row for `*` serves all that have no row.",
                    ANY,
                    "farm_small_micro",
                    "other",
                    "cre",
                    "cre_rh",
                ),
                _number("rate_bps", "Rate in hundredths of a percent.", 10_000),
            ),
            ("method", "asset_class", "leg", "segment"),
            "A lender may provide more than the rate; less needs the regulator's text in the citation.",
            keys=("asset_class", "leg", "segment"),
        ),
        Sheet(
            "waterfall",
            "The order in which a rupee settles the heads of one instalment.",
            (
                _text("order_name", "Name of the order."),
                _number("principal_place", "Place of principal, 1..3.", 3),
                _number("interest_place", "Place of interest, 1..3.", 3),
                _number("charge_place", "Place of charges, 1..3.", 3),
            ),
            ("order_name",),
            "Free, within the loan agreement: end the row in force and give one of the other orders entity types of your own.",
            offers=True,
        ),
        Sheet(
            "restructure",
            "What restructuring does to the class, and when the watch over it ends.",
            (
                _truth("npa_at_once", "Is the borrower NPA from the day of restructuring?"),
                _number("watch_months", "Months of watch since the first instalment due after it.", OPEN_MONTHS),
                _number("repaid_percent", "Percent of the principal then outstanding that must have been received.", 100),
            ),
            (),
            "A lender may watch for longer or ask for more.",
        ),
        Sheet(
            "upgrade",
            "What must be paid before an NPA borrower is standard again.",
            (
                _text("requires", "What must be cleared.", "all_arrears"),
                _truth("charges_included", "Do unpaid charges hold the upgrade back?"),
            ),
            (),
            "A lender may leave charges out only when its compliance officer has confirmed the text.",
        ),
        Sheet(
            "day_count",
            "How relief windows that stop the count are taken off the days past due.",
            (
                _text("pause_rule", "Days of the window that overlap the arrears, or the whole window.", "overlap", "whole_window"),
                _truth("moratorium_counts", "Does dpd go on counting in a moratorium that the schedule does not show?"),
            ),
            (),
            "Free: choose what the relief's own text says; compare with the lender's loan system first.",
        ),
        Sheet(
            "stage",
            "The ladder of treatments: what should happen to a person at this stage.",
            (
                _text("stage", "Name of the stage."),
                *_span("dpd_from", "dpd_to", "day past due", OPEN_DAYS),
                _truth("npa", "Is the row for NPA borrowers?"),
                _text("product", "Product code, the beginning of one followed by `*`, or `*` for all."),
                *_span("ticket_from_paise", "ticket_to_paise", "paisa of the person's outstanding principal", OPEN_PAISE),
                _text("treatment", "What is done."),
                _text("channel", "How.", "digital", "call", "visit", "centre_meeting", "none"),
                _text("worked_by", "By whom.", "system", "agent", "senior_agent", "field", "nobody"),
                _number("priority", "Smaller goes first where rows overlap; a more specific product must have the smaller number.", 999),
            ),
            ("npa", "dpd_from", "priority", "product", "ticket_from_paise"),
            "Free, within the law of contact, which the guard enforces whatever this table says.",
            ranges=(("dpd", "dpd_from", "dpd_to"), ("ticket_paise", "ticket_from_paise", "ticket_to_paise")),
            keys=("npa",),
            globs=("product",),
        ),
        Sheet(
            "bounce_reason",
            "What a returned debit means in plain words, and whether the same debit may be presented again.",
            (
                _text("system", "Where the debit went.", "nach", "upi"),
                _text("code", "Return code; `*` for every code that has no row."),
                _text("words", "What it means, in plain words."),
                _text("again", "May the same debit be presented again: as it is, when the cause was put right, or never?", *AGAIN),
                _text("because", "What it lies in.", "funds", "account", "mandate", "borrower", "bank", "file", "court"),
            ),
            ("system", "code"),
            "A lender may be stricter, or add codes of its sponsor bank.",
            keys=("system", "code"),
            later=True,
        ),
        Sheet(
            "presentation",
            "How often and when a returned debit may be presented again, where its return code allows it.",
            (
                _text("system", "Where the debit goes.", "nach", "upi"),
                _number("tries", "Most presentations of one cycle, the first included.", 99),
                _number("cycle_days", "Days that one cycle of presentations spans.", 366),
                _number("gap_days", "Least days between two presentations.", 366),
                _number("notice_days", "Days of notice that the borrower has before the debit.", 366),
                _text("slots", "Hours of the day in which the system takes it; `any` = all day."),
            ),
            ("system",),
            "A lender may try less often and give longer notice; more needs the system's own text in the citation.",
            keys=("system",),
            later=True,
        ),
        Sheet(
            "load_threshold",
            "How far a new load may move before a person must approve it.",
            (
                _text("code", "What is measured.", "rows_fall", "overdue_move", "dpd_difference"),
                _number("percent_bps", "Largest move let through, in hundredths of a percent; more than this is held.", 1_000_000),
            ),
            ("code",),
            "Free.",
            keys=("code",),
        ),
        Sheet(
            "ticket_band",
            "Bands of the amount disbursed, for measures by ticket.",
            (
                _text("band", "Name of the band."),
                *_span("ticket_from_paise", "ticket_to_paise", "paisa disbursed", OPEN_PAISE),
            ),
            ("ticket_from_paise",),
            "Free; measures of days that were run stay in the bands of their day.",
            ranges=(("ticket_paise", "ticket_from_paise", "ticket_to_paise"),),
            later=True,
        ),
        Sheet(
            "roll_band",
            "Where a roll rate should lie: principal now in a worse place, of that which opened the month in the bucket.",
            (
                _text("bucket", "Bucket at the opening of the month.", "current", "1-30", "31-60", "61-90", "91-180", "181-365", "366+"),
                _number("forward_from_bps", "Lower edge, hundredths of a percent; judged when the month is over.", 10_000),
                _number("forward_to_bps", "Upper edge, hundredths of a percent; more than this is an alert at once.", 10_000),
                _number("least_loans", "A cohort of fewer loans is not judged."),
            ),
            ("bucket",),
            "Free: the rows as shipped are wide; set them from the lender's own months.",
            keys=("bucket",),
            later=True,
        ),
        Sheet(
            "written_off_keeper",
            "Who keeps the account of a written-off loan: the lender's own system, or Sulah; the closest product answers.",
            (
                _text("product", "Product code, the beginning of one followed by `*`, or `*` for all."),
                _text("keeper", "Who is the system of record for balance, interest, fees and receipts.", "lms", "sulah"),
                _text("receipts_from", "Where Sulah takes receipts from, by the day they were paid; never both.", "extract", "bank"),
            ),
            ("product",),
            "Free: from the day on which a row says sulah, the lender's own system keeps these accounts no longer.",
            globs=("product",),
            later=True,
        ),
        Sheet(
            "written_off_interest",
            "Interest on the principal of a written-off loan that Sulah keeps: simple, never on interest, never on charges.",
            (
                _text("product", "Product code, the beginning of one followed by `*`, or `*` for all."),
                _number("rate_bps", "Rate a year in hundredths of a percent; 0 is no further interest.", 10_000),
                _text("basis", "Days of a year: 365, or 366 for days in a leap year.", *BASES),
            ),
            ("product",),
            "At most the rate of the loan agreement and its key facts statement; no further interest is the default.",
            globs=("product",),
            later=True,
        ),
        Sheet(
            "written_off_waterfall",
            "The order in which a receipt settles the heads of a written-off loan that Sulah keeps.",
            (
                _text("order_name", "Name of the order."),
                *(_number(f"{head}_place", f"Place of {head}, 1..3.", 3) for head in ("principal", "interest", "charge")),
            ),
            ("order_name",),
            "Free, within the loan agreement: end the row in force and give one of the other orders entity types of your own.",
            offers=True,
            later=True,
        ),
        Sheet(
            "kfs_fee",
            "The fees that may be charged after a write-off: those that the loan's key facts statement lists, and no other.",
            (
                _text("product", "Product code, the beginning of one followed by `*`, or `*` for all."),
                _text("fee", "Code of the fee."),
                _text("words", "What it is, as the key facts statement says."),
                _number("most_paise", "Most that one fee may be, taxes included, in paise."),
            ),
            ("fee", "product"),
            "What the lender's key facts statements list; a fee without a row is refused. The rows as shipped are in force for nobody.",
            keys=("fee",),
            globs=("product",),
            offers=True,
            later=True,
        ),
    )
}


ALL_SHEETS = SHEETS | CONTACT_SHEETS
"""The tables of both books: those that a day runs on, and those that the guard asks before a contact."""


def sheets() -> tuple[str, ...]:
    """The names of the tables that a day runs on, in the order of the house.

    >>> sheets()[:3]
    ('bucket', 'asset_limit', 'asset_age')
    """
    return tuple(SHEETS)


def columns(table: str) -> tuple[Column, ...]:
    """All columns of a policy table as the engine sees them, in order; KeyError for an unknown table.

    >>> [column.name for column in columns("upgrade")][:3]
    ['rule_id', 'requires', 'charges_included']
    """
    return (*HEAD, *ALL_SHEETS[table].columns, *TAIL)


def ddl(table: str) -> str:
    """A CREATE TABLE of the empty table, for binding statements without data.

    >>> ddl("load_threshold")[:75]
    'CREATE TABLE policy_load_threshold ("rule_id" VARCHAR, "code" VARCHAR, "per'
    """
    listed = ", ".join(f'"{column.name}" {column.kind.value}' for column in columns(table))
    return f"CREATE TABLE policy_{table} ({listed})"
