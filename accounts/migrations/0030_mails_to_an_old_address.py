from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0026_one_person_may_close")]

    operations = [
        migrations.AddField(
            model_name="outgoingmail",
            name="address",
            field=models.EmailField(blank=True, max_length=254, default=""),
            preserve_default=False,
        ),
    ]
