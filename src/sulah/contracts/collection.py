"""Payments as another source knows them (gateway, agency, field app, bank), to match against postings."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="collection",
    scope=Scope.EXTRACT,
    meaning="Payments as another source knows them (gateway, agency, field app, bank), to match against postings.",
    columns=(
        Column("source", Kind.TEXT, "Who reports it: gateway, agency, field, bank.", required=True),
        Column("reference", Kind.TEXT, "Reference in that source.", required=True),
        Column("loan_id", Kind.TEXT, "The loan.", required=True),
        Column("paid_on", Kind.DATE, "Date of the payment.", required=True),
        Column("amount_paise", Kind.PAISE, "Amount.", required=True, given="amount"),
        Column("mode", Kind.TEXT, "Mode."),
    ),
    key=("source", "reference"),
)
