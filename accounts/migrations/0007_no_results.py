"""Results of background work are kept no longer: nothing read them. Their tables go, and what spoke of them.

The package that had made them is gone, so its own migrations cannot undo themselves. Where the tables never were,
as in a new database, nothing happens.
"""

from typing import Any

from django.db import migrations
from django.db.migrations.recorder import MigrationRecorder

APP = "django_celery_results"
TABLES = ("taskresult", "groupresult", "chordcounter")


def forget_migrations(apps: Any, schema_editor: Any) -> None:
    """An older release that is put back makes its tables again."""
    MigrationRecorder(schema_editor.connection).migration_qs.filter(app=APP).delete()


def forget_content_types(apps: Any, schema_editor: Any) -> None:
    """Rights and admin entries hang on them and go with them."""
    apps.get_model("contenttypes", "ContentType").objects.filter(app_label=APP).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_old_tokens_end"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        *(migrations.RunSQL(f"DROP TABLE IF EXISTS {APP}_{table}", migrations.RunSQL.noop) for table in TABLES),
        migrations.RunPython(forget_migrations, migrations.RunPython.noop),
        migrations.RunPython(forget_content_types, migrations.RunPython.noop),
    ]
