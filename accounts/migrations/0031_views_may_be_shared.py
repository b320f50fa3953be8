"""Views of lists may be for everybody, as those of the register are, which become such."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that says so."""

    dependencies = [("accounts", "0030_mails_to_an_old_address")]

    operations = [
        migrations.AlterModelOptions(name="listview", options={"ordering": ["name"], "verbose_name": "saved view"}),
        migrations.AddField(
            model_name="listview",
            name="shared",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
