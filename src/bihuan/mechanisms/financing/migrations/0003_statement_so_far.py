from django.db import migrations, models


def wait(apps, schema_editor):
    """A statement that was being read waits to be over like any other."""
    apps.get_model("financing", "Statement").objects.filter(state="running").update(state="waiting")


class Migration(migrations.Migration):
    dependencies = [("financing", "0002_searches_fail")]

    operations = [
        migrations.RunPython(wait, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(model_name="statement", name="wanted"),
        migrations.AddField(model_name="statement", name="so_far", field=models.PositiveIntegerField(default=0)),
        migrations.AlterField(
            model_name="statement",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "waiting"),
                    ("ready", "taken in"),
                    ("stopped", "stopped"),
                    ("refused", "refused"),
                ],
                default="waiting",
                max_length=8,
            ),
        ),
    ]
