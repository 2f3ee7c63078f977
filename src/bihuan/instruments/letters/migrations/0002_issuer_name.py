from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Letters were signed with the name that the issuer bears."""
    units = apps.get_model("orgs", "Unit").objects.filter(pk=OuterRef("issuer"))
    apps.get_model("letters", "Batch").objects.update(issuer_name=Subquery(units.values("name")[:1]))


class Migration(migrations.Migration):
    dependencies = [("letters", "0001_initial")]

    operations = [
        migrations.AddField("batch", "issuer_name", models.CharField(default="", max_length=80), preserve_default=False),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
