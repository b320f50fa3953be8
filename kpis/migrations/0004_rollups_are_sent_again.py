"""How often a silent run was sent to the workers again: counted, for a clock may jump."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kpis", "0003_library")]

    operations = [
        migrations.AddField(
            "rolluprun",
            "sent_again",
            models.PositiveSmallIntegerField(
                default=0, db_default=0, help_text="How often since a worker last reported"
            ),
        ),
        migrations.AlterField(
            "rolluprun",
            "heartbeat_at",
            models.DateTimeField(auto_now_add=True, help_text="When a worker reported, or it was sent again"),
        ),
    ]
