"""`dsr_deadline` from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from requests_app.deadlines.rules import shipped_rules

VECTORS = Path("tests/requests_app/deadlines/vectors.json")


def deadline(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "dsr_deadline", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_answer_worked_out_from_the_law_is_given():
    ran = deadline("--vectors", str(VECTORS))
    assert ran.returncode == 0, ran.stdout
    vectors = json.loads(VECTORS.read_text())
    assert f"{len(vectors)} of {len(vectors)} as expected" in ran.stdout
    assert len({vector["place"][:2] for vector in vectors}) >= 8
    assert all(vector["why"] for vector in vectors)


def test_a_difference_is_shown_with_its_steps(tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text('[{"place": "DE", "received": "2026-03-05", "due": "2026-04-05"}, {"place": "?"}]')
    ran = deadline("--vectors", str(wrong))
    assert ran.returncode == 1
    assert "vector 1: due 2026-04-07, expected 2026-04-05" in ran.stdout
    assert "Easter Monday" in ran.stdout
    assert "vector 2: place" in ran.stdout
    assert "0 of 2 as expected" in ran.stdout


def test_machines_are_told_all_of_it():
    ran = deadline("--place", "DE", "--received", "2026-03-05", "--json")
    answer = json.loads(ran.stdout)
    assert (answer["due"], answer["due_if_suspended"]) == ("2026-04-07", "2026-04-07")
    assert (answer["rule"]["code"], answer["rule"]["version"], answer["rule"]["confidence"]) == ("GDPR", 1, "high")
    assert answer["target"] <= answer["due"]
    assert answer["steps"][-1]["source"]
    assert answer["holidays"]["from"].startswith("holidays ")


def test_people_are_told_what_is_not_sure():
    told = deadline("--place", "US-OR", "--received", "2026-03-05").stdout
    assert "Check this with counsel" in told
    told = deadline("--place", "AR", "--received", "2026-03-05").stdout
    assert "No law obliges" in told


def test_an_instant_is_a_day_of_the_portals_time_zone():
    at = ("--place", "DE", "--received", "2026-03-05T23:30:00Z", "--json")
    ran = subprocess.run(
        [sys.executable, "manage.py", "dsr_deadline", *at],
        capture_output=True,
        text=True,
        check=False,
        env={"DSR_TIME_ZONE": "Europe/Berlin", "PATH": ""},
    )
    assert json.loads(ran.stdout)["steps"][0]["date"] == "2026-03-06"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--place", "Germany", "--received", "2026-03-05"), "no place like DE"),
        (("--place", "DE"), "--received is missing"),
        (("--place", "UK", "--received", "2026-03-05"), "GB is meant"),
        (("--place", "DE", "--received", "9999-12-31"), "between 1970 and 2199"),
        (("--place", "BR", "--received", "2026-03-05", "--extended", "5"), "no extension"),
        (("--place", "GB", "--received", "2026-03-05", "--identity", "2026-03-06", "a", "b"), "pairs of days"),
        (("--place", "DE", "--received", "5.3.2026"), "no day like 2026-03-05"),
        (("--place", "DE", "--received", "2026-03-05", "--extended", "3"), "at most 2 months"),
        (
            ("--place", "DE", "--received", "2026-03-05", "--identity", "2026-03-09", "2026-03-08"),
            "before the question",
        ),
    ],
)
def test_what_is_wrong_is_named(arguments, told):
    ran = deadline(*arguments)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_another_table_of_rules_is_used_and_its_faults_are_named(tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text("[[rule]]\ncode = 'X'")
    ran = deadline("--place", "DE", "--received", "2026-03-05", "--rules", str(rules))
    assert ran.returncode == 1
    assert "rule[0].code" in ran.stderr


ODD = [
    (5, "no object"),
    ({}, "place is missing"),
    ({"place": "DE"}, "received is missing"),
    ({"place": ["DE"], "received": "2026-03-05"}, "place: ['DE'] is no place"),
    ({"place": "DE", "received": 20260305}, "received: 20260305 is no day"),
    ({"place": "DE", "received": "2026-02-30"}, "received: '2026-02-30' is no day"),
    ({"place": "DE", "received": "2026-03-05", "right": ["access"]}, "right: there is no right"),
    ({"place": "DE", "received": "2026-03-05", "extended": "yes"}, "extended: takes true"),
    ({"place": "DE", "received": "2026-03-05", "identity": "2026-03-06"}, "identity: takes pairs"),
    ({"place": "DE", "received": "2026-03-05", "identity_answered": "2026-03-06"}, "identity_asked is missing"),
    (
        {"place": "DE", "received": "2026-03-05", "clarification_asked": "2026-03-01"},
        "clarification_asked: the question",
    ),
    ({"place": "DE", "received": "2026-03-05"}, "due is missing: nothing is expected"),
]


def test_odd_questions_are_named_by_their_number_and_field(tmp_path):
    path = tmp_path / "odd.json"
    path.write_text(json.dumps([vector for vector, _ in ODD]))
    ran = deadline("--vectors", str(path))
    assert (ran.returncode, ran.stderr) == (1, "")
    *lines, summary = ran.stdout.splitlines()
    assert summary == f"0 of {len(ODD)} as expected"
    for number, (line, (_, told)) in enumerate(zip(lines, ODD, strict=True), 1):
        assert line.startswith(f"vector {number}: {told}" if number > 1 else "vector 1: it is no object")


def test_what_a_law_does_not_know_is_said_in_the_steps():
    told = deadline("--place", "BR", "--received", "2026-03-05", "--extended").stdout
    assert "knows no extension" in told
    told = deadline("--place", "CH", "--received", "2026-03-05", "--extended").stdout
    assert "none was named" in told
    told = deadline("--place", "US-CA", "--received", "2026-03-05", "--right", "objection", "--extended").stdout
    assert "extends no period of this right" in told
    told = deadline("--place", "GB", "--received", "2026-03-05", "--identity", "2026-03-06").stdout
    assert "The clock stands still" in told


def test_the_documentation_says_what_the_command_says(tmp_path):
    text = Path("docs/deadlines.md").read_text()
    call, _, rest = text.partition("    $ python manage.py dsr_deadline ")[2].partition("\n")
    shown = [line.removeprefix("    ") for line in rest.split("\n\n")[0].splitlines()]
    assert deadline(*call.split()).stdout.splitlines() == shown
    example = tmp_path / "example.json"
    example.write_text("[" + text.partition("    [")[2].partition("]\n")[0] + "]")
    assert "1 of 1 as expected" in deadline("--vectors", str(example)).stdout


def test_the_documentation_lists_every_rule_with_its_confidence():
    lines = Path("docs/deadlines.md").read_text().splitlines()
    table = [line for line in lines if line.startswith("| `")]
    for rule in shipped_rules():
        (line,) = (line for line in table if f"`{rule.code}`" in line)
        assert line.endswith(f"| {rule.confidence} |"), rule.code
        assert str(rule.period.length) in line
