"""The facts behind a number, and those that a steward takes away: asked first, a load that can be taken back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html

from accounts.http import POST, PageRequest, page
from accounts.pages.asking import Question
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import counted, month_name
from core.texts import plain
from customers.models import Customer
from kpis.loads.facts_removing import Removal, remove_facts
from kpis.models import Kpi
from scorecard.pages.facts import FactQuery, fact_page, parse_query, require_reader

_SOURCE = "facts page"


@page(Right.READ)
def facts(request: PageRequest) -> HttpResponse:
    """The facts behind a number, read only, for those who may read customers."""
    user = request.user
    require_reader(user)
    query = parse_query(request.GET)
    page = fact_page(query, user) if query else None
    context = {
        "page": page,
        "kpis": Kpi.objects.in_matrix_order(),
        "all_customers": user.has_perm(Right.READ_CUSTOMERS),
    }
    return render(request, "scorecard/facts.html", context)


@page(Right.LOAD, methods=POST)
def delete_facts(request: PageRequest) -> HttpResponse:
    """The facts of a KPI in a month, of one customer or of all, go with a reason."""
    query = parse_query(request.POST)
    if query is None or query.month is None:
        raise Http404("Say of which KPI and month.")
    removal, back = _removal(query), f"{reverse('facts')}?{query.address()}"
    reason, count = plain(request.POST.get("reason", "")), removal.facts().count()
    if not (reason and count):
        why = "say why the facts go." if count else "there are none."
        messages.error(request, f"Nothing was deleted: {why}")
        return redirect(back)
    if not is_sure(request):
        return ask_first(request, _question(removal, count, reason, back))
    if load := remove_facts(removal, reason=reason, by=request.user, source=_SOURCE):
        undo = reverse("undo_load", args=[load.pk])
        text = f"{counted(load.removed, 'fact')} deleted; the matrix is rolled up again."
        messages.success(request, format_html('{} <a href="{}">Undo</a>', text, undo))
    return redirect(back)


def _removal(query: FactQuery) -> Removal:
    """What is to go. Raises Http404 for a customer that there is not, and for facts of another KPI."""
    if query.month is None or query.kpi.facts_of:
        raise Http404("These facts are another KPI’s: delete them there.")
    if query.kpi.takes_events:
        raise Http404("These facts are derived from events: delete the events.")
    customer = Customer.objects.filter(external_id=query.customer).first() if query.customer else None
    if query.customer and customer is None:
        raise Http404(f"There is no customer “{query.customer}”.")
    return Removal(query.kpi, query.month, customer)


def _question(removal: Removal, count: int, reason: str, back: str) -> Question:
    month = month_name(removal.month)
    whose = f"of {removal.customer}" if removal.customer else f"of {counted(count, 'customer')}"
    takers = removal.kpi.dependants.count()
    also = (f"{counted(takers, 'other KPI')} {'takes' if takers == 1 else 'take'} these facts too.",) if takers else ()
    return Question(
        title=f"Delete the facts of “{removal.kpi.name}” in {month}?",
        does=(
            f"{counted(count, 'fact')} {whose} in {month} {'goes' if count == 1 else 'go'}.",
            f"Every cell that holds {month} is rolled up without them.",
            *also,
            f"The reason that is kept: {reason}",
        ),
        undo="It can be undone while nothing else was loaded in their place: it is a load, which can be taken back.",
        verb=f"Delete {counted(count, 'fact')}",
        back=back,
        place=f"Facts of {removal.kpi.name}",
    )
