"""The company, its people, and the record of what they did."""

from accounts.models.company import BusinessUnit, Company, Department
from accounts.models.guesses import FailedGuess
from accounts.models.idempotency import KeptAnswer
from accounts.models.mail import OutgoingMail, ResetRequest
from accounts.models.money import ExchangeRate
from accounts.models.people import ApiToken, RoleGrant, User
from accounts.models.records import AuditEntry, Load, LoadChange
from accounts.models.threads import Action, Thread, ThreadWord
from accounts.models.views import ListView
from accounts.models.workers import Worker

__all__ = [
    "Action",
    "ApiToken",
    "AuditEntry",
    "BusinessUnit",
    "Company",
    "Department",
    "ExchangeRate",
    "FailedGuess",
    "KeptAnswer",
    "ListView",
    "Load",
    "LoadChange",
    "OutgoingMail",
    "ResetRequest",
    "RoleGrant",
    "Thread",
    "ThreadWord",
    "User",
    "Worker",
]
