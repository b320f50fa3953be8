"""Editions of closed periods: which there are, whether one is as it was signed, and what differs from it by now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.rights import Right
from core.canonical import at_pointer, canonical, digest_of, digests
from core.periods import Period
from customers.models import Customer
from scorecard.models import Edition, EditionName
from scorecard.reading.edition_document import CONTENT, read_matrix

OPEN, CLOSED, DIFFERS = "open", "closed", "differs"
# What an edition's matrix holds of a cell beside what the API gives.
MORE = ("numerator", "denominator", "band", "method", "last_month", "rule", "signal_month")
# Of a cell what is its own: ``previous`` and ``year_ago`` are of other periods.
OWN = (
    *("actual", "numerator", "denominator", "facts", "target", "low", "high", "status", "pace", "signal", "assurance"),
    *("months_with_data", "months_expected", "provisional", "thin"),
)


def document_of(edition: Edition) -> dict[str, Any]:
    """What an edition says."""
    found: dict[str, Any] = json.loads(bytes(edition.document))
    return found


def latest_edition(period: Period) -> Edition | None:
    """The latest of a period; None where it was not closed."""
    return _with_people().filter(period=period.code).order_by("-number").first()


def latest_editions() -> list[Edition]:
    """The latest of each period, without their documents. One query."""
    later = Edition.objects.filter(period=OuterRef("period"), number__gt=OuterRef("number"))
    return list(Edition.objects.filter(~Exists(later)).defer("document"))


def edition_of(period: Period, number: int) -> Edition | None:
    """One of a period; None where there is none of that number."""
    return _with_people().filter(period=period.code, number=number).first()


def _with_people() -> QuerySet[Edition]:
    """Editions with who prepared and signed them."""
    return Edition.objects.select_related("prepared_by", "signed_by")


def frozen_matrix(edition: Edition, state: str) -> dict[str, Any]:
    """The matrix of an edition in the shape of the API's."""
    matrix = document_of(edition)["matrix"]
    for row in matrix["rows"]:
        row["cells"] = [{name: value for name, value in cell.items() if name not in MORE} for cell in row["cells"]]
    return {**matrix, "state": state}


# -- what differs


@dataclass(frozen=True, slots=True)
class DifferingCell:
    """A cell as an edition has it, and as it is by now; None where the matrix has no such cell.

    ``kpi`` and ``tier`` are codes, ``row`` and ``column`` the row (without its cells) and the column that know the
    names: of the edition, else of now.
    """

    kpi: str
    tier: str
    then: dict[str, Any] | None
    now: dict[str, Any] | None
    row: dict[str, Any]
    column: dict[str, Any]

    @property
    def turned(self) -> bool:
        """Whether the verdict is another."""
        return (self.then or {}).get("status") != (self.now or {}).get("status")


def differing_cells(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[DifferingCell]:
    """The cells of which two matrices of an edition's shape say something else, in the order of the first."""
    return [one for one in cells_side_by_side(then, now) if _own(one.then) != _own(one.now)]


def cells_side_by_side(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[DifferingCell]:
    """All cells of two matrices, whether they differ or not, in the order of the first."""
    before, after = _Cells(then), _Cells(now)
    keys = dict.fromkeys([*before.cells, *after.cells])
    return [
        DifferingCell(
            *(kpi, tier, before.cells.get((kpi, tier)), after.cells.get((kpi, tier))),
            before.rows.get(kpi) or after.rows[kpi],
            before.columns.get(tier) or after.columns[tier],
        )
        for kpi, tier in keys
    ]


class _Cells:
    """A matrix by the codes of KPI and tier."""

    def __init__(self, matrix: Mapping[str, Any]) -> None:
        self.columns = {tier["code"]: tier for tier in matrix["tiers"]}
        self.rows = {row["kpi"]: row for row in matrix["rows"]}
        self.cells = {(row["kpi"], cell["tier"]): cell for row in matrix["rows"] for cell in row["cells"]}


def cell_names(matrix: Mapping[str, Any]) -> list[str]:
    """The cells of a matrix by the names under which texts mention them: ``renewal_rate@gold``."""
    return [f"{row['kpi']}@{cell['tier']}" for row in matrix["rows"] for cell in row["cells"]]


def _own(cell: Mapping[str, Any] | None) -> Any:
    return cell and {name: cell[name] for name in OWN}


def differences(edition: Edition, today: date, period: Period) -> list[DifferingCell]:
    """What the live matrix says otherwise than an edition."""
    return differing_cells(document_of(edition)["matrix"], read_matrix(period, today))


def state_of_period(period: Period, today: date) -> tuple[str, Edition | None]:
    """Whether a period is open, closed, or differs from its latest edition, which is told too."""
    edition = latest_edition(period)
    if edition is None:
        return OPEN, None
    return (DIFFERS if differences(edition, today, period) else CLOSED), edition


def sections_that_differ(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The names of the sections that two documents, or what is live, say otherwise; of a matrix what it is of and
    when its cells were computed is left out, and so is a section that the first did not have yet.
    """
    told = [name for name in CONTENT if name in then]  # documents that were issued before say nothing of some
    return [name for name in told if not _alike(_compared(name, then[name]), _compared(name, now[name]))]


def _alike(then: Any, now: Any) -> bool:
    """Whether two values say the same, as far as the first says anything: documents have learnt to say more."""
    if isinstance(then, dict) and isinstance(now, dict):
        return all(_alike(value, now.get(name)) for name, value in then.items())
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now) and all(map(_alike, then, now))
    return bool(then == now)


def _compared(name: str, value: Any) -> Any:
    if name != "matrix":
        return value
    return {key: one for key, one in value.items() if key not in {"state", "edition", "computed_at"}}


def written_summary(document: Mapping[str, Any] | None) -> str:
    """The summary of a document as it was written, its references among it; empty without one."""
    if document is None:
        return ""
    source = document.get("summary_source")
    return str(source["written"] if source else document.get("summary") or "")


# -- whether it is as it was signed


@dataclass(frozen=True, slots=True)
class Fault:
    """Something of an edition that is not as it was signed: the JSON pointer of what differs, and how."""

    period: str
    number: int
    pointer: str
    why: str

    def __str__(self) -> str:
        return f"{self.period}, edition {self.number}: {self.pointer or 'the whole document'}: {self.why}"


def verify(editions: Iterable[Edition], wanted: frozenset[str] = frozenset()) -> Iterator[Fault]:
    """What differs of all editions, in the order in which they were issued; of some periods alone where asked.

    Each names the digest of the one before it, so that all are asked for, whatever is wanted.
    """
    before: str | None = None
    for edition in editions:
        found = sha256(bytes(edition.document)).hexdigest()
        if not wanted or edition.period in wanted:
            yield from _Check(edition, found, before).faults()
        before = edition.digest


class _Check:
    """One edition beside its digest, its own columns and the edition before it."""

    def __init__(self, edition: Edition, found: str, before: str | None) -> None:
        self.edition, self.found, self.before = edition, found, before

    def faults(self) -> Iterator[Fault]:
        """Where it differs, as deep as the document's own digests tell."""
        if self.found != self.edition.digest:
            changed = list(self._changed_parts())
            yield from changed or [self._fault("", "its bytes have another digest than the one kept beside it")]
            return
        for name, column in self._columns.items():
            if self.document.get(name) != column:
                yield self._fault(f"/{name}", "the document says otherwise than what is kept beside it")
        if self.edition.previous_digest != self.before:
            yield self._fault("/previous_digest", "the edition issued before it has another digest, or is missing")

    def _changed_parts(self) -> Iterator[Fault]:
        try:
            document = self.document
            parts = document["parts"]
            now = digests(document, [name for name in parts if _is_there(document, name)])
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            yield self._fault("", f"it cannot be read any more: {error}")
            return
        changed = [name for name in parts if now.get(name) != parts[name]]
        for name in _deepest(changed):
            yield self._fault(self._place(name, now), "its digest is another")
        if not changed:
            for name in sorted(set(document) - {"parts"} - {name[1:] for name in parts}):
                yield self._fault(f"/{name}", "it was added")

    def _place(self, name: str, now: Mapping[str, str]) -> str:
        """The part, or its digest under ``parts`` where that alone is what was changed."""
        mended = {**self.document, "parts": {**self.document["parts"], name: now.get(name)}}
        if digest_of(mended) == self.edition.digest:
            return "/parts/" + name.replace("~", "~0").replace("/", "~1")
        return name

    @cached_property
    def document(self) -> dict[str, Any]:
        """What it says by now. Raises ValueError."""
        return document_of(self.edition)

    @property
    def _columns(self) -> dict[str, Any]:
        row = self.edition
        return {
            "period": row.period,
            "edition": row.number,
            "previous_digest": row.previous_digest,
            "prepared_by": {"person": row.prepared_by_id},
            "signed_by": {"person": row.signed_by_id},
        }

    def _fault(self, where: str, why: str) -> Fault:
        return Fault(self.edition.period, self.edition.number, where, why)


def _is_there(document: Any, name: str) -> bool:
    try:
        at_pointer(document, name)
    except LookupError:
        return False
    return True


def _deepest(changed: Iterable[str]) -> list[str]:
    """Those that none of the others lies within."""
    found = list(changed)
    return [name for name in found if not any(other.startswith(f"{name}/") for other in found)]


# -- names


def names_of(edition: Edition, reader: User) -> dict[str, dict[str, str]]:
    """What people and customers of an edition were called, by key; of customers those that the reader may see."""
    found: dict[str, dict[str, str]] = {"people": {}, "customers": {}}
    seen = None if reader.has_perm(Right.READ_CUSTOMERS) else _visible(reader)
    for name in EditionName.objects.filter(edition=edition):
        if name.kind == "person":
            found["people"][str(name.key)] = name.name
        elif seen is None or name.key in seen:
            found["customers"][str(name.key)] = name.name
    return found


def _visible(reader: User) -> set[int]:
    return set(Customer.objects.visible_to(reader).values_list("pk", flat=True))


def canonical_bytes(document: Mapping[str, Any]) -> tuple[bytes, str]:
    """The bytes of a document and their digest."""
    content = canonical(document)
    return content, sha256(content).hexdigest()
