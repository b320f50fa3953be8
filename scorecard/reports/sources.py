"""What a pack is made of: an edition's frozen document or, of an open period, the same readings of today."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from accounts.company import company, today_of
from accounts.models import Company, CompanyLogo, Department, User
from core.canonical import digest_of
from core.periods import Period
from customers.models import Customer, Tier
from initiatives.choices import ScheduleStatus
from initiatives.models import InitiativeKpi
from initiatives.reading.running_initiatives import Serving
from kpis.formulas.values import Band
from kpis.models import Kpi
from kpis.reading.goals import band_of
from kpis.reading.matrix import Matrix, build_matrix
from scorecard.models import Edition
from scorecard.reading.edition_document import read_sections
from scorecard.reading.editions import differences, document_of, names_of
from scorecard.reading.frozen_matrix import exact, matrix_of_document
from scorecard.reading.matrix_json import matrix_json


@dataclass(frozen=True)
class Source:
    """A period's values with who asks for them. ``sections`` are those of an edition's document but the matrix,
    ``changed`` the cells, by codes of KPI and tier, that say something else by now than the edition.
    """

    company: Company
    period: Period
    today: date
    reader: User
    edition: Edition | None
    matrix: Matrix
    sections: Mapping[str, Any]
    digest: str
    changed: Collection[tuple[str, str]] = frozenset()

    @property
    def at(self) -> datetime:
        """When the values were signed; of an open period the day that they are of, for a rollup that changes nothing
        makes no other pack.
        """
        return self.edition.closed_at if self.edition else datetime.combine(self.today, datetime.min.time(), UTC)

    @property
    def as_of(self) -> date:
        """The day as of which initiatives stand."""
        return min(self.period.last_day, self.today)

    @cached_property
    def people(self) -> Mapping[int, str]:
        """What people are called, by key: of an edition as they were then, as far as they were not erased."""
        if self.edition:
            return {int(key): name for key, name in names_of(self.edition, self.reader)["people"].items()}
        keys = {one["owner"]["person"] for one in self.sections["initiatives"] if one["owner"]}
        return {person.pk: str(person) for person in User.objects.filter(pk__in=keys)}

    @cached_property
    def customers(self) -> Mapping[int, str]:
        """The customers that the reader may read, by key."""
        if self.edition:
            return {int(key): name for key, name in names_of(self.edition, self.reader)["customers"].items()}
        keys = {one["customer"]["customer"] for one in self.sections["initiatives"] if one["customer"]}
        return dict(Customer.objects.visible_to(self.reader).filter(pk__in=keys).values_list("pk", "name"))

    @cached_property
    def departments(self) -> Mapping[str, str]:
        """Names by code: of the document, else of today."""
        told = {one["key"]: one["name"] for one in self.sections["report"]["groups"]["department"]}
        return dict(Department.objects.values_list("code", "name")) | told

    @cached_property
    def tiers(self) -> Mapping[str, str]:
        """Names by code: of the matrix, else of today."""
        return dict(Tier.objects.values_list("code", "name")) | {one.code: one.name for one in self.matrix.tiers}

    @cached_property
    def links(self) -> Mapping[str, list[tuple[str, frozenset[str]]]]:
        """The initiatives that should move a KPI, by its code, each with the tiers (none: all). As of today."""
        rows = InitiativeKpi.objects.select_related("initiative", "kpi", "tier").prefetch_related("initiative__tiers")
        found: dict[str, list[tuple[str, frozenset[str]]]] = {}
        for row in rows:
            named = frozenset({row.tier.code} if row.tier else (tier.code for tier in row.initiative.tiers.all()))
            found.setdefault(row.kpi.code, []).append((row.initiative.code, named))
        return found

    @cached_property
    def by_code(self) -> Mapping[str, Mapping[str, Any]]:
        """The initiatives of the document by code."""
        return {one["code"]: one for one in self.sections["initiatives"]}

    def moving(self, kpi: str, tier: str) -> list[Mapping[str, Any]]:
        """The initiatives of the document, whatever their stage, that should move a cell."""
        codes = dict.fromkeys(
            code for code, tiers in self.links.get(kpi, ()) if tier == "all" or not tiers or tier in tiers
        )
        return [self.by_code[code] for code in codes if code in self.by_code]

    def serving(self, kpi: str, tier: str) -> Serving:
        """What ran for a cell at the period's end."""
        return Serving.of(ScheduleStatus(one["status"]) for one in self.moving(kpi, tier) if one["running"])

    def band(self, kpi: Kpi) -> Band:
        """How far from its target a KPI's value is still near."""
        if self.edition is None:
            return band_of(kpi)
        told = self._bands[kpi.code]
        return Band(Fraction(told["percent"]), exact(told["absolute"]))

    @cached_property
    def _bands(self) -> Mapping[str, Mapping[str, Any]]:
        return {row["kpi"]: row["cells"][0]["band"] for row in self.sections["matrix"]["rows"]}

    def narrative(self, kpi: str, tier: str) -> str:
        """The owner's word on a cell; empty for none."""
        found = (one for one in self.sections["narratives"] if (one.get("kpi"), one.get("tier")) == (kpi, tier))
        return str(next((one["analysis"] for one in found), ""))

    @cached_property
    def logo(self) -> bytes:
        """The company's logo; empty for none."""
        found = CompanyLogo.objects.filter(mark=self.company.logo_mark).first() if self.company.logo_mark else None
        return bytes(found.content) if found else b""


def read_source(period: Period, edition: Edition | None, reader: User) -> Source:
    """What a pack of an edition, or (None) of the open period, is made of. As of today."""
    found = company()
    today = today_of(found)
    if edition is None:
        return _live(found, period, today, reader)
    document = document_of(edition)
    changed = {(one.kpi, one.tier) for one in differences(edition, today, period)}
    matrix = matrix_of_document(document, period)
    return Source(found, period, today, reader, edition, matrix, document, edition.digest, frozenset(changed))


def _live(found: Company, period: Period, today: date, reader: User) -> Source:
    matrix = build_matrix(period, today=today)
    sections = read_sections(matrix, today)
    told = {name: value for name, value in matrix_json(matrix).items() if name != "computed_at"}
    digest = digest_of({"matrix": told, **sections})
    return Source(found, period, today, reader, None, matrix, sections, digest)
