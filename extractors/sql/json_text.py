"""JSON that a database holds as text, and perhaps never looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import pyarrow as pa


def valid_json(values: pa.Array[Any]) -> pa.Array[Any]:
    """Let every text be valid JSON: what is none becomes a JSON string."""
    import pyarrow as pa

    return pa.array([_json_or_string(value) for value in values.to_pylist()], pa.string())


def _json_or_string(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return orjson.dumps(value).decode()
    return value
