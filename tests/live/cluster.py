"""`python -m tests.live.cluster` is `manage.py qcluster` with what `tests.live.tampering` changes."""

from __future__ import annotations

from django.core.management import call_command

from tests.live.moments import watch_tasks
from tests.live.tampering import set_up

if __name__ == "__main__":
    set_up()
    watch_tasks()
    call_command("qcluster")
