"""Nobody decides on a number that they wrote, also where somebody else changed the draft later.

Of what nobody has decided yet the earlier writers are taken from the audit and from the load that brought it.
"""

from typing import Any

from django.conf import settings
from django.db import migrations, models


def fill_in(apps: Any, _: Any) -> None:
    """Whoever created, loaded or changed what waits, but for who wrote it last."""
    target, entry = apps.get_model("kpis", "Target"), apps.get_model("accounts", "AuditEntry")
    through = target.earlier_writers.through
    waiting = {row.pk: row for row in target.objects.filter(state__in=["draft", "proposed"]).select_related("load")}
    wrote = {(pk, row.load.by_id) for pk, row in waiting.items() if row.load and row.load.by_id}
    entries = entry.objects.filter(object_type="kpis.target", verb__in=["created", "changed"], by__isnull=False)
    for text, by in entries.order_by().values_list("object_id", "by").iterator():
        wrote.add((int(text), by))
    rows = [
        through(target_id=pk, user_id=by)
        for pk, by in sorted(wrote)
        if pk in waiting and by != waiting[pk].created_by_id
    ]
    through.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0008_a_rollup_fails_in_part"),
        ("accounts", "0004_mail_waits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "target",
            "earlier_writers",
            models.ManyToManyField(
                blank=True,
                related_name="+",
                help_text="Who wrote it before created_by, as a draft; none of them decides on it",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
    ]
