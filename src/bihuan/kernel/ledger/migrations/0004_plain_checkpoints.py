"""Checkpoints get the name of their log. Those of the earlier form (docs/adr/0013) name none: the tree is made anew from the
events with the next checkpoint."""

from django.db import migrations, models

TABLES = ("ledger_leaf", "ledger_node", "ledger_checkpoint")


def drop_earlier(apps, schema_editor):
    """Empty the tree where an earlier edition signed; the events stay. The triggers come back after every migrate."""
    if not apps.get_model("ledger", "Checkpoint").objects.using(schema_editor.connection.alias).exists():
        return
    vendor = schema_editor.connection.vendor
    for table in TABLES:
        for name in ("no_update", "no_delete") if vendor == "sqlite" else ("no_change", "no_truncate"):
            on = "" if vendor == "sqlite" else f" ON {table}"
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on}")
        schema_editor.execute(f"DELETE FROM {table}")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_event_effect")]

    operations = [
        migrations.RunPython(drop_earlier, migrations.RunPython.noop),
        migrations.AddField(
            model_name="checkpoint",
            name="origin",
            field=models.CharField(max_length=200, default=""),
            preserve_default=False,
        ),
    ]
