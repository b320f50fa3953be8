"""How the web server runs, wherever it does: in ``make run``, in the container and under the benchmark."""

from __future__ import annotations

import gc
from typing import Any

workers = 2
threads = 4
# Slow senders wait in a loop, not in a thread: config/patience.py
worker_class = "config.patience.PatientWorker"
worker_connections = 400  # of a worker: below the files that a process may open by default
control_socket_disable = True
# The workers are forks of one process that has loaded the program, and share its memory.
preload_app = True


def when_ready(server: Any) -> None:
    """Before the workers are forked: load what the first pages would, so that it is loaded once, and let no
    collection touch it, for to touch it is to copy it.
    """
    from django.urls import get_resolver
    from plotly import graph_objects

    from config import urls  # noqa: F401

    graph_objects.Figure([graph_objects.Heatmap(), graph_objects.Scatter()]).to_json()
    compile_templates()
    get_resolver().reverse_dict  # noqa: B018 - so that it is filled
    gc.collect()
    gc.freeze()


def compile_templates() -> int:
    """All templates of the product, which Django keeps once they are compiled: a third of a second here instead of as
    much of each worker's first pages. Answers how many.
    """
    from django.conf import settings
    from django.template.loader import get_template

    (folder,) = settings.TEMPLATES[0]["DIRS"]
    names = [str(path.relative_to(folder)) for path in folder.rglob("*.html")]
    return sum(get_template(name) is not None for name in names)
