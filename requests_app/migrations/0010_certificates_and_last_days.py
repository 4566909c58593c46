import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0009_estimates_of_searches"),
    ]

    operations = [
        migrations.AddField(
            model_name="certificate",
            name="content_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="certificate",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="requests_app.certificate",
            ),
        ),
        migrations.AddField(
            model_name="keptrows",
            name="last_on",
            field=models.DateField(blank=True, null=True),
        ),
    ]
