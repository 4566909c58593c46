"""Column types and helpers the two schemas share: natural on PostgreSQL, with a variant on SQLite.

Values are handed over as what PostgreSQL reads in COPY and SQLite stores: instants, dates, decimals, UUIDs,
networks and JSON as text, arrays as lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CHAR, TIMESTAMP, BigInteger, Column, ForeignKey, Index, Integer, MetaData, Text, func
from sqlalchemy import JSON as PLAIN_JSON
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB, UUID

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.types import TypeEngine

ID = BigInteger().with_variant(Integer(), "sqlite")
KEY = UUID(as_uuid=False).with_variant(CHAR(36), "sqlite")
INSTANT = TIMESTAMP(timezone=True)
DOCUMENT = JSONB().with_variant(PLAIN_JSON(), "sqlite")
NETWORK = INET().with_variant(Text(), "sqlite")
TEXTS = ARRAY(Text()).with_variant(PLAIN_JSON(), "sqlite")
KEYS = ARRAY(UUID(as_uuid=False)).with_variant(PLAIN_JSON(), "sqlite")


def metadata() -> MetaData:
    """Make an empty schema whose constraints and indexes get speaking names."""
    return MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        }
    )


def identity(kind: TypeEngine[Any] = ID) -> Column[Any]:
    """Make the primary key `id`."""
    return Column("id", kind, primary_key=True, autoincrement=False)


def reference(name: str, target: str, kind: TypeEngine[Any] = ID, *, required: bool = False) -> Column[Any]:
    """Make an indexed column with a foreign key to `target` (`table.column`)."""
    return Column(name, kind, ForeignKey(target), nullable=not required, index=True)


def secret(name: str) -> Column[str]:
    """Make a text column that must never leave the source."""
    return Column(name, Text(), info={"secret": True})


def document(name: str, *secret_paths: str) -> Column[object]:
    """Make a JSON column; `secret_paths` (JSONPath) are the parts that must never leave the source."""
    return Column(name, DOCUMENT, info={"secret_paths": list(secret_paths)})


def index_folded(table: Table, *names: str) -> None:
    """Index columns of addresses the way they are searched: in lower case."""
    for name in names:
        Index(f"ix_{table.name}_{name}_lower", func.lower(table.c[name]))
