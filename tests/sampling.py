"""Which cases of wide matrices `make test` runs; `make test-all` runs them all.

A test that is made for each kind of database, each width of a window, each of the demonstration's companies, each way
of printing, runs for one of them. Which one is chosen by the test's name: the same in every run and every process,
another for the next test.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

# Whole portals with workers and browsers take minutes each. What they show of single rooms is tried in those rooms too.
LEFT_WHOLE = tuple(
    f"tests/{name}"
    for name in (
        "browser/test_conversation.py",
        "browser/test_erasure.py::test_somebody_of_whom_nothing_is_held",
        "browser/test_erasure.py::test_withdrawn_in_time",
        "browser/test_files.py",
        "browser/test_identity.py",
        "browser/test_lists_and_register.py",
        "browser/test_objection.py::test_the_browsers_signal_is_honoured",
        "browser/test_progress.py",
        "browser/test_recipients.py",
        "browser/test_recorded_letter.py",
        "browser/test_refusals.py",
        "browser/test_representative.py",
        "browser/test_webhooks.py",
        "browser/test_whole_job.py",
        "crash/test_cut_off.py",
        "crash/test_killed_changes.py::test_every_erasure_is_done_once",
        "crash/test_killed_corrections.py",
        "crash/test_killed_further_files.py",
        "crash/test_killed_idle_processes.py",
        "crash/test_killed_imports.py",
        "crash/test_killed_marks.py",
        "crash/test_killed_webhooks.py",
        "crash/test_progress_after_a_crash.py",
        "live/test_nothing_in_clear.py",
        "requests_app/test_audit.py::test_the_refusal_can_be_taken_back_and_made_again",
    )
)
AXES = (
    "sqlite|postgresql|mariadb",
    "desktop|phone",
    "light|dark",
    "saas|grants",
    "bare|filled in",
    "alone|in parts",
    "390|800",
    "size0|size1",
)
_KINDS = re.compile(rf"(?<![a-z])(?:{'|'.join(AXES)})(?![a-z])")
_ON_DATABASE = re.compile(r"_on_(?:sqlite|postgresql|mariadb)$")


def left_out(items: list[pytest.Item]) -> list[pytest.Item]:
    """Give the cases that are left to `make test-all`."""
    whole = [item for item in items if item.nodeid.startswith(LEFT_WHOLE)]
    matrices: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        name, _, case = item.nodeid.partition("[")
        if _KINDS.search(case) or _ON_DATABASE.search(name):
            matrices[f"{_ON_DATABASE.sub('', name)}[{_KINDS.sub('*', case)}"].append(item)
    return whole + [item for name, cases in matrices.items() for item in cases if item is not _chosen(name, cases)]


def _chosen(name: str, cases: list[pytest.Item]) -> pytest.Item:
    in_order = sorted(cases, key=lambda item: item.nodeid)
    return in_order[zlib.crc32(name.encode()) % len(in_order)]
