from hashlib import sha256
from secrets import token_hex

from django.db import migrations, models


def seal(apps, schema_editor):
    for row in apps.get_model("fire", "Complainant").objects.all():
        row.salt = token_hex(16)
        row.digest = sha256("\n".join((row.salt, row.name, row.phone)).encode()).hexdigest()
        row.save(update_fields=["salt", "digest"])


class Migration(migrations.Migration):
    """Who complained stays out of the ledger, which knows it by a digest."""

    dependencies = [("fire", "0004_incident_failure")]

    operations = [
        migrations.AddField("complainant", "salt", models.CharField(blank=True, default="", max_length=32)),
        migrations.AddField("complainant", "digest", models.CharField(blank=True, default="", max_length=64)),
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]
