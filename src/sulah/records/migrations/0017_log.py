from typing import Any

from django.db import migrations, models


def begin(apps: Any, schema_editor: Any) -> None:
    """One row for the log; acts and decisions of before it have no entry."""
    last = {
        name: apps.get_model("records", name).objects.aggregate(last=models.Max("id"))["last"] or 0 for name in ("AuditEntry", "Decision")
    }
    apps.get_model("records", "LogHead").objects.create(pk=1, audit_from=last["AuditEntry"], decision_from=last["Decision"])


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0016_what_platforms_say"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("numbered", models.BigIntegerField(default=0)),
                ("audit_from", models.BigIntegerField(default=0)),
                ("decision_from", models.BigIntegerField(default=0)),
                ("origin", models.CharField(blank=True, max_length=200)),
                ("key_check", models.CharField(blank=True, max_length=24)),
                ("published", models.BigIntegerField(default=0)),
                ("checkpoint_at", models.DateTimeField(blank=True, null=True)),
                ("held", models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="LogEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("of", models.CharField(max_length=8)),
                ("row", models.BigIntegerField()),
                ("seq", models.BigIntegerField(blank=True, null=True, unique=True)),
                ("act", models.CharField(max_length=32)),
                ("type", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("on", models.DateField()),
                ("actor", models.CharField(blank=True, max_length=40)),
                ("subject", models.CharField(blank=True, db_index=True, max_length=40)),
                ("commit", models.CharField(max_length=64)),
                ("salt", models.BinaryField(blank=True, max_length=32, null=True)),
                ("cipher", models.CharField(blank=True, max_length=64)),
                ("policy", models.CharField(blank=True, max_length=64)),
                ("model", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "ordering": ("id",),
                "indexes": [models.Index(condition=models.Q(("seq", None)), fields=["id"], name="log_entry_waits")],
                "constraints": [models.UniqueConstraint(fields=("of", "row"), name="log_entry_of_row")],
            },
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
