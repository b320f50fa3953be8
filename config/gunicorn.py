"""How the web server runs, wherever it does: in ``make run``, in the container and under the benchmark."""

from __future__ import annotations

from typing import Any

from config.loading import load

workers = 2
threads = 4
# Slow senders wait in a loop, not in a thread: config/patience.py
worker_class = "config.patience.PatientWorker"
worker_connections = 400  # of a worker: below the files that a process may open by default
control_socket_disable = True
# The workers are forks of one process that has loaded the program, and share its memory.
preload_app = True


def when_ready(server: Any) -> None:
    """Before the workers are forked."""
    load()
