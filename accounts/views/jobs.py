"""Jobs: how far one is, as a page asks for it again and again."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.http import PageRequest, page
from accounts.pages.jobs import show_job
from accounts.rights import Right
from accounts.services.jobs import jobs_of


@page(*Right)
def job(request: PageRequest, number: int) -> HttpResponse:
    """The page of a job. Others' are not there, but for administrators."""
    return redirect(show_job(get_object_or_404(jobs_of(request.user), pk=number)).address)


@page(*Right)
def job_state(request: PageRequest, number: int) -> HttpResponse:
    """How far a job is, as JSON."""
    answer = JsonResponse(show_job(get_object_or_404(jobs_of(request.user), pk=number)).told())
    answer.headers["Cache-Control"] = "no-store"
    return answer
