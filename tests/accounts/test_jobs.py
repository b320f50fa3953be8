"""Jobs: done once, told about, picked up where a worker was killed, gone after a day, and nobody else's business."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from django.utils import timezone

from accounts import workers
from accounts.choices import JobState
from accounts.models import Job, User, Worker
from accounts.pages.jobs import show_job
from accounts.services import jobs
from accounts.services.jobs import JobFailed, JobKind, Work
from tests import factories

Run = Callable[[Work], Mapping[str, Any]]


@pytest.fixture
def doing(stella: User) -> Iterator[Callable[[Run], Job]]:
    """Make a job of stella's that is done by a function."""

    def asked(run: Run) -> Job:
        jobs.register_job_kind(JobKind("test", "Test", run, lambda job: f"/somewhere/{job.pk}/"))
        return jobs.ask_for("test", by=stella, about="something")

    yield asked
    jobs._kinds.pop("test")


def killed(job: Job, tries: int) -> None:
    """As a worker left it that was killed two minutes ago."""
    then = timezone.now() - timedelta(minutes=2)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, tries=tries, heartbeat_at=then)


def test_a_job_is_done_once_and_says_what_came_of_it(doing: Callable[[Run], Job]) -> None:
    job = doing(lambda work: {"rows": 3})
    assert jobs.run_here(job).state == JobState.DONE
    assert (job.result, job.tries) == ({"rows": 3}, 1)
    assert jobs.run_here(job).tries == 1


def test_what_fails_says_so_in_a_sentence_and_a_slip_of_the_program_without_its_details(
    doing: Callable[[Run], Job],
) -> None:
    def refused(work: Work) -> dict[str, Any]:
        raise JobFailed("The file is empty.")

    def broken(work: Work) -> dict[str, Any]:
        raise ZeroDivisionError("secret")

    job = jobs.run_here(doing(refused))
    assert (job.state, job.error) == (JobState.FAILED, "The file is empty.")
    job = jobs.run_here(doing(broken))
    assert job.state == JobState.FAILED
    assert "ZeroDivisionError" in job.error
    assert "secret" not in job.error


def test_a_killed_worker_is_followed_by_another_and_the_third_time_it_has_failed(
    doing: Callable[[Run], Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(jobs, "_wake", sent.append)
    job = doing(lambda work: {})
    killed(job, tries=1)
    jobs.carry_on()
    assert sent == [job.pk]
    assert jobs.run_here(job).tries == 2
    assert job.state == JobState.DONE
    again = doing(lambda work: {})
    killed(again, tries=jobs.MOST_TRIES)
    jobs.carry_on()
    again.refresh_from_db()
    assert (again.state, again.error) == (JobState.FAILED, jobs.LEFT)


def test_what_a_worker_says_that_was_given_up_for_lost_does_not_count(doing: Callable[[Run], Job]) -> None:
    def overtaken(work: Work) -> dict[str, Any]:
        Job.objects.filter(pk=work.job.pk).update(tries=2)
        work.beat()
        return {"by": "the first"}

    job = jobs.run_here(doing(overtaken))
    assert (job.state, job.result) == (JobState.RUNNING, {})


def test_where_no_worker_runs_the_page_says_so_at_once(doing: Callable[[Run], Job]) -> None:
    job = doing(lambda work: {})
    Worker.objects.all().delete()
    shown = show_job(job)
    assert shown.stuck
    assert "No worker is running" in shown.sentence
    workers.note_worker("w")
    assert not show_job(job).stuck


def test_files_and_results_go_after_a_day(doing: Callable[[Run], Job]) -> None:
    job = jobs.run_here(doing(lambda work: {"name": "Ines"}))
    (jobs.job_folder(job) / "file").write_text("rows")
    Job.objects.filter(pk=job.pk).update(expires_at=timezone.now())
    jobs.expire()
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.EXPIRED, {})
    assert list(jobs.job_folder(job).iterdir()) == []
    assert "expired" in show_job(job).sentence


def test_a_job_is_its_persons_and_the_administrators(doing: Callable[[Run], Job], everyone: dict[str, User]) -> None:
    job = jobs.run_here(doing(lambda work: {}))
    found = {role: factories.signed_in(person).get(f"/jobs/{job.pk}/state.json") for role, person in everyone.items()}
    assert {role for role, answer in found.items() if answer.status_code == 200} == {"steward", "administrator"}
    assert found["steward"].json()["over"] is True
    assert found["finance"].status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_worker_tells_how_far_it_is_while_it_works(
    doing: Callable[[Run], Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BEAT_EVERY", 0.02)

    def slow(work: Work) -> dict[str, Any]:
        work.tell(3, 4)
        for _ in range(200):
            row = Job.objects.get(pk=work.job.pk)
            if row.done:
                break
            sleep(0.02)
        return {"seen": [row.done, row.of]}

    job = doing(slow)
    jobs.run_in_worker(job.pk)
    job.refresh_from_db()
    assert job.result == {"seen": [3, 4]}
