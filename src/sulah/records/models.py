"""All models, for Django to find; each lives in a file of its own."""

from sulah.records.alarm import Alarm, FetchedFile
from sulah.records.api_client import ApiBatch, ApiClient, ApiTaking
from sulah.records.audit import AuditEntry
from sulah.records.contact.agent import Agency, Agent, AgentNotice, AgentPaper, Assignment
from sulah.records.contact.contact import Contact, ContactEvent, Inbound
from sulah.records.contact.correction import HeardCorrection
from sulah.records.contact.decision import Decision, Override
from sulah.records.contact.dialler import DiallerLog
from sulah.records.contact.heard import Heard
from sulah.records.contact.inbox import Inbox, InboxRefused
from sulah.records.contact.learnt import AnswerCount
from sulah.records.contact.link import PaymentLink, ShortLink
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.occasion import CalendarDay, Occasion
from sulah.records.contact.officer_code import OfficerCheck, OfficerCode
from sulah.records.contact.outbox import Outbox, OutboxClock, OutboxLoan
from sulah.records.contact.place import AgreedPlace, Miss
from sulah.records.contact.platform_text import PlatformText
from sulah.records.contact.promise import Promise
from sulah.records.contact.rule_change import RuleChange
from sulah.records.contact.standing import Standing, StandingBook
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Complaint, LanguageWish, PersonNumber, Task
from sulah.records.contact.text import LanguageReview, TextApproval, TextVersion
from sulah.records.contact.tier import ChannelTier
from sulah.records.contact.wish import Consent, Preference
from sulah.records.dayrun import DayRun, RunStep
from sulah.records.erasure import Erasure, LegalHold
from sulah.records.load import Load, LoadFile
from sulah.records.log_entry import LogEntry, LogHead
from sulah.records.person import Person
from sulah.records.said import Said
from sulah.records.supplement import Supplement
from sulah.records.workitem import WorkItem
from sulah.records.written_off import BankReceipt, BankReceiptDecision, WrittenOffEntry, WrittenOffLoan

__all__ = [
    "Agency",
    "Agent",
    "AgentNotice",
    "AgentPaper",
    "AgreedPlace",
    "Alarm",
    "AnswerCount",
    "ApiBatch",
    "ApiClient",
    "ApiTaking",
    "Assignment",
    "AuditEntry",
    "BankReceipt",
    "BankReceiptDecision",
    "CalendarDay",
    "ChannelTier",
    "Complaint",
    "Consent",
    "Contact",
    "ContactEvent",
    "DayRun",
    "Decision",
    "DiallerLog",
    "Erasure",
    "FetchedFile",
    "Heard",
    "HeardCorrection",
    "Inbound",
    "Inbox",
    "InboxRefused",
    "LanguageReview",
    "LanguageWish",
    "LegalHold",
    "Load",
    "LoadFile",
    "LogEntry",
    "LogHead",
    "Miss",
    "NumberStanding",
    "Occasion",
    "OfficerCheck",
    "OfficerCode",
    "Outbox",
    "OutboxClock",
    "OutboxLoan",
    "Override",
    "PaymentLink",
    "Person",
    "PersonNumber",
    "PlatformText",
    "Preference",
    "Promise",
    "RuleChange",
    "RunStep",
    "Said",
    "ShortLink",
    "Standing",
    "StandingBook",
    "StopEvent",
    "Supplement",
    "Task",
    "TextApproval",
    "TextVersion",
    "WorkItem",
    "WrittenOffEntry",
    "WrittenOffLoan",
]
