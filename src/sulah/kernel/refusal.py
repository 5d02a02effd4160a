"""A refusal: the data or a rule says no; the words tell the person what to do next."""


class Refusal(Exception):  # noqa: N818  (a refusal is an answer, not a fault)
    """Raised where an act, a run or a command cannot go on for a reason that a person can mend."""
