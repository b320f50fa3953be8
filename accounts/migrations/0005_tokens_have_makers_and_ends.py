"""Tokens have a maker and an end; the audit keeps the way in; failed guesses are counted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.models.people


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_mail_waits"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tokens_made",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="address",
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="session",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="token",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="accounts.apitoken"
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="via",
            field=models.CharField(
                blank=True,
                choices=[("browser", "In the browser"), ("token", "By token"), ("command", "By command or worker")],
                db_default="",
                default="",
                max_length=10,
                verbose_name="way in",
            ),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="expires_on",
            field=models.DateField(
                blank=True,
                default=accounts.models.people.last_day_of_new_token,
                help_text="The last day on which it serves; 90 days from now where nothing is chosen",
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="FailedGuess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(blank=True, max_length=255)),
                ("network", models.CharField(blank=True, max_length=45)),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name_plural": "failed guesses",
                "indexes": [
                    models.Index(fields=["account", "at"], name="guesses_at_an_account"),
                    models.Index(fields=["network", "at"], name="guesses_from_a_network"),
                ],
            },
        ),
    ]
