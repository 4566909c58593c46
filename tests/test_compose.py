"""The deployment files, read instead of run: no container engine is needed for the tests."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from dsr_portal.configuration import Configuration, variable

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def test_there_is_each_process_once_and_a_worker_for_every_queue() -> None:
    assert set(OURS) == {"web", "quick", "heavy", "migrate"}
    queues = {service["environment"].get("Q_CLUSTER_NAME") for service in OURS.values()} - {None}
    assert queues == {settings.Q_CLUSTER["name"], *settings.Q_CLUSTER["ALT_CLUSTERS"]}


def test_every_command_is_one_of_the_portal() -> None:
    commands = [service["command"] for service in OURS.values() if "command" in service]
    assert [command[:2] for command in commands] == [["python", "manage.py"]] * 3
    assert {command[2] for command in commands} <= set(get_commands())


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting_and_comes_from_a_secret_that_is_mounted(name: str) -> None:
    service = OURS[name]
    known = {f"{variable(field)}_FILE" for field in Configuration.model_fields}
    named = {key: value for key, value in service["environment"].items() if key.startswith("DSR_")}
    assert set(named) <= known
    assert set(named.values()) == {f"/run/secrets/{secret}" for secret in service["secrets"]}


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_refers_to_is_defined(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(COMPOSE["volumes"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("depends_on", ())) <= set(SERVICES)


def test_only_the_web_server_is_reached_from_outside_and_only_by_this_host() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }
    assert SERVICES["db"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_nothing_starts_before_the_tables_are_there() -> None:
    for name in ("web", "quick", "heavy"):
        assert OURS[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert OURS["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert all("healthcheck" in SERVICES[name] for name in ("web", "db"))


@pytest.mark.parametrize("name", OURS)
def test_a_container_can_change_nothing_but_the_storage(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["volumes"] == ["storage:/srv/storage"]
    assert "DSR_STORAGE_DIR=/srv/storage" in DOCKERFILE


def test_images_are_named_without_a_registry() -> None:
    images = [service["image"] for service in SERVICES.values()] + re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert [image for image in images if "/" in image] == []


def test_the_image_installs_what_is_pinned_by_hash_and_runs_as_nobody_in_particular() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert "requirements.lock" in DOCKERFILE
    assert re.search(r"^USER portal\n(?:.*\n)*CMD ", DOCKERFILE, re.MULTILINE)
    assert "USER root" not in DOCKERFILE


def test_the_image_holds_every_package_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line[1:] for line in lines if line.startswith("!")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert "*" in lines
    assert kept == packages | {"templates", "manage.py", "requirements.lock"}
    assert [name for name in kept if not (ROOT / name).exists()] == []


SHOW = (
    "import json; from dsr_portal.configuration import read_configuration; c, faults = read_configuration(); "
    "print(json.dumps([[str(fault) for fault in faults], c.email_from, c.database_url.get_secret_value()]))"
)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the secrets")
def test_the_commands_of_the_document_make_what_the_portal_accepts(tmp_path: Path) -> None:
    document = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (commands,) = re.findall(r"```bash\n(.*?)```", document, re.DOTALL)
    subprocess.run(["bash", "-euc", commands], cwd=tmp_path, check=True)

    secrets = {name: tmp_path / secret["file"] for name, secret in COMPOSE["secrets"].items()}
    assert [name for name, path in secrets.items() if not path.is_file()] == []
    files = {
        name: str(secrets[value.rpartition("/")[2]])
        for name, value in OURS["web"]["environment"].items()
        if name.startswith("DSR_")
    }
    env_file = tmp_path / OURS["web"]["env_file"]
    lines = dict(line.split("=", 1) for line in env_file.read_text(encoding="utf-8").splitlines())
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env={**lines, **files}, check=True, capture_output=True, text=True
    )
    faults, email_from, database_url = json.loads(shown.stdout)
    assert faults == []
    assert email_from == "Example Ltd <privacy@example.org>"
    assert database_url == f"postgresql://portal:{secrets['postgres_password'].read_text().strip()}@db/portal"
