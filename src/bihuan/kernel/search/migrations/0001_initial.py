"""The tables of the indexes; no models, since each database has its own shape."""

from django.db import migrations

from bihuan.kernel.search.index import NAMES, create


def forwards(apps, schema_editor):
    for name in NAMES:
        for statement in create(schema_editor.connection.vendor, name):
            schema_editor.execute(statement)


def backwards(apps, schema_editor):
    for name in NAMES:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TABLE search_{name}_grams")
        schema_editor.execute(f"DROP TABLE search_{name}")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunPython(forwards, backwards)]
