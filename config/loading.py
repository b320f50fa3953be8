"""What web server and worker have in common, loaded once, so that forks of that process share it."""

from __future__ import annotations

import gc
import os
from functools import cache


@cache
def load() -> None:
    """Load what the first pages would. No collection touches it from then on, for to touch it is to copy it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config import wsgi  # noqa: F401, I001 - it sets Django up, before which nothing of it can be imported
    from config import urls  # noqa: F401

    from django.urls import get_resolver
    from plotly import graph_objects

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
