"""Loans with their terms and the lender's own view of where they stand."""

from sulah.contracts.shape import Column, Kind, Scope, Table
from sulah.kernel.terms import Frequency, LoanStatus

TABLE = Table(
    name="loan",
    scope=Scope.EXTRACT,
    meaning="Loans with their terms and the lender's own view of where they stand.",
    columns=(
        Column("loan_id", Kind.TEXT, "The lender's id of the loan.", required=True),
        Column("borrower_id", Kind.TEXT, "Who owes it.", required=True),
        Column("product", Kind.TEXT, "Product code of the lender.", required=True),
        Column("branch_id", Kind.TEXT, "Branch that owns the loan."),
        Column("disbursed_on", Kind.DATE, "Day the money went out.", required=True),
        Column("principal_paise", Kind.PAISE, "Amount disbursed.", required=True, given="principal"),
        Column("annual_rate_percent", Kind.DECIMAL, "Yearly rate of interest, percent."),
        Column("instalment_count", Kind.INTEGER, "Number of instalments agreed."),
        Column("frequency", Kind.TEXT, "How often instalments fall due.", one_of=tuple(Frequency)),
        Column("secured", Kind.TRUTH, "Is there collateral?"),
        Column("officer_id", Kind.TEXT, "Officer in charge."),
        Column("acquisition_channel", Kind.TEXT, "How the loan was sourced."),
        Column("status", Kind.TEXT, "active, closed, written_off, settled or sold; empty means active.", one_of=tuple(LoanStatus)),
        Column("restructured_on", Kind.DATE, "Day terms were eased because of difficulty."),
        Column("moratorium_from", Kind.DATE, "First day of an agreed moratorium."),
        Column("moratorium_to", Kind.DATE, "Last day of it."),
        Column(
            "opening_principal_paid_paise",
            Kind.PAISE,
            "Principal paid before the history in the extract begins.",
            given="opening_principal_paid",
        ),
        Column("opening_interest_paid_paise", Kind.PAISE, "Interest paid before the history begins.", given="opening_interest_paid"),
        Column("opening_on", Kind.DATE, "Day-end up to which the opening amounts speak; earlier receipts are inside them."),
        Column("lms_dpd", Kind.INTEGER, "The lender's own days past due."),
        Column(
            "lms_dpd_count", Kind.TEXT, "How the lender counts: inclusive (due date is day 1) or elapsed.", one_of=("inclusive", "elapsed")
        ),
        Column("lms_class", Kind.TEXT, "The lender's own class."),
        Column("lms_npa_on", Kind.DATE, "The lender's own NPA date."),
        Column("co_lender", Kind.TEXT, "Co-lending partner, if any."),
        Column("lender_code", Kind.TEXT, "The lender that the row belongs to, where a system serves several; held against the settings."),
    ),
    key=("loan_id",),
)
