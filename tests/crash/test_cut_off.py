"""The portal's database or all its workers gone in the middle of the work: the same answer, a little later."""

from __future__ import annotations

import pytest

from tests.live.moments import WAIT
from tests.live.portal import answers, running_portal
from tests.live.sources import expected, keys_in, register, sqlite_companies
from tests.live.steps import add_member, confirm, do, is_completed, is_ready, package_of, release, submit, sweep_until
from tests.servers import wait_until

SHORT = {"LEASE_SECONDS": 3, "FIRST_PAUSE_SECONDS": 0.2}
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND pid <> pg_backend_pid()"


@pytest.fixture(scope="module")
def companies(tmp_path_factory):
    return sqlite_companies(tmp_path_factory.mktemp("companies"))


@pytest.fixture(scope="module")
def portal(postgres_server, tmp_path_factory, companies):
    folder = tmp_path_factory.mktemp("portal")
    url = postgres_server.create_database("portal")
    with running_portal(folder, url, leased=SHORT) as portal:
        register(portal, companies)
        add_member(portal, "Reviewer")
        yield portal
    postgres_server.drop_database(url)


@pytest.fixture
def cut_connections(portal, postgres_server):
    name = portal.database_url.partition("@/")[2].partition("?")[0]
    return lambda: postgres_server.execute(CUT.format(name))


@pytest.fixture
def cut_power(portal):
    def cut():
        for name in ("quick", "heavy"):
            portal.programs[name].kill()
        portal.start("quick", "heavy")

    return cut


def wait_for_moment(portal, task, count):
    wait_until(lambda: len(portal.reached(task)) == count)


@pytest.mark.parametrize(
    ("happening", "person"), [("cut_connections", "ann@example.test"), ("cut_power", "sam@example.test")]
)
def test_the_answer_comes_nevertheless(portal, companies, request, happening, person):
    happen = request.getfixturevalue(happening)
    asked = submit(portal, person)
    portal.set_moment("collect_source", "collect.return", WAIT)
    confirm(portal, asked)
    wait_for_moment(portal, "collect_source", 1)
    happen()
    assert answers(portal.url)
    portal.go_on("collect_source")
    sweep_until(portal, lambda: is_ready(portal, asked))
    portal.set_moment("render_export", "write_package.return", WAIT)
    export = release(portal, asked)
    wait_for_moment(portal, "render_export", 1)
    happen()
    portal.go_on("render_export")
    sweep_until(portal, lambda: is_completed(portal, asked))
    assert keys_in(companies, package_of(portal, export)) == expected(companies, person)
    attempts = f"SourceSearch.objects.filter(request={asked}).values_list('attempt', flat=True)"
    assert do(portal, f"result = max({attempts})") == 2
    assert do(portal, f"result = Export.objects.get(pk={export}).attempt") == 2
    assert (
        do(portal, f"result = OutboxMail.objects.filter(request={asked}, template='ready', state='done').count()") == 1
    )
