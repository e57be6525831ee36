"""The tables of the treatment record, by subject. Django looks for them here."""

from sessions.models.course import Course
from sessions.models.day import DayEntry
from sessions.models.filing import FormFiling
from sessions.models.follow_up import FollowUp, FollowUpAnswer, FollowUpReview
from sessions.models.ledger import LedgerEntry, LedgerWitness, StockItem
from sessions.models.session import (
    Occupancy,
    Protocol,
    ProtocolItem,
    ProtocolStep,
    Session,
    SessionEvent,
    Status,
)
from sessions.models.wording import ScaleWording, SymptomChip

__all__ = [
    "Course",
    "DayEntry",
    "FollowUp",
    "FollowUpAnswer",
    "FollowUpReview",
    "FormFiling",
    "LedgerEntry",
    "LedgerWitness",
    "Occupancy",
    "Protocol",
    "ProtocolItem",
    "ProtocolStep",
    "ScaleWording",
    "Session",
    "SessionEvent",
    "Status",
    "StockItem",
    "SymptomChip",
]
