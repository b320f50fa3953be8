"""The company's page: everything that a company sets, with what each does."""

from __future__ import annotations

from typing import Any

from accounts.forms.company import CompanyForm
from accounts.models import Company, User
from accounts.pages.addresses import people_link
from accounts.reading.company import has_mail_server
from core.setup import Section, company_sections


class CompanyPage:
    """The page; ``form`` is one that was refused, ``late`` why, ``answer`` what the mail server said."""

    def __init__(
        self, person: User, company: Company, *, form: CompanyForm | None = None, late: Any = None, answer: Any = None
    ) -> None:
        self.person, self.late, self.answer = person, late, answer
        self.form = form or CompanyForm(company=company)
        self.has_mail_server = has_mail_server()
        self.people_url = people_link()

    @property
    def sections(self) -> list[Section]:
        """What the apps have to be set."""
        return company_sections(self.person)
