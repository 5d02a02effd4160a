"""Promises to pay."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="promise",
    scope=Scope.EXTRACT,
    meaning="Promises to pay.",
    columns=(
        Column("promise_id", Kind.TEXT, "Id of the promise.", required=True),
        Column("loan_id", Kind.TEXT, "The loan.", required=True),
        Column("made_at", Kind.MOMENT, "When it was made (India time).", required=True),
        Column("due_on", Kind.DATE, "Promised date.", required=True),
        Column("amount_paise", Kind.PAISE, "Promised amount.", required=True, given="amount"),
        Column("taken_by", Kind.TEXT, "Who took it."),
        Column("channel", Kind.TEXT, "Channel."),
    ),
    key=("promise_id",),
)
