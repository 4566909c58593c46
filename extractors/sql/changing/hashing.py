"""Keyed hashes that every database computes alike: HMAC-SHA256 of a value's UTF-8 text, in lower-case hexadecimal.

HMAC is two hashes over padded keys; databases have the hash, so only the two padded keys are given to them.
Source: RFC 2104 §2, FIPS 180-4.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

DIGITS = 64
SQLITE_FUNCTION = "dsr_keyed_hash"
_BLOCK_BYTES = 64
_INNER, _OUTER = 0x36, 0x5C


def padded_keys(key: bytes) -> tuple[str, str]:
    """Pad a key for the inner and the outer hash; as hexadecimal text."""
    whole = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(_BLOCK_BYTES, b"\0")
    inner, outer = (bytes(byte ^ mask for byte in whole).hex() for mask in (_INNER, _OUTER))
    return inner, outer


class KeyedHash(FunctionElement[str]):
    """The keyed hash of a text; NULL of NULL."""

    name = "keyed_hash"
    type = sa.Text()
    inherit_cache = True

    def __init__(self, text: sa.ColumnElement[Any], keys: tuple[str, str]) -> None:
        pads = [sa.cast(sa.bindparam(None, pad, sa.Text(), unique=True), sa.Text) for pad in keys]
        super().__init__(text, *pads)


@compiles(KeyedHash)
def _on_postgresql(element: KeyedHash, compiler: SQLCompiler, **options: Any) -> str:
    text, inner, outer = (compiler.process(clause, **options) for clause in element.clauses)
    first = f"sha256(decode({inner}, 'hex') || convert_to({text}, 'UTF8'))"
    return f"encode(sha256(decode({outer}, 'hex') || {first}), 'hex')"


@compiles(KeyedHash, "mysql", "mariadb")
def _on_mariadb(element: KeyedHash, compiler: SQLCompiler, **options: Any) -> str:
    text, inner, outer = (compiler.process(clause, **options) for clause in element.clauses)
    first = f"SHA2(CONCAT(UNHEX({inner}), CAST(CONVERT({text} USING utf8mb4) AS BINARY)), 256)"
    return f"SHA2(CONCAT(UNHEX({outer}), UNHEX({first})), 256)"


@compiles(KeyedHash, "sqlite")
def _on_sqlite(element: KeyedHash, compiler: SQLCompiler, **options: Any) -> str:
    return f"{SQLITE_FUNCTION}({', '.join(compiler.process(clause, **options) for clause in element.clauses)})"


def sqlite_keyed_hash(text: str | None, inner: str, outer: str) -> str | None:
    """Compute a keyed hash for SQLite, which has no hash of its own."""
    if text is None:
        return None
    first = hashlib.sha256(bytes.fromhex(inner) + str(text).encode("utf-8", "surrogateescape")).digest()
    return hashlib.sha256(bytes.fromhex(outer) + first).hexdigest()
