"""The second calculator of facts from events itself, held against what can be counted by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given

from tests.oracle.events import Contact, Deal, Events, Invoice, Issue, Life, Referral, Rule, derive, is_whole
from tests.oracle.invented_events import MONTHS, happenings

LONG_AFTER = date(2030, 1, 1)
JANUARY, FEBRUARY, MARCH, APRIL, MAY = 201101, 201102, 201103, 201104, 201105


def on(month: int, day: int) -> date:
    return date(2011, month, day)


def test_a_contact_repeats_one_of_its_issue_at_most_so_many_days_before() -> None:
    events = Events(issues=[Issue("i", "Ann", on(1, 1)), Issue("j", "Ann", on(1, 1)), Issue("k", "Bob", on(1, 1))])
    days = [("10", "i", on(1, 31)), ("1", "i", on(3, 2)), ("2", "i", on(3, 10)), ("3", "j", on(3, 10))]
    events.contacts = [Contact(*row) for row in [*days, ("4", "k", on(3, 11)), ("5", "i", on(3, 17))]]
    derived = derive(Rule("repeat_contacts", days=7), events, [JANUARY, FEBRUARY, MARCH], LONG_AFTER)
    assert derived.numbers == {("Ann", MARCH): (1, 4), ("Bob", MARCH): (0, 1)}
    assert derived.facts["Ann", MARCH].of_them == {"5"}
    assert derived.silent == [JANUARY, FEBRUARY]
    events.contacts[0] = Contact("10", "i", on(1, 25))
    assert derive(Rule("repeat_contacts", days=7), events, [FEBRUARY], LONG_AFTER).silent == []


def test_of_two_contacts_on_one_day_the_lower_id_is_the_earlier() -> None:
    events = Events([Issue("i", "Ann", on(1, 1)), Issue("0", "Bob", on(1, 1))], [Contact("0", "0", on(1, 1))])
    for ids, repeats in ((("10", "9"), "10"), (("a9", "a10"), "a9"), (("x", "99"), "x"), (("B", "a"), "a")):
        events.contacts[1:] = [Contact(one, "i", on(3, 1)) for one in ids]
        found = derive(Rule("repeat_contacts", days=0), events, [MARCH], LONG_AFTER).facts["Ann", MARCH]
        assert (found.numerator, found.denominator, found.of_them) == (1, 2, {repeats})


def test_contacts_count_up_to_the_day_of_solving_in_the_month_of_solving() -> None:
    events = Events([Issue("i", "Ann", on(1, 1), on(3, 5)), Issue("j", "Ann", on(2, 1)), Issue("k", "Bob", on(4, 1))])
    days = [("1", "i", on(1, 1)), ("2", "i", on(3, 5)), ("3", "i", on(3, 6)), ("4", "j", on(3, 6))]
    events.contacts = [Contact(*row) for row in days]
    derived = derive(Rule("contacts_per_solved_issue"), events, [JANUARY, FEBRUARY, MARCH], LONG_AFTER)
    assert derived.numbers == {("Ann", MARCH): (2, 1)}
    assert derived.beside == {("Ann", JANUARY): (0, 1), ("Ann", FEBRUARY): (0, 2), ("Ann", MARCH): (1, 1)}


def deal(number: str, won: bool, listed: int, net: int, hard: bool | None = None) -> Deal:
    return Deal(number, "Ann", on(3, 31), won, Fraction(listed), Fraction(net), hard)


def test_exactly_the_percentage_is_no_deep_discount_and_a_deal_without_a_list_value_is_none() -> None:
    events = Events(deals=[deal("1", True, 100, 80), deal("2", True, 1000, 799), deal("3", True, 0, -5)])
    events.deals.append(deal("4", False, 100, 1))
    rule = Rule("deep_discounts", percent=Fraction(20))
    assert derive(rule, events, [MARCH, APRIL], LONG_AFTER).numbers == {("Ann", MARCH): (1, 2)}


def test_hard_talks_are_of_the_won_deals_of_which_it_is_said() -> None:
    events = Events(deals=[deal("1", True, 1, 1, True), deal("2", True, 0, 0, False), deal("3", True, 1, 1)])
    events.deals.append(deal("4", False, 1, 1, True))
    assert derive(Rule("hard_price_talks"), events, [MARCH], LONG_AFTER).numbers == {("Ann", MARCH): (1, 2)}


def test_who_is_on_the_book_or_has_a_referral_counts_from_the_first_lifecycle_event_on() -> None:
    events = Events(lifecycle=[Life("Ann", on(2, 28), "joined"), Life("Bob", on(3, 1), "joined")])
    events.lifecycle.append(Life("Bob", on(4, 30), "left"))
    events.referrals = [Referral("1", "Cem", on(1, 5)), Referral("2", "Cem", on(2, 1)), Referral("3", "Ann", on(4, 2))]
    derived = derive(Rule("referrals"), events, [JANUARY, FEBRUARY, MARCH, APRIL, MAY], on(4, 29))
    assert derived.silent == [JANUARY]
    assert {key: above for key, (above, _) in derived.numbers.items()} == {
        ("Ann", FEBRUARY): 0,
        ("Cem", FEBRUARY): 1,
        ("Ann", MARCH): 0,
        ("Bob", MARCH): 0,
        ("Ann", APRIL): 1,
        ("Bob", APRIL): 0,
    }
    assert ("Bob", APRIL) not in derive(Rule("referrals"), events, [APRIL], on(4, 30)).facts


def test_what_is_open_is_told_in_days_of_three_months() -> None:
    """January to March 2011 have 90 days, February to April 89."""
    events = Events(
        invoices=[
            Invoice("1", "Ann", on(1, 10), Fraction(300), on(3, 31)),
            Invoice("2", "Ann", on(2, 10), Fraction(100), on(4, 1)),
            Invoice("3", "Ann", on(3, 31), Fraction(200)),
            Invoice("4", "Bob", on(1, 10), Fraction(50)),
            Invoice("5", "Bob", on(4, 10), Fraction(-10)),
        ]
    )
    derived = derive(Rule("dso"), events, [JANUARY, FEBRUARY, MARCH, APRIL], LONG_AFTER)
    assert derived.silent == [JANUARY, FEBRUARY]
    assert derived.numbers == {
        ("Ann", MARCH): (300 * 90, 600),
        ("Bob", MARCH): (50 * 90, 50),
        ("Ann", APRIL): (200 * 89, 300),
    }
    assert derived.named == {APRIL: ["Bob"]}
    assert derive(Rule("dso"), events, [MARCH], on(3, 30)).facts["Ann", MARCH].of_them == {"1", "2"}


def test_a_month_is_whole_where_nothing_that_it_needs_may_have_gone() -> None:
    """Of what was over before 1 March: January's contacts are needed with 60 days, January's invoices for March."""
    rules = [Rule("repeat_contacts", days=60), Rule("deep_discounts"), Rule("dso"), Rule("contacts_per_solved_issue")]
    assert [is_whole(rule, MARCH, on(3, 1)) for rule in rules] == [False, True, False, True]
    assert [is_whole(rule, MAY, on(3, 1)) for rule in rules] == [True, True, True, True]
    assert [is_whole(rule, MARCH, on(3, 2)) for rule in rules] == [False] * 4


@given(happenings())
def test_no_denominator_is_0_and_counts_are_of_what_is_counted(drawn: tuple[Rule, Events, date]) -> None:
    rule, events, today = drawn
    derived = derive(rule, events, MONTHS, today)
    for fact in derived.facts.values():
        assert fact.denominator > 0
        if rule.name not in ("dso", "contacts_per_solved_issue"):
            assert fact.of_them <= fact.counted
            assert fact.numerator <= fact.denominator
