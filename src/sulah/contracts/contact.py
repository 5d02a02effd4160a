"""Contacts made with people, by the lender and its agencies."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="contact",
    scope=Scope.EXTRACT,
    meaning="Contacts made with people, by the lender and its agencies.",
    columns=(
        Column("contact_id", Kind.TEXT, "Id of the contact.", required=True),
        Column("borrower_id", Kind.TEXT, "The person.", required=True),
        Column("at", Kind.MOMENT, "When (India time).", required=True),
        Column("channel", Kind.TEXT, "Channel.", required=True),
        Column("direction", Kind.TEXT, "in or out.", required=True),
        Column("loan_id", Kind.TEXT, "The loan it was about."),
        Column("party", Kind.TEXT, "Who was reached."),
        Column("number_used", Kind.TEXT, "Number used.", personal=True),
        Column("outcome", Kind.TEXT, "Outcome code."),
        Column("duration_seconds", Kind.INTEGER, "Length of a call, seconds."),
        Column("agent_id", Kind.TEXT, "Agent."),
        Column("agency_id", Kind.TEXT, "Agency."),
        Column("language", Kind.TEXT, "Language used."),
    ),
    key=("contact_id",),
)
