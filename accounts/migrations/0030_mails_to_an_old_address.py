from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0024_lists_are_kept")]

    operations = [
        migrations.AddField(
            model_name="outgoingmail",
            name="address",
            field=models.EmailField(blank=True, max_length=254, default=""),
            preserve_default=False,
        ),
    ]
