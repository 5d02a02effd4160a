"""The dimensions of the measures in words and addresses: their labels, the places where loans stand, and the door to a member's loans."""

from urllib.parse import urlencode

LABELS = {
    "branch": "Branch",
    "product": "Product",
    "state": "State",
    "district": "District",
    "pincode": "PIN code",
    "officer": "Officer",
    "vintage": "Month of disbursal",
    "channel": "Acquisition channel",
    "ticket_band": "Ticket band",
}
"""The words of each dimension; a test holds that none is missing."""

BUCKETS = ("current", "1-30", "31-60", "61-90", "91-180", "181-365", "366+")
PLACES = (*BUCKETS, "written_off", "closed")
"""Where a loan can stand, best first; closed stands apart at the end."""
NOT_GIVEN = "~"
"""How an address says that the member is one that the lender did not give."""


def loans_of(dimension: str, member: str, **asked: object) -> str:
    """The address of the loans of a member of a dimension, within what else is asked."""
    query = {**asked} if dimension == "total" else {dimension: member or NOT_GIVEN, **asked}
    return "/loans?" + urlencode({key: str(value) for key, value in query.items() if value not in (None, "")})


def worse_than(place: str) -> tuple[str, ...]:
    """The places into which a loan of a bucket rolls forward.

    >>> worse_than("181-365"), worse_than("366+"), worse_than("new")
    (('366+', 'written_off'), ('written_off',), ())
    """
    return PLACES[PLACES.index(place) + 1 : -1] if place in PLACES[:-1] else ()
