from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0010_search_and_growth_check")]

    operations = [
        migrations.AddIndex(
            model_name="tiermembership",
            index=models.Index(fields=["customer", "-starts_on", "tier"], name="membership_by_last_day"),
        ),
    ]
