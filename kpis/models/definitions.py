"""What a KPI is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models

from accounts.models import Department, Load
from core.fields import CodeField, ExactDecimalField, LineField, MonthField, WordsField, month_is_valid
from core.periods import Month
from core.quick import QuickRow
from kpis.choices import (
    LONGEST_TEXT,
    Absent,
    CompleteWhen,
    CustomerMethod,
    Direction,
    Indicator,
    KpiState,
    Source,
    TimeMethod,
    Unit,
)
from kpis.formulas.events import LONGEST
from kpis.formulas.values import Method
from kpis.querysets import KpiQuerySet

_TEXT: Any = {"blank": True, "validators": [MaxLengthValidator(LONGEST_TEXT)]}


class Kpi(QuickRow):
    """A key performance indicator and how its facts become values.

    Unit, currency, absolute band, methods, direction, formula and rule are those of its latest version; earlier ones
    hang off this row (``KpiVersion``) and stand for their own months. A calculated KPI has a formula and no methods.
    ``retired_from``: from that month on it is out of the matrix, and what it has counts nowhere; it is kept.
    ``state``: a draft is rolled up and in the library, but in no matrix and in no published formula.
    ``source`` is empty until somebody says it or the first data decide it (``source_decided``), and where it has no
    data of its own. Where it is events, ``rule`` says how facts are derived from them, and nobody else writes any.
    """

    code = CodeField(max_length=60, unique=True)
    name = LineField(max_length=200)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="kpis")
    indicator = LineField(max_length=10, choices=Indicator)
    unit = LineField(max_length=10, choices=Unit)
    currency = models.CharField(max_length=3, blank=True)
    direction = LineField(max_length=10, choices=Direction)
    customer_method = LineField(max_length=10, choices=CustomerMethod, blank=True)
    time_method = LineField(max_length=10, choices=TimeMethod, blank=True)
    formula = LineField(max_length=500, blank=True, help_text="Over other KPIs' codes; then no methods")
    rule = LineField(
        max_length=LONGEST,
        blank=True,
        default="",
        db_default="",
        help_text="How its facts come from events: repeat_contacts(days=30)",
    )
    near_band = ExactDecimalField(null=True, blank=True, help_text="Percent of the target; 10 where empty")
    near_band_abs = ExactDecimalField(null=True, blank=True, help_text="In the KPI's own unit; goes before near_band")
    decimals = models.PositiveSmallIntegerField(default=2)
    absent = LineField(max_length=10, choices=Absent, default=Absent.MISSING)
    facts_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="dependants", verbose_name="facts of"
    )
    source = models.CharField(
        max_length=20,
        choices=Source,
        blank=True,
        default="",
        db_default="",
        help_text="What comes first, where empty",
    )
    source_decided = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="By the first data: goes when these are taken back"
    )
    complete_when = models.CharField(
        max_length=10, choices=CompleteWhen, default=CompleteWhen.ANY, db_default=CompleteWhen.ANY.value
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_kpis"
    )
    customer_criterion = WordsField(
        blank=True, validators=[MaxLengthValidator(LONGEST_TEXT)], help_text="The customer's own words for it"
    )
    definition = WordsField(**_TEXT)
    purpose = WordsField(blank=True, validators=[MaxLengthValidator(LONGEST_TEXT)], help_text="Why it is measured")
    data_source = WordsField(
        blank=True, validators=[MaxLengthValidator(LONGEST_TEXT)], help_text="Where the data comes from"
    )
    retired_from = MonthField(null=True, blank=True)
    state = models.CharField(
        max_length=10, choices=KpiState, default=KpiState.PUBLISHED, db_default=KpiState.PUBLISHED.value
    )
    seasonal = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Held against the same month a year before, to see whether it changed",
    )
    versions_from = MonthField(null=True, blank=True, editable=False, help_text="The latest version's first month")
    position = models.PositiveIntegerField(default=0, help_text="Order in the matrix")

    objects = KpiQuerySet.as_manager()

    # The first month of the version that a copy was made by (``VersionBook.at``); of a stored row: the latest.
    meant_since: Month | None = None

    class Meta:
        verbose_name = "KPI"
        verbose_name_plural = "KPIs"
        ordering = ["indicator", "position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(absent=Absent.MISSING)
                | models.Q(customer_method__in=[CustomerMethod.SUM, CustomerMethod.DISTINCT]),
                name="silence_means_zero_for_sum_and_distinct_alone",
            ),
            models.CheckConstraint(
                condition=~models.Q(facts_of=models.F("id")) | models.Q(facts_of=None),
                name="kpi_takes_its_facts_from_another",
            ),
            models.CheckConstraint(
                condition=(models.Q(near_band=None) | models.Q(near_band__gte=0))
                & (models.Q(near_band_abs=None) | models.Q(near_band_abs__gte=0)),
                name="near_bands_are_not_negative",
            ),
            models.CheckConstraint(condition=models.Q(decimals__lte=4), name="kpi_shows_at_most_four_decimals"),
            models.CheckConstraint(
                condition=models.Q(formula="") & ~models.Q(customer_method="") & ~models.Q(time_method="")
                | ~models.Q(formula="") & models.Q(customer_method="", time_method="", facts_of=None),
                name="kpi_has_methods_or_a_formula",
            ),
            models.CheckConstraint(
                condition=models.Q(source="") | models.Q(formula="", facts_of=None),
                name="kpi_without_data_of_its_own_has_no_source",
            ),
            models.CheckConstraint(
                condition=models.Q(rule="") | models.Q(source=Source.EVENTS), name="kpi_with_a_rule_takes_events"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def source_id(self) -> int:
        """The KPI whose facts it counts: its own, or that of ``facts_of``."""
        return self.facts_of_id or self.pk

    @property
    def since(self) -> Month:
        """The first month of the version that it is meant by; 0 where it was never changed."""
        return self.meant_since or self.versions_from or Month(0)

    @property
    def method(self) -> Method:
        """Its methods as a value. A calculated one has none: it neither adds up nor scales, like a ratio."""
        percent = self.unit == Unit.PERCENT
        if self.calculated:
            return Method(CustomerMethod.RATIO, TimeMethod.POOL, percent)
        return Method(CustomerMethod(self.customer_method), TimeMethod(self.time_method), percent)

    @property
    def silence_is_zero(self) -> bool:
        """Whether a tier without a fact counts zero; never of means and ratios, in which it has no part."""
        return self.absent == Absent.ZERO and self.method.customer.adds_up

    @property
    def is_draft(self) -> bool:
        """Whether it is not published yet."""
        return self.state == KpiState.DRAFT

    def stands_in(self, month: Month) -> bool:
        """Whether what it has of a month counts: it is not retired from then on, or earlier."""
        return self.retired_from is None or month < self.retired_from

    @property
    def takes_events(self) -> bool:
        """Whether its facts are derived from events, and come from nowhere else."""
        return self.source == Source.EVENTS

    @property
    def calculated(self) -> bool:
        """Whether its values come from a formula over other KPIs."""
        return bool(self.formula)


class KpiVersion(models.Model):
    """What a KPI meant from a month on. Rows exist once a meaning was changed, the first one's included."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="versions")
    from_month = MonthField()
    unit = LineField(max_length=10, choices=Unit)
    currency = models.CharField(max_length=3, blank=True)
    direction = LineField(max_length=10, choices=Direction)
    customer_method = LineField(max_length=10, choices=CustomerMethod, blank=True)
    time_method = LineField(max_length=10, choices=TimeMethod, blank=True)
    formula = LineField(max_length=500, blank=True)
    rule = LineField(max_length=LONGEST, blank=True, default="", db_default="")
    near_band_abs = ExactDecimalField(null=True, blank=True)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    load = models.ForeignKey(Load, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrew = models.ManyToManyField(
        "kpis.Target",
        blank=True,
        related_name="+",
        help_text="Approved targets that it ended; they stand again after it",
    )

    class Meta:
        ordering = ["kpi", "from_month"]
        constraints = [
            models.UniqueConstraint(fields=["kpi", "from_month"], name="kpi_has_one_version_from_a_month"),
            month_is_valid("version_from_month_is_a_month", "from_month"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} from {self.from_month}"
