from __future__ import annotations

import re
from pathlib import Path

from pydantic import SecretStr

from dsr_portal.configuration import REQUIRED, Configuration, variable

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(DSR_\w+)` \|[^|]+\| ([^|]+) \|[^|]+\|$", re.MULTILINE)


def documented_defaults() -> dict[str, str]:
    return dict(ROW.findall((ROOT / "docs" / "operations.md").read_text(encoding="utf-8")))


def written_default(name: str) -> str:
    if name in REQUIRED:
        return "required"
    if name == "https":
        return "`true` unless `DSR_DEBUG` is on"
    default = Configuration.model_fields[name].default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, tuple):
        default = ",".join(default)
    if default == "":
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_the_table_of_settings_is_the_settings_class_with_the_same_defaults() -> None:
    assert documented_defaults() == {variable(name): written_default(name) for name in Configuration.model_fields}


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Configuration.model_fields.values())
