"""Every act that can stand in the audit trail has words of its own in the console."""

from __future__ import annotations

import ast
from pathlib import Path

import requests_app
from requests_app.admin.timeline import WORDS, what
from requests_app.audit.recording import ACTION
from requests_app.workflow import TRANSITIONS

FOLDER = Path(requests_app.__file__).parent
# Written with a part that varies; every other one of this kind has to be added here.
VARYING = {
    "request.{}": {f"request.{transition.act}" for transition in TRANSITIONS.values()},
    "correction.{}": {"correction.approved", "correction.rejected", "correction.stated"},
    "{}.failed": {"preview.failed", "change.failed"},
}


def acts_recorded(tree: ast.AST):
    """Yield the arguments of each call that records, by whatever name a module gives it, and of forms that do."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if "record" in name or name == "_form":
                yield from node.args


def written_in(node: ast.AST) -> set[str]:
    """Give the actions that an expression can be."""
    if isinstance(node, ast.JoinedStr):
        text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        return VARYING[text] if "." in text and " " not in text else set()
    if isinstance(node, ast.IfExp):
        return written_in(node.body) | written_in(node.orelse)
    is_action = isinstance(node, ast.Constant) and isinstance(node.value, str) and ACTION.fullmatch(node.value)
    return {node.value} if is_action else set()


def actions() -> set[str]:
    """Find every action that the portal records."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FOLDER.rglob("*.py")]
    return {action for tree in trees for node in acts_recorded(tree) for action in written_in(node)}


def test_every_act_on_record_has_words_of_its_own():
    known = actions()
    some = {"export.downloaded", "certificate.issued", "search.done", "change.done", "request.withdrawn", "user.added"}
    assert some <= known
    assert not [action for action in sorted(known) if action not in WORDS]


def test_an_act_of_before_is_told_by_its_name():
    assert what("dossier.left_behind") == "dossier: left behind"
