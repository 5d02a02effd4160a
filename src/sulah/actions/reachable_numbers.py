"""The number or address of a person that a channel can use: their own, not known as wrong or invalid, the likeliest to reach them first."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from django.db.models import Count

from sulah.actions.contact.read_past import Past
from sulah.adapters.book.vault import Vault
from sulah.adapters.lms.phones import MOST_BORROWERS, one_way
from sulah.guard.facts import Number, Standing, Whose
from sulah.kernel.terms import Channel
from sulah.outreach.configured import Configured
from sulah.outreach.numbers import view_of
from sulah.records.contact.task import PersonNumber

PHONES = ("phone", "phone_2")
_ADDRESSES = {Channel.EMAIL: ("email",)}


def usable(number: Number) -> bool:
    """Is it the person's own, and not known as wrong or invalid?"""
    return number.whose is Whose.OWN and number.standing not in (Standing.INVALID, Standing.WRONG)


def shared_addresses(people: Iterable[str]) -> frozenset[str]:
    """The keys of these people that more people have on file than a household has: of a shop, of an agent, made up.

    Numbers are judged when they are loaded; addresses, which nobody judges then, here.
    """
    keys = PersonNumber.objects.filter(person__in=list(people)).values("number_key")
    many = PersonNumber.objects.filter(number_key__in=keys).order_by().values("number_key").annotate(people=Count("person"))
    return frozenset(many.filter(people__gt=MOST_BORROWERS).values_list("number_key", flat=True))


def reachable(
    configured: Configured,
    channel: Channel,
    given: Mapping[str, str | None],
    numbers: Mapping[str, Number],
    past: Past,
    vault: Vault,
    today: date,
    shared: Collection[str] = (),
) -> tuple[Channel, str, str] | None:
    """The channel, the key and the number as it is written: one known as good first, then the likelier to reach, then as the lender lists.

    given: the personal row, unsealed.  An e-mail address must be on file as the person's own, like a number, and not one of `shared`.
    """
    found = []
    for place, column in enumerate(_ADDRESSES.get(channel, PHONES)):
        written = (given.get(column) or "").strip()
        to = written.lower() if channel is Channel.EMAIL else one_way(written)
        key = vault.number_key(to)
        number = numbers.get(key)
        if to and key not in shared and number is not None and usable(number) and configured.sendable(to):
            found.append((number.standing is not Standing.GOOD, -view_of(past.seen(key), today).contactable, place, key, to))
    if not found:
        return None
    *_, key, to = min(found)
    return channel, key, to
