"""What the pages of proposed KPIs tell: what each would be, why, what a decision does, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Company, User
from accounts.pages.decisions import MOST, Decided, Desk, Group, Row, lately
from accounts.rights import Right
from core.decisions import USUAL, Choices, SendLine
from core.formatting import counted, day_name
from kpis.access import proposals_of
from kpis.choices import ProposalState
from kpis.models import Kpi, KpiProposal
from kpis.reading.proposals import Doubts, doubts_about
from kpis.services.proposal_decisions import staying
from kpis.services.proposals import form_values_of, plain_values_of
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

    @cached_property
    def stays(self) -> str:
        """Why this person cannot take its decision back; empty where they can."""
        return _stays(self.proposal, self.user, staying([self.proposal]))

    @property
    def said(self) -> str:
        """What taking the decision back does."""
        return _said(self.proposal)

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
            ("Rule of events", self.kpi.rule),
            ("Department", str(self.kpi.department or "")),
            ("Owner", str(self.kpi.owner or "")),
        ]
        return [(term, said) for term, said in found if said]


class ProposalDesk(Desk):
    """Proposed KPIs that wait for a steward, and what was decided; owners see their own."""

    def __init__(self, user: User, currency: str, choices: Choices) -> None:
        super().__init__(user, choices)
        self.currency = currency

    @cached_property
    def _rows(self) -> QuerySet[KpiProposal]:
        return proposals_of(self.user)

    @cached_property
    def _waiting(self) -> list[KpiProposal]:
        return list(self._rows.filter(state=ProposalState.PROPOSED).order_by("pk"))

    @cached_property
    def _steward(self) -> bool:
        return self.user.has_perm(Right.MANAGE_KPIS)

    @cached_property
    def _names(self) -> dict[str, str]:
        formulas = any(one.values.get("formula") for one in self._waiting)
        return dict(Kpi.objects.values_list("code", "name")) if formulas else {}

    @cached_property
    def groups(self) -> list[Group]:
        """Those with something odd first; the others can be marked together."""
        doubts = doubts_about(self._waiting)
        odd = [one for one in self._waiting if doubts[one.pk].all]
        usual = [one for one in self._waiting if not doubts[one.pk].all]
        found = [
            Group("odd", "Look at these first", "each is decided by itself", self._shown(odd, doubts)),
            Group(
                USUAL,
                "As the library takes them",
                "nothing stands against them",
                self._shown(usual, doubts),
                f"Mark {len(usual)} as accepted" if self._steward else "",
            ),
        ]
        return [group for group in found if group.rows]

    def _shown(self, proposals: Iterable[KpiProposal], doubts: dict[int, Doubts]) -> list[Row]:
        return [self._row(one, doubts[one.pk]) for one in proposals]

    def _row(self, one: KpiProposal, doubts: Doubts) -> Row:
        kpi = Kpi(**plain_values_of(one))
        owner, department = one.values.get("owner"), one.values.get("department")
        facts = (("What", kpi.definition), ("Computed", computed_in_words(kpi, self._names)), ("Formula", kpi.formula))
        looks = f"{kpi.get_indicator_display()}, {counted_in(kpi, style_of(kpi, self.currency))}"
        return Row(
            one.pk,
            str(one),
            self.choices,
            url=reverse("kpi_proposal", args=[one.pk]),
            notes=(
                f"{looks}, {kpi.get_direction_display().lower()}; code {kpi.code}",
                *([f"Department {department}"] if department else []),
                *([f"Owner {owner}"] if owner else []),
                f"Proposed by {one.proposed_by}, {day_name(one.proposed_at.date())}",
            ),
            odd=doubts.all,
            effect="It stays out of the library until it is changed." if doubts.against else _EFFECT,
            facts=tuple((term, said) for term, said in facts if said),
            quote=one.why,
            yes="Accept" if self._steward and not doubts.against else "",
            no="Decline" if self._steward else "",
        )

    @property
    def line(self) -> SendLine:
        """How many drafts the library gets."""
        accepted, declined = self.counted()
        drafts = counted(len(accepted), "draft")
        does = f"puts {drafts} into the library and changes no matrix" if accepted else "changes nothing in the library"
        return SendLine(len(self.rows), len(accepted), len(declined), does, "proposed KPI", "accepted", "declined")

    @cached_property
    def decided(self) -> list[Decided]:
        """The latest first."""
        found = list(self._rows.filter(decided_at__gte=lately()).order_by("-decided_at", "-pk")[:MOST])
        why = staying(found)
        return [self._decision(one, _stays(one, self.user, why)) for one in found]

    def _decision(self, one: KpiProposal, stays: str) -> Decided:
        url = reverse("kpi", args=[one.kpi.code]) if one.kpi else reverse("kpi_proposal", args=[one.pk])
        assert one.decided_at is not None  # noqa: S101  it was decided
        return Decided(
            *(one.pk, str(one), url, one.look.label, one.look.shape, one.decided_at, str(one.decided_by)),
            reason=one.decision_note,
            stays=stays,
            said="" if stays else _said(one),
        )


_EFFECT = (
    "It becomes a draft of the library: in no matrix until it has an owner, a definition and an approved target. "
    "No number changes."
)


def _stays(one: KpiProposal, user: User, why: dict[int, str]) -> str:
    if one.proposed_by_id == user.pk and user.has_perm(Right.MANAGE_KPIS):
        return why[one.pk] or "it is yours: another steward takes it back"
    return why[one.pk] or ("" if user.has_perm(Right.MANAGE_KPIS) else "a steward takes decisions back")


def _said(one: KpiProposal) -> str:
    told = "who proposed it is told"
    if one.state == ProposalState.DECLINED:
        return f"It waits for a decision again; {told}."
    return f"The KPI goes from the library with what was written of it since, and its proposal waits again; {told}."
