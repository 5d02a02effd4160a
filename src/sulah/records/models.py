"""All models, for Django to find; each lives in a file of its own."""

from sulah.records.alarm import Alarm, FetchedFile
from sulah.records.api_client import ApiBatch, ApiClient, ApiTaking
from sulah.records.audit import AuditEntry
from sulah.records.dayrun import DayRun, RunStep
from sulah.records.load import Load, LoadFile
from sulah.records.person import Person
from sulah.records.supplement import Supplement
from sulah.records.workitem import WorkItem
from sulah.records.written_off import BankReceipt, BankReceiptDecision, WrittenOffEntry, WrittenOffLoan

__all__ = [
    "Alarm",
    "ApiBatch",
    "ApiClient",
    "ApiTaking",
    "AuditEntry",
    "BankReceipt",
    "BankReceiptDecision",
    "DayRun",
    "FetchedFile",
    "Load",
    "LoadFile",
    "Person",
    "RunStep",
    "Supplement",
    "WorkItem",
    "WrittenOffEntry",
    "WrittenOffLoan",
]
