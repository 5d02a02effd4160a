"""Those who contact people: agencies, agents, their papers, whom they are assigned to, and what the person was told of them."""

from django.db import models

from sulah.records.seal import Sealed


class Agency(Sealed):
    """An outside collector; mapping is how its dialler log reads (our column -> its column, and its codes)."""

    id = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=150)
    mapping = models.JSONField(default=dict)
    engaged_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    NAMED = "agency"


class Agent(Sealed):
    """A person who contacts borrowers, of an agency or of the lender itself (agency empty)."""

    id = models.CharField(primary_key=True, max_length=64)
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="agents")
    name = models.CharField(max_length=150)
    engaged_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    NAMED = "agent"


class AgentPaper(Sealed):
    """A paper of an agent: certificate (first to last day, both inside) or antecedents (checked on its first day); only added."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=16)
    first = models.DateField()
    last = models.DateField(null=True, blank=True)
    reference = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    NAMED = "paper of an agent"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)


class Assignment(Sealed):
    """A person given to an agent, or to an agency as a whole (agent empty); ended at most once, and never two at the same time."""

    person = models.CharField(max_length=64)
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    assigned_by = models.CharField(max_length=150)
    ended_by = models.CharField(max_length=150, blank=True)
    NAMED = "assignment"

    class Meta:
        """Asked by person; by agent for the agent's list."""

        ordering = ("id",)
        indexes = (
            models.Index(fields=("person", "since"), name="assignment_person"),
            models.Index(fields=("agent", "until"), name="assignment_agent"),
        )
        constraints = (models.UniqueConstraint(fields=("person",), condition=models.Q(until=None), name="assignment_one_open_a_person"),)


class AgentNotice(Sealed):
    """The person was told who will contact them: an agent, or an agency (agent empty); only added."""

    person = models.CharField(max_length=64, db_index=True)
    agent = models.CharField(max_length=64, blank=True)
    agency = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    channel = models.CharField(max_length=16)
    reference = models.CharField(max_length=160, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    NAMED = "notice of an agent"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)
