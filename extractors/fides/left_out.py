"""What of a manifest a data map has no place for, and why, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractors.fides.manifest import EMPTY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from extractors.fides.manifest import Part

NO_ORDER = "not carried: rows are found by links, in whatever order collections are read"
POLICY = "not carried: a data map says by `erase` what becomes of values, Fides by its policies"
NO_PLACE = "not carried: a data map has no place for it"
REASONS = {
    "after": NO_ORDER,
    "erase_after": "not carried: what refers to other rows is erased before them, without being told",
    "length": "not carried: the database's own length counts",
    "read_only": "not carried: write no `rectify` and no erase value for it",
    "return_all_elements": "not carried: a list is always given out whole",
    "custom_request_field": "not carried: rows are found by what is proven about a person alone",
    "partitioning": "not carried: tables are read whole, by their indexes",
    "masking_strategy_override": POLICY,
    "retention": "not carried: it is told for collections and sources only",
    "references": "not carried: it belongs into fides_meta",
    "identity": "not carried: it belongs into fides_meta, of a field that is no structure and no list",
    "primary_key": "not carried: it belongs into fides_meta, of a field of the table itself",
}
DATASET = (
    {"fides_key", "name", "description", "collections", "data_categories", "retention", "third_country_transfers"},
    {"namespace"},
)
COLLECTION = (
    {"name", "description", "fields", "data_categories", "retention"},
    {"skip_processing"},
)
FIELD = (
    {"name", "description", "fields", "data_categories"},
    {"references", "identity", "primary_key", "data_type"},
)
NESTED = ({"name", "description", "fields", "data_categories"}, {"references", "data_type"})
REFERENCE = ({"direction"}, set[str]())


def left_out(part: Part, carried: tuple[set[str], set[str]]) -> Iterator[tuple[str, str]]:
    """Yield each key of a part that a data map does not take over, and why."""
    for given, known in ((part.own, carried[0]), (part.meta, carried[1])):
        for key, value in given.items():
            if key not in known and value not in EMPTY:
                yield str(key), _reason(part, str(key), value)


def _reason(part: Part, key: str, value: Any) -> str:
    if key == "masking_strategy_override" and isinstance(value, dict):
        return _masking_reason(part, value)
    return REASONS.get(key, NO_PLACE)


def _masking_reason(part: Part, override: Mapping[str, Any]) -> str:
    strategy = str(override.get("strategy"))
    if strategy == "delete":
        return "carried as `erase: {action: delete}`; see whether it is meant so"
    value = _erase_value(strategy, override.get("configuration") or {})
    name = part.name.rsplit(".", 1)[-1]
    as_here = f"; in an `erase` it would be `{name}: {value}`" if value else ", and a data map has none like it"
    return f"{POLICY} ({strategy}){as_here}"


def _erase_value(strategy: str, configuration: Any) -> str | None:
    if strategy == "null_rewrite":
        return "null"
    if strategy == "hash":
        return "{hash: sha256}"
    if strategy == "string_rewrite" and isinstance(configuration, dict):
        kept = configuration.get("format_preservation") or {}
        suffix = kept.get("suffix") or "" if isinstance(kept, dict) else ""
        return f'"{configuration.get("rewrite_value", "")}{suffix}"'
    return None


def deletes(part: Part) -> bool:
    """Whether a collection's rows are deleted, whatever the policies say of its fields."""
    override = part.meta.get("masking_strategy_override")
    return isinstance(override, dict) and override.get("strategy") == "delete"
