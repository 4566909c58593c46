"""Processes of a cluster that die while they wait for work: those that take their places do the work."""

from __future__ import annotations

import pytest

from tests.live.large import PERSON, a_large_shop, register_large_shop
from tests.live.portal import HEAVY, HELPERS, running_portal
from tests.live.steps import confirm, do, submit
from tests.servers import wait_until

WORKERS = 2


@pytest.fixture
def portal(tmp_path):
    url = f"sqlite:///{tmp_path / 'portal.sqlite3'}"
    with running_portal(tmp_path, url, programs=(HEAVY,), heavy_workers=WORKERS, is_watched=False) as portal:
        register_large_shop(portal, a_large_shop(tmp_path, 10))
        yield portal


def sentinel_of(portal):
    """The process whose children are the workers, the monitor and the pusher."""
    (sentinel,) = [process for process in portal.programs[HEAVY].processes() if len(process.children()) > 2]
    return sentinel


def test_work_is_done_after_every_process_that_waited_for_it_was_killed(portal):
    sentinel = sentinel_of(portal)
    for victim in sentinel.children():
        victim.kill()
        wait_until(lambda victim=victim: not victim.is_running() and len(sentinel.children()) == WORKERS + HELPERS)
    confirm(portal, submit(portal, PERSON))
    wait_until(lambda: do(portal, "result = SourceSearch.objects.get().state") == "done", 60)
    tasks = "from django_q.models import OrmQ\nresult = OrmQ.objects.filter(key='heavy').count()"
    wait_until(lambda: do(portal, tasks) == 0, 20)
