"""Counts what is marked for the reviewer; searches done before have no counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0004_changes_of_sources"),
    ]

    operations = [
        migrations.AddField(
            model_name="sourcesearch",
            name="marks",
            field=models.JSONField(default=dict),
        ),
    ]
