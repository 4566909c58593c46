"""What tests change in the portal's processes, told through the environment; production knows nothing of it.

`LIVE_LEASED` holds constants of `requests_app.models.leased` as JSON, so that a lease may run out in seconds.
`LIVE_WORKERS` is the number of workers of a cluster. `LIVE_MOMENTS` names a folder of moments at which workers kill
themselves, see `tests.live.moments`.
"""

from __future__ import annotations

import json
import os

import django
from django.conf import settings


def set_up() -> None:
    """Load Django with the changes asked for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dsr_portal.settings")
    workers = os.environ.get("LIVE_WORKERS")
    if workers:  # before django-q reads them, which it does as the apps are loaded
        name = os.environ["Q_CLUSTER_NAME"]
        others = settings.Q_CLUSTER["ALT_CLUSTERS"]
        assert isinstance(others, dict)
        others.get(name, settings.Q_CLUSTER)["workers"] = int(workers)
    django.setup()
    from requests_app.models import leased

    for name, value in json.loads(os.environ.get("LIVE_LEASED", "{}")).items():
        assert hasattr(leased, name), name
        setattr(leased, name, value)
