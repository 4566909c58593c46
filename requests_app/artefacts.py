"""Files made by an attempt at leased work: each with a key of its own, and nothing left where the attempt fails."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from extractors.errors import UnwritableOutput
from requests_app import storage
from requests_app.keys.stored import create_key, destroy_key, open_key
from requests_app.models import Export

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from requests_app.keys.envelope import DataKey
    from requests_app.models import EncryptionKey, SourceSearch


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file being written, by the name it has in the storage, and the key that encrypts it."""

    name: str
    file: BinaryIO
    key: DataKey
    stored_key: EncryptionKey


@contextmanager
def fresh_artefact(row: SourceSearch | Export, name: str, keep: Callable[..., None]) -> Iterator[Artefact]:
    """Give a new file and key; both are gone again when the block fails.

    The key of an attempt before, whose worker may have died, is destroyed: what it encrypted is of no use.

    Args:
        keep: `Work.keep` of the attempt: whoever lost the lease meanwhile must touch neither row nor keys.

    Raises:
        LostLease: somebody else has it.
        UnwritableOutput: the storage is full or not writable.
    """
    with transaction.atomic():
        stored_key = create_key(row.request.key)
        keep(key=stored_key)
        if row.key_id:
            destroy_key(row.key_id)
    try:
        with storage.create(name) as file:
            yield Artefact(name, file, open_key(stored_key.pk), stored_key)
    except BaseException:
        with suppress(UnwritableOutput):  # what failed first says more, and the clean-up deletes strays
            storage.delete(name)
        connection.close_if_unusable_or_obsolete()  # the database may be what failed
        destroy_key(stored_key.pk)
        raise


def take_away(export: Export, **marks: object) -> bool:
    """Destroy the key of an export, and with it all copies of its file, in the caller's transaction.

    The file itself goes once that is committed; what cannot be removed then, the clean-up finds as a stray.

    Args:
        marks: further fields to store with it.

    Returns:
        Whether there was a file until now.
    """
    there = Export.objects.filter(pk=export.pk, removed_at=None)
    if not there.update(removed_at=timezone.now(), file="", **marks):
        return False
    if export.key_id:
        destroy_key(export.key_id)
    if export.file:
        transaction.on_commit(partial(_delete, export.file))
    return True


def _delete(name: str) -> None:
    with suppress(UnwritableOutput):
        storage.delete(name)
