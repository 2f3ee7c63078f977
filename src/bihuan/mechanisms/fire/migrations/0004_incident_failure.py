import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The units of a review have had their table since the register of fires; it gets a model of its own."""

    dependencies = [
        ("fire", "0003_record_late"),
        ("orgs", "0002_three_administrators"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="IncidentFailure",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("incident", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="failures", to="fire.incident")),
                        ("unit", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.unit")),
                    ],
                    options={"db_table": "fire_incident_failed", "unique_together": {("incident", "unit")}},
                ),
                migrations.AlterField(
                    model_name="incident",
                    name="failed",
                    field=models.ManyToManyField(related_name="+", through="fire.IncidentFailure", to="orgs.unit"),
                ),
            ],
        ),
    ]
