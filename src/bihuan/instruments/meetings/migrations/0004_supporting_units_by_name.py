import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The table of the units that support a decision gets a name in the program; its rows stay as they are."""

    dependencies = [
        ("meetings", "0003_meeting_kinds"),
        ("orgs", "0002_three_administrators"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Helper",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "decision",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="helpers", to="meetings.decision"
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orgs.unit"),
                        ),
                    ],
                    options={
                        "db_table": "meetings_decision_supporting",
                        "unique_together": {("decision", "unit")},
                    },
                ),
                migrations.AlterField(
                    model_name="decision",
                    name="supporting",
                    field=models.ManyToManyField(related_name="+", through="meetings.Helper", to="orgs.unit"),
                ),
            ],
        ),
    ]
