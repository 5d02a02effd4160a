"""What a replay of a bundle came to: what was counted, what does not hold and where, and how people are told."""

from dataclasses import dataclass, field

from sulah.guard.bundle import Manifest


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not hold: in which file, decision or contact, by which rule and fact where there is one, and in words."""

    words: str
    decision: int | None = None
    rule: str = ""
    fact: str = ""
    file: str = ""
    contact: int | None = None

    def __str__(self) -> str:
        """One line for people."""
        places = (("decision", self.decision), ("contact", self.contact), ("rule", self.rule), ("fact", self.fact), ("file", self.file))
        named = ", ".join(f"{name} {value}" for name, value in places if value not in (None, ""))
        return f"{named}: {self.words}" if named else self.words


@dataclass(slots=True)
class Replay:
    """What became of a bundle; decisions = same + erased + those that differ or cannot be read.

    erased: decisions whose facts are gone because the person was erased.  proven, unproven: decisions that an erasure hides of which the
    log was told the same, or of which nothing shows it.  recounted: decisions whose contacts were counted anew.  caps: answers of caps
    that were counted anew.  receipts: decisions of which the log was told the same; another tool checks the log.
    """

    manifest: Manifest
    decisions: int = 0
    same: int = 0
    erased: int = 0
    proven: int = 0
    unproven: int = 0
    contacts: int = 0
    recounted: int = 0
    caps: int = 0
    receipts: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Is there no difference at all?"""
        return not self.differences


def replay_words(found: Replay, *, digest_known: bool, most: int = 20) -> list[str]:
    """What a replay came to, line by line for people; most: differences that are told one by one."""
    told = found.manifest
    whose = f"{told.lender} (simulated)" if told.simulated and "simulated" not in told.lender else told.lender
    lines = [f"{whose}, {told.day}: {found.decisions:,} decisions, {found.contacts:,} contacts."]
    lines.append(f"{found.same:,} came out the same to the byte.")
    lines.append(f"{found.recounted:,} lists of contacts and {found.caps:,} answers of caps were counted anew.")
    if found.erased:
        lines.append(f"{found.erased:,} are of people who were erased: their facts are gone, so they cannot be decided again.")
    if found.proven:
        told_log = "Whether it is of the lender's log, sulah_bundle.py says."
        lines.append(f"{found.proven:,} are hidden by erasures of which a receipt says the same. {told_log}")
    if found.unproven:
        lines.append(f"{found.unproven:,} are hidden by erasures that nothing proves: no receipt of a log says that the person was erased.")
    if found.receipts == 0:
        lines.append("No receipt of a log is in the bundle, so nothing here shows that these are all decisions of the day.")
    else:
        told_log = "Whether it is the lender's log, and has no other decision of the day, sulah_bundle.py says."
        lines.append(f"Of {found.receipts:,} the log's receipt says the same. {told_log}")
    if not digest_known:
        lines.append(f"The digest {told.digest} was compared with nothing: ask somebody else for it (--digest).")
    lines += [f"DIFFERENT: {one}" for one in found.differences[:most]]
    if len(found.differences) > most:
        lines.append(f"and {len(found.differences) - most:,} more")
    lines.append("HOLDS." if found.holds else f"DOES NOT HOLD: {len(found.differences):,} differences.")
    return lines
