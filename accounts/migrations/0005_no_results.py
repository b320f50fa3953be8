"""Results of background work are kept no longer: nothing read them. Their tables go, and what spoke of them.

The package that had made them is gone, so its own migrations cannot undo themselves. Where the tables never were,
as in a new database, nothing happens.
"""

from typing import Any

from django.db import migrations

APP = "django_celery_results"
TABLES = ("taskresult", "groupresult", "chordcounter")


def forget_content_types(apps: Any, schema_editor: Any) -> None:
    """Rights and admin entries hang on them and go with them."""
    apps.get_model("contenttypes", "ContentType").objects.filter(app_label=APP).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_mail_waits"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        *(migrations.RunSQL(f"DROP TABLE IF EXISTS {APP}_{table}", migrations.RunSQL.noop) for table in TABLES),
        # An older release that is put back makes its tables again.
        migrations.RunSQL(f"DELETE FROM django_migrations WHERE app = '{APP}'", migrations.RunSQL.noop),
        migrations.RunPython(forget_content_types, migrations.RunPython.noop),
    ]
