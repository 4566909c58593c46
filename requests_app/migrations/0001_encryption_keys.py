"""Makes the table of the wrapped data keys."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing was there before."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="EncryptionKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("wrapped", models.TextField(blank=True)),
                ("ring_id", models.CharField(blank=True, max_length=32)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("destroyed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="requests_app.encryptionkey",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destroyed_at__isnull", False), ("wrapped", "")),
                            models.Q(models.Q(("wrapped", ""), _negated=True), ("destroyed_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="encryption_key_destroyed_iff_unwrapped",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("parent__isnull", True), models.Q(("ring_id", ""), _negated=True)),
                            models.Q(("parent__isnull", False), ("ring_id", "")),
                            _connector="OR",
                        ),
                        name="encryption_key_root_iff_on_ring",
                    ),
                ],
            },
        ),
    ]
