"""A refused extract: the findings that say why; nothing of it is loaded and the load before stays current."""

from collections.abc import Sequence

from sulah.intake.codes import finding_of
from sulah.kernel.finding import Finding


class RefusedExtractError(Exception):
    """The extract as a whole cannot be used; findings say which file, why, and what to do next."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Keep the findings; the message is the words of the first."""
        self.findings = tuple(findings)
        super().__init__(self.findings[0].words)


def refuse(code: str, *, table: str = "", file: str = "", field: str = "", detail: str = "") -> RefusedExtractError:
    """A refusal with one finding."""
    return RefusedExtractError([finding_of(code, table=table, file=file, field=field, detail=detail)])
