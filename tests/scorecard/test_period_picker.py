"""The period picker: what comes before and after, and what else the year has."""

from datetime import date

from core.periods import FiscalCalendar, Month, Period
from scorecard.pages.periods import Picker, Span, build_picker

CALENDAR = FiscalCalendar()
SPAN = Span(Month(200911), Month(201108))
TODAY = date(2011, 9, 20)


def pick(code: str, calendar: FiscalCalendar = CALENDAR, span: Span | None = SPAN) -> Picker:
    return build_picker(Period.parse(code, calendar), span, TODAY, lambda period: f"/{period.code}/")


def test_before_and_after_are_of_the_same_kind() -> None:
    picker = pick("2011-Q2")
    assert picker.previous is not None
    assert picker.next is not None
    assert (picker.previous.url, picker.next.url) == ("/2011-Q1/", "/2011-Q3/")


def test_nothing_comes_before_the_first_data_or_after_today() -> None:
    assert pick("2009-Q4").previous is None
    assert pick("2011-Q3").next is None
    assert pick("2011-Q3", span=None).previous is None


def test_the_year_offers_its_quarters_and_months() -> None:
    picker = pick("2011-Q2")
    assert [choice.label for choice in picker.quarters] == ["Q1", "Q2", "Q3", "Q4"]
    assert [choice.current for choice in picker.quarters] == [False, True, False, False]
    assert [choice.url for choice in picker.month_choices][::11] == ["/2011-01/", "/2011-12/"]
    assert [choice.has_data for choice in picker.month_choices][6:10] == [True, True, False, False]


def test_other_years_offer_the_same_period() -> None:
    assert [choice.url for choice in pick("2011-Q2").years] == ["/2011-Q2/", "/2010-Q2/", "/2009-Q2/"]
    assert [choice.url for choice in pick("2011-07").years] == ["/2011-07/", "/2010-07/", "/2009-07/"]


def test_a_fiscal_year_begins_with_its_first_month() -> None:
    picker = pick("2012-Q1", FiscalCalendar(4))
    assert picker.months == "April to June 2011"
    assert picker.month_choices[0].name == "April 2011"
    assert picker.month_choices[11].name == "March 2012"
    assert [choice.url for choice in picker.years] == ["/2012-Q1/", "/2011-Q1/", "/2010-Q1/"]
