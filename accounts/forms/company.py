"""The company as an administrator fills it in, in the set-up and on its own page."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms

from accounts.models import Company
from accounts.rules.company import CALENDAR, company_problems, why_locked
from accounts.rules.logo import LARGEST, NoPicture, picture_of
from core.formatting import month_name
from core.forms import ModelForm
from core.setup import what_is_dated
from core.stale import SeenForm
from core.texts import sentence

_HELP = {
    "name": "Stands below each page, in mails and in reports.",
    "currency": (
        "Three letters, such as EUR. Money without a currency is in this one. Changing it converts nothing: what "
        "was entered stands as it is."
    ),
    "time_zone": "Its day is the product’s “today”: when a month ends, when a mail is due. Such as Europe/Berlin.",
    "fiscal_year_start_month": "Quarters and years are fiscal.",
    "fiscal_year_named_by": "Which calendar year a fiscal year is called after, where it does not begin in January.",
    "kpi_mail_day": (
        "Of each month, 1 to 28: owners of KPIs are told what the month before misses, and what the quarter missed."
    ),
    "one_may_close": "Off: whoever prepared a closing cannot sign it. On: the edition says that one person did both.",
}
_LABELS = {
    "kpi_mail_day": "Day of mails about KPIs",
    "one_may_close": "One person may close a period",
    "fiscal_year_start_month": "The fiscal year begins in",
    "fiscal_year_named_by": "It is named by",
    "time_zone": "Time zone",
}


class CompanyForm(SeenForm):
    """What the company is called, its money, its time and its logo. What is fixed is shown, and says why."""

    fiscal_year_start_month = forms.TypedChoiceField(
        coerce=int, choices=[(number, month_name(200000 + number).split()[0]) for number in range(1, 13)]
    )
    logo = forms.FileField(
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        help_text=f"PNG or JPEG, up to {LARGEST // 2**10} kB; shown 24 pixels high, on light and on dark.",
    )
    without_logo = forms.BooleanField(required=False, label="Take the logo out")

    class Meta:
        model = Company
        fields: tuple[str, ...] = ("name", "currency", "time_zone", *CALENDAR, "kpi_mail_day", "one_may_close")
        widgets = {
            "time_zone": forms.TextInput(attrs={"list": "zones"}),
            "currency": forms.TextInput(attrs={"size": 4, "autocomplete": "off"}),
        }

    def __init__(self, data: Any = None, files: Any = None, *, company: Company) -> None:
        super().__init__(data, files, instance=company, label_suffix="")
        for name, field in self.fields.items():
            field.help_text = _HELP.get(name, field.help_text)
            field.label = _LABELS.get(name, field.label)
        self._lock()
        if not company.logo_mark:
            del self.fields["without_logo"]

    def _lock(self) -> None:
        dated = what_is_dated()
        for name in CALENDAR:
            if reason := why_locked(name, dated=dated):
                self.fields[name].disabled = True
                self.fields[name].help_text = f"It {reason}."

    @property
    def zones(self) -> list[str]:
        """The time zones that this machine knows, to choose from while typing."""
        places = (zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/")))
        return ["UTC", *sorted(places)]

    def clean_logo(self) -> bytes | None:
        """The bytes of a file that is a logo; None where none was chosen."""
        file = self.cleaned_data.get("logo")
        if not file:
            return None
        content = bytes(file.read(LARGEST + 1))
        try:
            picture_of(content)
        except NoPicture as no:
            raise forms.ValidationError(sentence(f"the file {no}")) from no
        return content

    def _post_clean(self) -> None:
        """Nothing is written into the company that is shown beside the form: the service has the rules."""

    @property
    def values(self) -> dict[str, Any]:
        """What was given, by field of the company."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or () if name in self.cleaned_data}

    @property
    def new_logo(self) -> bytes | None:
        """The logo that was chosen; empty where it is to go, None where it stays."""
        return self.cleaned_data.get("logo") or (b"" if self.cleaned_data.get("without_logo") else None)


class FirstCompanyForm(CompanyForm):
    """What of the company is asked at the beginning."""

    class Meta(CompanyForm.Meta):
        fields = ("name", "currency", "time_zone", *CALENDAR)


class AdminCompanyForm(ModelForm[Company]):
    """The same in the admin, which has neither the logo nor the calendar."""

    class Meta:
        model = Company
        fields = ("name", "currency", "time_zone", "kpi_mail_day")

    def clean(self) -> dict[str, Any]:
        """What the service would refuse, beside its field."""
        values = super().clean() or {}
        values["currency"] = str(values.get("currency", "")).upper()
        meant = Company(**{name: values.get(name, getattr(self.instance, name)) for name in self.Meta.fields})
        for name in CALENDAR:
            setattr(meant, name, getattr(self.instance, name))
        for field, reason in company_problems(meant, self.instance, dated=""):
            self.add_error(field, sentence(reason))
        return values
