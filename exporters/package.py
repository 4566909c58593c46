"""Packs an answer, in any number of formats, into one ZIP that is written as it is rendered."""

from __future__ import annotations

import ctypes
import hashlib
import json
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC
from importlib import import_module
from signal import SIGINT
from stat import S_IFREG
from typing import TYPE_CHECKING, Protocol

from exporters.start_here import STEM, PackedFile, start_here
from exporters.zipping import zipped
from extractors.ahead import ahead
from extractors.errors import UnwritableOutput

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from stream_zip import MemberFile

    from exporters.base import Answer, CollectionAnswer, Exporter, SourceAnswer
    from extractors.batches import Batch

SCHEMA = "dsr-package-1"
MANIFEST = "manifest.json"
_MODE = S_IFREG | 0o600
_MEDIA_TYPES = {"pdf": "application/pdf", "html": "text/html"}


class Output(Protocol):
    """What a package is written into: any binary file, or what encrypts it."""

    def write(self, content: bytes, /) -> int:
        """Take all of the bytes."""


def write_package(
    answer: Answer,
    exporters: Sequence[Exporter],
    out: Output,
    *,
    is_printed: bool = False,
    passphrase: str | None = None,
    progress: Callable[[int], None] | None = None,
    begun: Callable[[str, tuple[int, int] | None], None] | None = None,
) -> tuple[PackedFile, ...]:
    """Write a ZIP with a folder per format, named by its slug, then the file to open first, and last `manifest.json`.

    Streams: a few chunks are in memory at a time. The same answer gives the same bytes, but for those that a
    passphrase protects. The batches of a file are read in a thread of its own, while `out` and `progress` are called
    in the caller's.

    Args:
        is_printed: whether the file to open first is a PDF, which takes a second; else it is HTML.
        passphrase: encrypts every file, see `exporters.passphrase`; names and sizes stay readable.
        progress: is told how many records were rendered since it was last told; each format renders all of them.
        begun: is told the path of each file before it is written, and which part it is of how many, if it is one.

    Returns:
        The files that the manifest lists.

    Raises:
        UnwritableOutput: `out` does not take what is written.
    """
    package = _Package(answer, exporters, is_printed, progress or (lambda _: None), begun or (lambda *_: None))
    with closing(package.members()) as members:
        for chunk in zipped(members, passphrase=passphrase):
            _write(out, chunk)
    return tuple(package.files)


def listed(file: PackedFile) -> dict[str, str | int]:
    """Describe a file as the manifest lists it."""
    return {"path": file.path, "bytes": file.size_bytes, "sha256": file.sha256, "media_type": file.media_type}


def load_libraries() -> None:
    """Import what packing and rendering need, which takes a while and may be done beforehand in a thread.

    Importing polars takes Ctrl-C away from Python, and only the main thread may use `signal` to take it back.
    """
    handler = ctypes.pythonapi.PyOS_getsig(SIGINT)
    for name in ("polars", "pyarrow", "stream_zip", "isal.isal_zlib"):
        import_module(name)
    ctypes.pythonapi.PyOS_setsig(SIGINT, handler)


ctypes.pythonapi.PyOS_getsig.restype = ctypes.c_void_p
ctypes.pythonapi.PyOS_setsig.argtypes = (ctypes.c_int, ctypes.c_void_p)


def _write(out: Output, chunk: bytes) -> None:
    try:
        out.write(chunk)
    except UnwritableOutput:
        raise
    except OSError as error:
        raise UnwritableOutput(f"The export cannot be written: {error.strerror or type(error).__name__}") from error


class _Package:
    """One package in the making: what was rendered of it, and what its manifest will list."""

    def __init__(
        self,
        answer: Answer,
        exporters: Sequence[Exporter],
        is_printed: bool,
        progress: Callable[[int], None],
        begun: Callable[[str, tuple[int, int] | None], None],
    ) -> None:
        self.files: list[PackedFile] = []
        self._answer = answer
        self._exporters = exporters
        self._is_printed = is_printed
        self._progress = progress
        self._begun = begun
        self._rendered = 0
        self._reported = 0

    def members(self) -> Generator[MemberFile]:
        """Yield every file as stream-zip wants it, each to be read before the next is asked for."""
        counted = self._counted()
        for exporter in self._exporters:
            for member in exporter.members(counted):
                path, media_type = f"{exporter.slug}/{member.path}", member.media_type or exporter.media_type
                self._begun(path, member.part)
                with closing(ahead(_generator(member.chunks))) as chunks:
                    yield self._member(path, self._listed(path, media_type, chunks))
        self._begun(STEM, None)
        name, content = start_here(self._answer, self.files, is_printed=self._is_printed)
        media_type = _MEDIA_TYPES[name.rpartition(".")[2]]
        yield self._member(name, self._listed(name, media_type, iter([content])))
        yield self._member(MANIFEST, [self._manifest()])

    def _member(self, path: str, chunks: Iterable[bytes]) -> MemberFile:
        from stream_zip import ZIP_64

        return path, self._answer.exported_at.astimezone(UTC), _MODE, ZIP_64, chunks

    def _listed(self, path: str, media_type: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            yield chunk
            self._report()
        self.files.append(PackedFile(path, size, digest.hexdigest(), media_type))

    def _manifest(self) -> bytes:
        answer = self._answer
        manifest = {
            "schema": SCHEMA,
            "reference": answer.reference,
            "system": answer.system,
            "exported_at": answer.exported_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "complete": answer.is_complete,
            "records": {source.source.slug: _counts(source) for source in answer.sources},
            "files": [listed(file) for file in self.files],
        }
        return json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"

    def _report(self) -> None:
        rendered = self._rendered
        if rendered > self._reported:
            self._progress(rendered - self._reported)
            self._reported = rendered

    def _counted(self) -> Answer:
        """Give the answer anew, its batches counted as an exporter reads them."""
        sources = (
            replace(source, collections=_Each(source.collections, self._counted_collection))
            for source in self._answer.sources
        )
        return replace(self._answer, sources=tuple(sources))

    def _counted_collection(self, item: CollectionAnswer) -> CollectionAnswer:
        def batches() -> Iterator[Batch]:
            for batch in item.batches():
                yield batch
                self._rendered += batch.rows.num_rows

        return replace(item, batches=batches)


@dataclass(frozen=True, slots=True)
class _Each:
    """Collections changed one by one, as they are asked for."""

    collections: Iterable[CollectionAnswer]
    change: Callable[[CollectionAnswer], CollectionAnswer]

    def __iter__(self) -> Iterator[CollectionAnswer]:
        return map(self.change, self.collections)


def _counts(source: SourceAnswer) -> dict[str, int]:
    return {item.collection.name: item.count for item in source.collections}


def _generator(chunks: Iterator[bytes]) -> Generator[bytes]:
    yield from chunks
