"""Fields of the API that name what this app holds, as files do: by code, or by e-mail address; and periods."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.choices import UnitKind
from accounts.company import company
from accounts.context import company_of
from accounts.models import BusinessUnit, Company, Department, User
from core.given import Given, read_cell
from core.loading.columns import EMAIL, CellType
from core.periods import Period, PeriodError
from core.resources import RevisedSerializer, Seen
from core.shapes import PERIOD, ChoiceField, NamedRow, Text, code_text


def by_code(model: Any, **options: Any) -> Any:
    """A row of a table by its code."""
    return NamedRow(**{"slug_field": "code", "queryset": model.objects.all(), "required": False, **options})


def department_field(**options: Any) -> Any:
    """A department by code."""
    return by_code(Department, **options)


def business_unit_field(**options: Any) -> Any:
    """A business unit by code."""
    return by_code(BusinessUnit, **options)


class NamedPerson(NamedRow):
    """A person by e-mail address; one that nobody knows is refused, for a call makes no people."""

    default_error_messages: ClassVar = {"does_not_exist": "Nobody has the address {value}."}

    def to_internal_value(self, data: Any) -> Any:
        """The person. Raises ValidationError for what is no address, and for one that nobody has."""
        return super().to_internal_value(read_cell(EMAIL, data))


def person_field(**options: Any) -> Any:
    """A person by e-mail address."""
    return NamedPerson(slug_field="email", queryset=User.objects.all(), required=False, **options)


@extend_schema_field({"type": "string", "pattern": PERIOD, "example": "2011-Q3"})
class PeriodField(Given):
    """``2011-09``, ``2011-Q3`` or ``2011`` in the company's calendar."""

    default_error_messages: ClassVar = {"null": "Must not be empty; write 2011-09, 2011-Q3 or 2011."}
    cell = CellType(str)

    def to_internal_value(self, data: Any) -> Period:
        """The period. Raises ValidationError where the text is none."""
        try:
            return Period.parse(super().to_internal_value(data), self._company.calendar)
        except PeriodError as error:
            raise serializers.ValidationError(str(error)) from error

    def to_representation(self, value: Period) -> str:
        """Its code."""
        return value.code

    @property
    def _company(self) -> Company:
        request = self.context.get("request")
        return company_of(request) if request else company()


class DivisionSerializer(RevisedSerializer):
    """A part of the company, by code."""

    code = serializers.CharField()
    name = serializers.CharField()


class BusinessUnitSerializer(DivisionSerializer):
    """A product or a region."""

    kind = serializers.ChoiceField(choices=UnitKind.choices)


class DivisionInput(Seen):
    """A department as it is to be."""

    code = code_text(60)
    name = Text(max_length=200)


class BusinessUnitInput(DivisionInput):
    """A business unit as it is to be."""

    kind = ChoiceField(choices=UnitKind.choices)
