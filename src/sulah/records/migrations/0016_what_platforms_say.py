from django.db import migrations, models

import sulah.records.seal


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0015_officer_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="outbox",
            name="charged",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="outbox",
            name="charged_as",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.CreateModel(
            name="PlatformText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seal", sulah.records.seal.SealField(default="", editable=False, max_length=64)),
                ("channel", models.CharField(max_length=16)),
                ("provider", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=512)),
                ("language", models.CharField(max_length=20)),
                ("stopped", models.BooleanField(default=False)),
                ("status_at", models.DateTimeField(blank=True, null=True)),
                ("quality", models.CharField(blank=True, max_length=40)),
                ("quality_at", models.DateTimeField(blank=True, null=True)),
                ("words", models.CharField(blank=True, max_length=300)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("channel", "name", "language", "provider"),
                "constraints": [models.UniqueConstraint(fields=("channel", "provider", "name", "language"), name="platform_text_once")],
            },
        ),
    ]
