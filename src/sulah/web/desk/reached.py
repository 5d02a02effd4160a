"""The people whose contact facts a signed-in person may see: those of their branches, or those given to their agency now."""

from django.db.models import Q, QuerySet
from django.http import Http404

from sulah.kernel.terms import Role
from sulah.records.contact.agent import Assignment
from sulah.records.contact.standing import Standing
from sulah.records.holds import Holds
from sulah.web.reach import Reach


def people_of(reach: Reach) -> QuerySet[Standing]:
    """The people within reach; the same whom the acts on a person's facts let their doer reach."""
    people = Standing.objects.all()
    if reach.role is Role.AGENCY:
        agency = reach.person.agency_id
        given = Assignment.objects.filter(Q(agency_id=agency) | Q(agent__agency_id=agency), until=None)
        return people.filter(pk__in=given.values("person")) if agency else people.none()
    if reach.branches is None:
        return people
    within = Q()
    for branch in reach.branches:
        within |= Q(Holds("branches", branch))
    return people.filter(within)


def person_within(reach: Reach, person: str) -> Standing:
    """One person within reach; 404 for one who is unknown, and for one who is another branch's: the two look the same."""
    found = people_of(reach).filter(pk=person).first()
    if found is None:
        raise Http404("No such person within reach.")
    return found
