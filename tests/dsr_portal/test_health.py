from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from dsr_portal import health
from requests_app.models import Approval, EncryptionKey, Export, Leased, SubjectRequest

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

NAMES = {"database", "storage", "migrations", "quick_worker", "heavy_worker"}


@pytest.fixture(autouse=True)
def storage(settings: SettingsWrapper, tmp_path: Path) -> Path:
    settings.DSR_STORAGE_DIR = tmp_path / "storage"
    return tmp_path / "storage"


@pytest.fixture
def healthy(db: None) -> None:
    Schedule.objects.update(next_run=timezone.now())


def failing(client: Client) -> set[str]:
    """Ask `/readyz` and return the names of the checks that fail."""
    response = client.get("/readyz")
    checks = response.json()
    failed = {name for name, holds in checks.items() if not holds}
    assert set(checks) == NAMES
    assert response.status_code == (503 if failed else 200)
    return failed


def put_task(queue: str, *, waiting_seconds: float) -> OrmQ:
    return OrmQ.objects.create(key=queue, payload="", lock=timezone.now() - timedelta(seconds=waiting_seconds))


def run_export(*, lease_seconds: float) -> None:
    request = SubjectRequest.objects.create(
        right="access", name="Ann", email="ann@example.test", key=EncryptionKey.objects.create(wrapped="x", ring_id="k")
    )
    reviewer = User.objects.create_user("reviewer")
    approval = Approval.objects.create(request=request, act="release", digest="0" * 64, approved_by=reviewer)
    lease = timezone.now() + timedelta(seconds=lease_seconds)
    Export.objects.create(request=request, approval=approval, state=Leased.State.RUNNING, claimable_at=lease)


@pytest.mark.usefixtures("healthy")
def test_a_portal_that_can_do_its_work_says_so(client: Client) -> None:
    assert failing(client) == set()


def test_life_is_told_without_looking_at_anything(client: Client) -> None:
    # pytest-django refuses any query of a test that does not ask for the database.
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.usefixtures("healthy")
def test_probes_are_answered_whatever_host_they_name_and_without_https(
    path: str, client: Client, settings: SettingsWrapper
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/", headers={"host": "10.0.0.7:8000"}).status_code != 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_only_read_and_never_kept(path: str, client: Client, healthy: None) -> None:
    assert client.post(path).status_code == 405
    assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("healthy")
def test_a_database_that_is_gone_is_told_and_not_waited_for_again_and_again(client: Client) -> None:
    asked: list[str] = []

    def refuse(execute: object, sql: str, *_: object) -> None:
        asked.append(sql)
        raise OperationalError("connection refused")

    with connection.execute_wrapper(refuse):
        assert failing(client) == NAMES - {"storage"}
    assert len(asked) == 1


@pytest.mark.usefixtures("healthy")
def test_a_missing_migration_is_told(client: Client) -> None:
    newest = max(name for app, name in MigrationLoader(None).graph.leaf_nodes() if app == "requests_app")
    MigrationRecorder(connection).record_unapplied("requests_app", newest)
    assert failing(client) == {"migrations"}


@pytest.mark.usefixtures("healthy")
def test_a_storage_that_cannot_be_written_is_told(client: Client, storage: Path) -> None:
    storage.write_text("no folder")
    assert failing(client) == {"storage"}


@pytest.mark.usefixtures("healthy")
def test_a_full_disk_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "FEWEST_FREE_BYTES", 2**62)
    assert failing(client) == {"storage"}


@pytest.mark.usefixtures("healthy")
def test_a_schedule_that_nobody_runs_means_no_quick_worker(client: Client) -> None:
    Schedule.objects.update(next_run=timezone.now() - timedelta(seconds=health.STUCK_SECONDS + 1))
    assert failing(client) == {"quick_worker"}


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize("queue", ["quick", "heavy"])
def test_a_task_that_nobody_takes_means_no_worker_of_its_queue(queue: str, client: Client) -> None:
    put_task(queue, waiting_seconds=health.STUCK_SECONDS + 1)
    assert failing(client) == {f"{queue}_worker"}


@pytest.mark.usefixtures("healthy")
def test_a_task_that_came_just_now_or_is_at_work_means_nothing(client: Client) -> None:
    for queue in ("quick", "heavy"):
        put_task(queue, waiting_seconds=1)
        put_task(queue, waiting_seconds=-60)
    assert failing(client) == set()


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(("lease_seconds", "failed"), [(60, set()), (-1, {"heavy_worker"})])
def test_heavy_work_may_wait_while_other_heavy_work_goes_on(
    lease_seconds: float, failed: set[str], client: Client
) -> None:
    put_task("heavy", waiting_seconds=3600)
    run_export(lease_seconds=lease_seconds)
    assert failing(client) == failed
