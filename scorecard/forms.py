"""What the pages take from their addresses, and what was marked on a page of decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.http import QueryDict

from core.forms import id_of
from kpis.models import Kpi


class MatrixFilters(forms.Form):
    """Which rows of the matrix to show. A value that is no choice filters nothing."""

    department = forms.ChoiceField(required=False, label="Department")
    missed = forms.BooleanField(required=False, label="Only KPIs with a missed target")

    def __init__(self, data: Any, kpis: Iterable[Kpi]) -> None:
        super().__init__(data)
        found = {kpi.department.code: kpi.department.name for kpi in kpis if kpi.department}
        choices = sorted(found.items(), key=lambda item: item[1])
        self.fields["department"].choices = [("", "All departments"), *choices]  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def chosen_department(self) -> str:
        """The code of the department; empty for all."""
        return str(self.cleaned_data.get("department", ""))

    @property
    def department_name(self) -> str:
        """Its name; empty for all."""
        names = dict(self.fields["department"].choices)  # type: ignore[attr-defined]
        return str(names[self.chosen_department]) if self.chosen_department else ""

    @property
    def only_missed(self) -> bool:
        """Whether rows without a missed cell are left out."""
        return bool(self.cleaned_data.get("missed"))

    @property
    def in_use(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.chosen_department or self.only_missed)


APPROVE, REJECT = "approve", "reject"
USUAL = "usual"  # the button that marks all of a group


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody has marked on a page of decisions: a verdict on each proposal by its id, and reasons typed.

    ``seen`` is the batch in which each was shown; ``problems`` what is wrong with a reason.
    """

    verdicts: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    seen: Mapping[int, int] = field(default_factory=dict)
    problems: Mapping[int, str] = field(default_factory=dict)

    @property
    def approved(self) -> list[int]:
        """The ids of what is marked to be approved."""
        return [pk for pk, verdict in self.verdicts.items() if verdict == APPROVE]

    @property
    def rejected(self) -> list[int]:
        """The ids of what is marked to be rejected."""
        return [pk for pk, verdict in self.verdicts.items() if verdict == REJECT]

    def with_approved(self, ids: Iterable[int]) -> Choices:
        """With these marked to be approved too; what is marked already stays."""
        return replace(self, verdicts=dict.fromkeys(ids, APPROVE) | dict(self.verdicts))


def read_choices(post: QueryDict) -> Choices:
    """The choices of a form: ``d-17`` the verdict on proposal 17, ``why-17`` a reason, ``seen`` as ``17:3 18:3``."""
    verdicts = {pk: word for pk, word in _by_id(post, "d-") if word in (APPROVE, REJECT)}
    pairs = (text.partition(":") for text in post.get("seen", "").split())
    seen = {pk: batch for one, _, other in pairs if (pk := id_of(one)) and (batch := id_of(other))}
    return Choices(verdicts, dict(_by_id(post, "why-")), seen)


def _by_id(post: QueryDict, prefix: str) -> Iterator[tuple[int, str]]:
    for name, value in post.items():
        if name.startswith(prefix) and (pk := id_of(name.removeprefix(prefix))):
            yield pk, str(value)
