from __future__ import annotations

import json
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command

from requests_app import audit
from requests_app.audit import SYSTEM
from requests_app.models import AuditEntry


def verify_audit(*arguments: str) -> str:
    output = StringIO()
    call_command("dsr_verify_audit", *arguments, stdout=output)
    return output.getvalue()


def test_a_sound_trail_is_one_line(db):
    assert verify_audit() == "0 entries in 0 seals, sound; 0 not sealed yet\n"

    audit.record("source.checked", SYSTEM)
    audit.seal()
    assert verify_audit() == "1 entry in 1 seal, sound; 0 not sealed yet\n"

    AuditEntry.objects.bulk_create(AuditEntry(action="source.checked", actor_kind="system") for _ in range(1233))
    audit.seal()
    audit.record("source.checked", SYSTEM)
    assert verify_audit() == "1,234 entries in 2 seals, sound; 1 not sealed yet\n"


def test_the_verdict_is_there_for_programs_too(db):
    audit.record("source.checked", SYSTEM)
    sealed = audit.seal()
    assert json.loads(verify_audit("--json")) == {
        "is_sound": True,
        "seals": 1,
        "entries": 1,
        "unsealed": 0,
        "broken": None,
        "head": {"number": 1, "hash": sealed.hash},
    }


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_a_broken_trail_is_one_line_and_status_1(postgres_portal, start_portal, arguments):
    for _ in range(2):
        audit.record("source.checked", SYSTEM)
        sealed = audit.seal()
    with psycopg.connect(postgres_portal) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(f"DELETE FROM requests_app_auditentry WHERE id = {sealed.entry_ids[0]}")

    process = start_portal(postgres_portal, "dsr_verify_audit", *arguments)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    reason = f"entry {sealed.entry_ids[0]} is missing"
    assert stderr == f"CommandError: Seal 2: {reason}.\n"
    if arguments:
        said = json.loads(stdout)
        assert (said["is_sound"], said["broken"]) == (False, {"number": 2, "reason": reason})
    else:
        assert stdout == ""


def test_a_head_kept_elsewhere_is_found_among_the_seals_or_missed(db):
    audit.record("source.checked", SYSTEM)
    first = audit.seal()
    audit.record("source.checked", SYSTEM)
    audit.seal()
    spaced = " ".join((first.hash[:8].upper(), first.hash[8:]))
    assert verify_audit("--holds", spaced).splitlines()[-1] == "Seal 1 has this hash."
    assert json.loads(verify_audit("--holds", first.hash, "--json"))["is_sound"] is True
    with pytest.raises(CommandError, match="No seal has this hash"):
        verify_audit("--holds", "ab" * 32)
