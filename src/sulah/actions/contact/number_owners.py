"""Who has a number on file, by its blind index: kept when people are published, asked when somebody speaks."""

from collections.abc import Sequence

from sulah.records.contact.task import PersonNumber


def people_of(number_key: str) -> Sequence[str]:
    """Everybody who has the number on file."""
    return list(PersonNumber.objects.filter(number_key=number_key).order_by("person").values_list("person", flat=True)[:20])


def put_numbers(pairs: Sequence[tuple[str, str]]) -> None:
    """Remember (number_key, person) pairs for hearing; those known already stay."""
    PersonNumber.objects.bulk_create([PersonNumber(number_key=key, person=person) for key, person in pairs], ignore_conflicts=True)
