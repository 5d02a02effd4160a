"""What becomes of returned debits: presented again, when and for how much, or why not."""

from sulah.contracts.shape import Column, Kind, Scope, Table

OUTCOMES = (
    *("planned", "with_next_instalment", "tries_used_up", "after_change", "never"),
    *("paid_since", "mandate_ended", "loan_ended", "no_rule"),
)

TABLE = Table(
    name="presentation",
    scope=Scope.READING,
    meaning="The latest returned debit of each loan and mandate, and what becomes of it.",
    columns=(
        Column("loan_id", Kind.TEXT, "The loan."),
        Column("mandate_id", Kind.TEXT, "The mandate; empty where the return names none."),
        Column("bounce_id", Kind.TEXT, "The latest return."),
        Column("kind", Kind.TEXT, "nach, upi_autopay or card."),
        Column("product", Kind.TEXT, "Product of the loan."),
        Column("branch_id", Kind.TEXT, "Branch of the loan."),
        Column("presented_on", Kind.DATE, "Day on which the returned debit was presented."),
        Column("amount_paise", Kind.PAISE, "What it asked for."),
        Column("reason_code", Kind.TEXT, "Return code."),
        Column("because", Kind.TEXT, "What the return lies in: funds, account, mandate, borrower, bank, file or court."),
        Column("tries", Kind.INTEGER, "Presentations that came back in the cycle, this one included."),
        Column("tries_allowed", Kind.INTEGER, "How many the rule allows in a cycle."),
        Column("outcome", Kind.TEXT, "What becomes of it.", one_of=OUTCOMES),
        Column("present_on", Kind.DATE, "First day on which it may be presented again; only where planned."),
        Column("present_paise", Kind.PAISE, "What may then be asked for; only where planned."),
        Column("slots", Kind.TEXT, "Hours of the day in which the system takes it, as the rule lists them."),
        Column("overdue_paise", Kind.PAISE, "What is overdue on the loan."),
        Column("next_due_on", Kind.DATE, "The loan's next due date."),
        Column("reason_rule_id", Kind.TEXT, "Row of policy bounce_reason that reads the code."),
        Column("rule_id", Kind.TEXT, "Row of policy presentation that says how often and when."),
    ),
    key=("loan_id", "mandate_id"),
    sort=("present_on", "loan_id", "mandate_id"),
)
