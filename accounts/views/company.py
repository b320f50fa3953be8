"""The company's page and its logo: parse, one call, answer."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.context import company_of
from accounts.forms.company import CompanyForm
from accounts.http import FORM, POST, PageRequest, page
from accounts.models import Company, CompanyLogo
from accounts.pages.company import CompanyPage
from accounts.pages.stale import too_late
from accounts.rights import Right
from accounts.services.company import change_company
from accounts.services.trial_mail import send_trial_mail
from core.forms import show_refusal
from core.writes import StaleWrite


@page(Right.ADMINISTER, methods=FORM)
def company(request: PageRequest) -> HttpResponse:
    """All that a company sets; by POST what it is called, its money, its time and its logo."""
    if request.method != "POST":
        return _page(request, CompanyPage(request.user, company_of(request)))
    form = CompanyForm(request.POST, request.FILES, company=Company.objects.get(pk=1))
    status, late = HTTPStatus.BAD_REQUEST, None
    if form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            change_company(by=request.user, values=form.values, logo=form.new_logo, seen=seen)
            messages.success(request, "Kept.")
            return redirect("company")
        except ValidationError as error:
            show_refusal(form, error)
        except StaleWrite:
            status, late = HTTPStatus.CONFLICT, too_late(form, Company.objects.get(pk=1), request.user)
    return _page(request, CompanyPage(request.user, company_of(request), form=form, late=late), status)


@page(Right.ADMINISTER, methods=POST)
def company_mail(request: PageRequest) -> HttpResponse:
    """Send a mail to who asks, and show what the server said."""
    answer = send_trial_mail(by=request.user)
    return _page(request, CompanyPage(request.user, company_of(request), answer=answer))


@login_not_required
@require_safe
def company_logo(request: HttpRequest, mark: str) -> HttpResponse:
    """The logo, which stands on the sign-in page as well; another one has another address."""
    logo = CompanyLogo.objects.filter(mark=mark).first()
    if logo is None:
        raise Http404("There is no such logo.")
    kept = {"Cache-Control": "private, max-age=31536000, immutable", "Content-Disposition": "inline"}
    return HttpResponse(bytes(logo.content), content_type=logo.kind, headers=kept)


def _page(request: PageRequest, shown: CompanyPage, status: int = 200) -> HttpResponse:
    return render(request, "company/company.html", {"page": shown}, status=status)
