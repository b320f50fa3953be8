"""The company, its people, and the record of what they did."""

from accounts.models.access import Departure, Invitation, PersonSession
from accounts.models.company import BusinessUnit, Company, CompanyLogo, Department
from accounts.models.guesses import FailedGuess
from accounts.models.idempotency import KeptAnswer
from accounts.models.jobs import Job
from accounts.models.mail import OutgoingMail, ResetRequest
from accounts.models.money import ExchangeRate
from accounts.models.people import ApiToken, RoleGrant, User
from accounts.models.records import AuditEntry, Load, LoadChange
from accounts.models.setup import SetupLink
from accounts.models.threads import Action, Thread, ThreadWord
from accounts.models.views import ListView
from accounts.models.workers import Worker

__all__ = [
    "Action",
    "ApiToken",
    "AuditEntry",
    "BusinessUnit",
    "Company",
    "CompanyLogo",
    "Department",
    "Departure",
    "ExchangeRate",
    "FailedGuess",
    "Invitation",
    "Job",
    "KeptAnswer",
    "ListView",
    "Load",
    "LoadChange",
    "OutgoingMail",
    "PersonSession",
    "ResetRequest",
    "RoleGrant",
    "SetupLink",
    "Thread",
    "ThreadWord",
    "User",
    "Worker",
]
