"""The sequence of matter numbers on PostgreSQL."""

from django.db import migrations


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE SEQUENCE IF NOT EXISTS matters_number")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP SEQUENCE IF EXISTS matters_number")


class Migration(migrations.Migration):
    dependencies = [("matters", "0002_initial")]
    operations = [migrations.RunPython(create, drop)]
