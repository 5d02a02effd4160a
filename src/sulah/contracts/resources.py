"""What the API calls the tables of the extract, and the scopes that open them."""

from sulah.contracts.registry import EXTRACT

RESOURCES: dict[str, str] = {
    "accounts": "loan",
    "borrowers": "borrower",
    "schedules": "instalment",
    "payments": "repayment",
    "contacts": "contact",
    "promises": "promise",
    "guarantors": "guarantor",
    "mandates": "mandate",
    "mandate-bounces": "bounce",
    "centres": "centre",
    "reliefs": "relief",
    "collections": "collection",
    "pin-codes": "pin_directory",
    "ledger-totals": "ledger_total",
}
"""Name in an address -> table of the extract: every table has one."""

READABLE = ("accounts", "payments", "days", "personal")
"""What can be read back; personal opens names and telephone numbers on accounts."""

SCOPES: tuple[str, ...] = (*(f"{name}:write" for name in RESOURCES), *(f"{name}:read" for name in READABLE))
"""Every scope that a machine account can have."""


def resource_of(table: str) -> str:
    """The name of a table in an address; KeyError for a table that is not of the extract.

    >>> resource_of("bounce")
    'mandate-bounces'
    """
    return {table: name for name, table in RESOURCES.items()}[EXTRACT[table].name]
