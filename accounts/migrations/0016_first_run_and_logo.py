"""The one-time link for the first administrator, and the company's logo; no row that is there changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_company_says_the_day_of_mails"),
    ]

    operations = [
        migrations.CreateModel(
            name="CompanyLogo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.CharField(max_length=16, unique=True)),
                ("kind", models.CharField(choices=[("image/png", "PNG"), ("image/jpeg", "JPEG")], max_length=10)),
                ("content", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="SetupLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="company",
            name="logo_mark",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=16),
        ),
        migrations.AddField(
            model_name="company",
            name="setup_ended_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
