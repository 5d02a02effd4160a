"""One plan per person: stage, treatment, channel and why."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="treatment",
    scope=Scope.PERSON,
    meaning="One plan per person: stage, treatment, channel and why.",
    columns=(
        Column("borrower_id", Kind.TEXT, "The person."),
        Column("as_of", Kind.DATE, "Day-end."),
        Column("lead_loan_id", Kind.TEXT, "The loan that sets the stage: worst lenient dpd, then largest overdue, then id."),
        Column("loans_overdue", Kind.INTEGER, "Loans with something overdue."),
        Column("branch_id", Kind.TEXT, "Branch of that loan."),
        Column("officer_id", Kind.TEXT, "Officer of that loan."),
        Column("product", Kind.TEXT, "Product of that loan."),
        Column("dpd", Kind.INTEGER, "Lenient dpd of that loan."),
        Column("overdue_paise", Kind.PAISE, "Overdue over all loans of the person."),
        Column("outstanding_principal_paise", Kind.PAISE, "Outstanding principal over all loans."),
        Column("npa", Kind.TRUTH, "Is the person NPA?"),
        Column("stage", Kind.TEXT, "Stage of the ladder."),
        Column("treatment", Kind.TEXT, "Treatment."),
        Column("channel", Kind.TEXT, "Channel."),
        Column("worked_by", Kind.TEXT, "system, agent, senior_agent, field or nobody."),
        Column("hold_reason", Kind.TEXT, "Why nobody may act, if so."),
        Column("rule_id", Kind.TEXT, "Policy row."),
    ),
    key=("borrower_id",),
)
