from django.db import migrations


def make(apps, schema_editor):
    """Subjects of earlier editions got the row of their file with its first entry; now every subject has it from the start."""
    subjects, files = apps.get_model("subjects", "Subject"), apps.get_model("subjects", "SubjectFile")
    missing = subjects.objects.filter(file=None).values_list("pk", flat=True)
    files.objects.bulk_create([files(subject_id=pk, body={}) for pk in missing], batch_size=1_000)


class Migration(migrations.Migration):
    dependencies = [("subjects", "0002_project_files")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
