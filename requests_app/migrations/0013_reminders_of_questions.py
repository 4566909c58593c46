"""Reminders of questions that nobody answers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0012_deadlines_in_order"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reminder",
            name="kind",
            field=models.CharField(
                choices=[
                    ("due_soon", "the answer is due soon"),
                    ("due_tomorrow", "the answer is due at once"),
                    ("overdue", "the answer is overdue"),
                    ("acknowledge", "the receipt has to be confirmed"),
                    ("progress", "the person hears how far it is"),
                    ("unverified", "the person has not confirmed"),
                    ("undownloaded", "the files were not downloaded"),
                    ("unanswered", "the person has not answered our question"),
                ],
                max_length=12,
            ),
        ),
    ]
