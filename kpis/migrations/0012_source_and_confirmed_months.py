# A KPI says whether it takes facts or tier actuals, and whether its months must be marked complete.

from django.db import migrations, models


def fill_source(apps, schema_editor):
    """What is there has decided: entered actuals, or facts, which are looked for month by month through their key."""
    Kpi = apps.get_model("kpis", "Kpi")
    Fact = apps.get_model("kpis", "Fact")
    TierActual = apps.get_model("kpis", "TierActual")
    measured = Kpi.objects.filter(formula="", facts_of=None)
    entered = TierActual.objects.order_by().values("kpi_id")
    measured.filter(pk__in=entered).update(source="tier_actuals", source_decided=True)
    month = 0
    while found := list(Fact.objects.filter(month__gt=month).order_by("month").values_list("month", flat=True)[:1]):
        month = found[0]
        held = [
            pk
            for pk in measured.filter(source="").values_list("pk", flat=True)
            if Fact.objects.filter(month=month, kpi_id=pk).exists()
        ]
        measured.filter(pk__in=held).update(source="facts", source_decided=True)


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0011_a_load_corrects"),
    ]

    operations = [
        migrations.AddField(
            model_name="kpi",
            name="source",
            field=models.CharField(
                blank=True,
                choices=[("facts", "Facts of customers"), ("tier_actuals", "Actuals entered per tier")],
                db_default="",
                default="",
                help_text="What comes first, where empty",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="kpi",
            name="source_decided",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="By the first data: goes when these are taken back",
            ),
        ),
        migrations.AddField(
            model_name="kpi",
            name="complete_when",
            field=models.CharField(
                choices=[("any", "As data come"), ("marked", "Once marked complete")],
                db_default="any",
                default="any",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="periodcell",
            name="provisional",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="kpi",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", ""), models.Q(("facts_of", None), ("formula", "")), _connector="OR"),
                name="kpi_without_data_of_its_own_has_no_source",
            ),
        ),
        migrations.RunPython(fill_source, migrations.RunPython.noop),
    ]
