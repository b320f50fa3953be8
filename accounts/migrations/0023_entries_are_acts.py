"""Entries say which act they are a part of, and whose change they gave back; older ones stand alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_sessions_of_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="act",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="reverts",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["verb", "id"], name="audit_by_verb"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(condition=models.Q(("act", None)), fields=["id"], name="audit_acts"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                condition=models.Q(("act__isnull", False)),
                fields=["act", "object_type", "verb", "id"],
                name="audit_parts",
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                fields=["object_type", "act"], condition=models.Q(("act__isnull", False)), name="audit_acts_by_kind"
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                fields=["verb", "act"], condition=models.Q(("act__isnull", False)), name="audit_acts_by_verb"
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                condition=models.Q(("reverts__isnull", False)), fields=["reverts"], name="audit_reverts"
            ),
        ),
    ]
