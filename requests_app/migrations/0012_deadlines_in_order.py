"""Deadlines whose days are in order, and extensions that name their law."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0011_the_laws_clock"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="periodextension",
            name="rule_code",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddConstraint(
            model_name="computeddeadline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("due_if_suspended_on__gte", models.F("due_on")),
                    ("due_on__gte", models.F("first_due_on")),
                    ("first_due_on__gte", models.F("received_on")),
                    ("target_on__gte", models.F("received_on")),
                ),
                name="deadline_days_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodextension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("by__gt", 0), ("until__isnull", True)),
                    models.Q(("by", 0), ("until__isnull", False)),
                    _connector="OR",
                ),
                name="extension_by_or_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodextension",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("ground", ""), _negated=True), models.Q(("reason", ""), _negated=True)),
                name="extension_with_reason",
            ),
        ),
    ]
