"""A process of its own that lives a contact day with four people of a lender: python -m tests.evidence.lives ROOT."""

import sys
from pathlib import Path

from sulah.adapters.book.layout import open_lender
from sulah.records.connect import bring_up_to_date, connect_records


def main(root: Path) -> None:
    """Prepare four people, and live the day with them."""
    connect_records(root)
    bring_up_to_date()
    from tests.contact.people import put_person
    from tests.evidence.contact_day import live_contacts

    for number in range(4):
        put_person(f"P{number}")
    live_contacts(open_lender(root))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
