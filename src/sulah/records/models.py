"""All models, for Django to find; each lives in a file of its own."""

from sulah.records.alarm import Alarm, FetchedFile
from sulah.records.audit import AuditEntry
from sulah.records.dayrun import DayRun, RunStep
from sulah.records.load import Load, LoadFile
from sulah.records.person import Person
from sulah.records.supplement import Supplement
from sulah.records.workitem import WorkItem

__all__ = ["Alarm", "AuditEntry", "DayRun", "FetchedFile", "Load", "LoadFile", "Person", "RunStep", "Supplement", "WorkItem"]
