from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0008_exports_that_replace_others"),
    ]

    operations = [
        migrations.AddField(
            model_name="sourcesearch",
            name="estimates",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="subjectrequest",
            name="shown_percent",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="subjectrequest",
            name="shown_round",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
