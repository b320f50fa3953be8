"""How far a job is, for its own page and for the small answer that a page asks for again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.choices import JobState
from accounts.models import Job
from accounts.services.jobs import SILENT_AFTER, job_kind
from accounts.workers import somebody_works

_NOBODY = (
    "No worker is running, so this waits. Start one (“make run” and “docker compose up” do) and it begins by itself."
)
_GONE = "It has expired: what it had made and read was kept for a day. Begin again."


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job as people see it. ``sentence`` says how far it is; ``stuck``: only if somebody does something goes it on.

    ``address`` is the page that shows it, ``poll`` the answer that says how far it is.
    """

    job: Job
    sentence: str
    stuck: bool
    address: str

    @property
    def percent(self) -> int | None:
        """How much of it is done, in percent; None where nobody knows."""
        return min(100, 100 * self.job.done // self.job.of) if self.job.of else None

    def told(self) -> dict[str, Any]:
        """What the page asks for again and again."""
        return {
            "state": self.job.state,
            "over": self.job.is_over,
            "done": self.job.done,
            "of": self.job.of,
            "sentence": self.sentence,
            "address": self.address,
        }


def show_job(job: Job) -> ShownJob:
    """A job with the sentence that says how far it is."""
    sentence, stuck = _sentence(job)
    return ShownJob(job, sentence, stuck, job_kind(job.kind).address(job))


def _sentence(job: Job) -> tuple[str, bool]:
    """How far it is, and whether nothing goes on by itself."""
    if job.state == JobState.EXPIRED or (job.expires_at <= timezone.now() and not job.is_over):
        return _GONE, True
    if job.is_over:
        return ("Done.", False) if job.state == JobState.DONE else (job.error, True)
    left = job.state == JobState.WAITING or _is_silent(job)
    if left and not somebody_works():
        return _NOBODY, True
    return _going_on(job, left=left), False


def _going_on(job: Job, *, left: bool) -> str:
    if left:
        waiting = job.state == JobState.WAITING
        return "Waiting for a worker." if waiting else "The worker that did it is silent; another takes it up."
    return f"Running: {min(100, 100 * job.done // job.of)} % done." if job.of else "Running."


def _is_silent(job: Job) -> bool:
    return job.heartbeat_at is None or abs(timezone.now() - job.heartbeat_at) > SILENT_AFTER
