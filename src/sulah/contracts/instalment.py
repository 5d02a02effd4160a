"""What falls due when; one row per instalment and schedule version."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="instalment",
    scope=Scope.EXTRACT,
    meaning="What falls due when; one row per instalment and schedule version.",
    columns=(
        Column("loan_id", Kind.TEXT, "The loan.", required=True),
        Column("number", Kind.INTEGER, "Number of the instalment, from 1.", required=True),
        Column("due_on", Kind.DATE, "Due date.", required=True),
        Column("principal_due_paise", Kind.PAISE, "Principal due.", given="principal_due"),
        Column("interest_due_paise", Kind.PAISE, "Interest due.", given="interest_due"),
        Column("charge_due_paise", Kind.PAISE, "Charges due.", given="charge_due"),
        Column("total_due_paise", Kind.PAISE, "Whole amount due, when the heads are not given.", given="total_due"),
        Column("valid_from", Kind.DATE, "Day a re-schedule takes effect; empty for the first schedule."),
    ),
    key=("loan_id", "number", "valid_from"),
)
