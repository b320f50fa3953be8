"""What the page of one proposed KPI tells: what it would be, why, and what became of it."""

from __future__ import annotations

from functools import cached_property

from accounts.models import Company, User
from accounts.rights import Right
from kpis.models import Kpi, KpiProposal
from kpis.services.proposals import form_values_of
from kpis.wording import computed_in_words, counted_in, style_of

_TEXTS = (
    ("What", "definition"),
    ("Why it is measured", "purpose"),
    ("In the customer’s words", "customer_criterion"),
    ("Where the data comes from", "data_source"),
)


class ProposalPage:
    """One proposal as one person sees it."""

    def __init__(self, company: Company, proposal: KpiProposal, user: User) -> None:
        self.proposal = proposal
        self.user = user
        self.kpi = Kpi(**form_values_of(proposal))
        self.style = style_of(self.kpi, company.currency)

    @property
    def counted_in(self) -> str:
        """What its values would be counted in, in words."""
        return counted_in(self.kpi, self.style)

    @property
    def decides(self) -> bool:
        """Whether the person may decide on it now."""
        return self.proposal.waits and self.user.has_perm(Right.MANAGE_KPIS)

    @property
    def mine(self) -> bool:
        """Whether the person proposed it, and may still propose."""
        return self.proposal.proposed_by_id == self.user.pk and self.user.has_perm(Right.PROPOSE_KPIS)

    @property
    def withdrawable(self) -> bool:
        """Whether the person may take it back now."""
        return self.proposal.waits and self.mine

    @property
    def repeatable(self) -> bool:
        """Whether the person may change it and propose it again."""
        return self.mine and not self.proposal.waits and self.proposal.kpi is None

    @cached_property
    def lines(self) -> list[tuple[str, str]]:
        """What it would be: a term and what is said of it, without what nobody filled in."""
        names = dict(Kpi.objects.values_list("code", "name")) if self.kpi.calculated else {}
        texts = [(term, getattr(self.kpi, name)) for term, name in _TEXTS]
        found = [
            *texts,
            ("How it is computed", computed_in_words(self.kpi, names)),
            ("Formula", self.kpi.formula),
            ("Department", str(self.kpi.department or "")),
            ("Owner", str(self.kpi.owner or "")),
        ]
        return [(term, said) for term, said in found if said]
