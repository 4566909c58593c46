from __future__ import annotations

import errno
import hashlib
import io
import json
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exporters.base import Answer
from exporters.package import write_package
from exporters.registry import find
from extractors.batches import Batch, Kind
from extractors.errors import SourceUnavailable, UnwritableOutput
from tests.exporters.factories import a_collection_answer, a_source, an_answer, written

FORMATS = ("json", "csv")


def package_of(answer: Answer, *formats: str, **options: object) -> bytes:
    out = io.BytesIO()
    write_package(answer, [find(slug) for slug in formats or FORMATS], out, **options)
    return out.getvalue()


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


@pytest.fixture
def answer() -> Answer:
    columns = {"id": (Kind.INTEGER, range(2500)), "text": (Kind.TEXT, [f"row {row}" for row in range(2500)])}
    return an_answer(
        a_collection_answer(columns), a_collection_answer({"id": (Kind.INTEGER, [1])}, name="Bücher", batch_rows=1)
    )


def test_there_is_a_folder_for_each_format_and_the_manifest_last(answer: Answer):
    packed = opened(package_of(answer))
    assert packed.testzip() is None
    assert packed.namelist() == [
        *(
            "json/export.json",
            "json/export.schema.json",
            "csv/orders.csv",
            "csv/Bücher.csv",
            *("csv/summary.csv", "csv/searched.csv", "csv/about.csv", "csv/README.csv"),
            "START-HERE.html",
            "manifest.json",
        ),
    ]
    for slug in FORMATS:
        for path, data in written(find(slug), answer).items():
            assert packed.read(f"{slug}/{path}") == data


def test_several_sources_have_folders_of_their_own():
    items = [a_collection_answer({"id": (Kind.INTEGER, [])}, source=a_source(slug)) for slug in ("shop", "crm")]
    assert "csv/crm/orders.csv" in opened(package_of(an_answer(*items))).namelist()


def test_the_manifest_lists_every_other_file_with_its_digest(answer: Answer):
    packed = opened(package_of(answer))
    manifest = json.loads(packed.read("manifest.json"))
    assert manifest["schema"] == "dsr-package-1"
    assert (manifest["reference"], manifest["system"]) == (answer.reference, answer.system)
    assert manifest["exported_at"] == "2024-05-06T07:08:10Z"
    assert manifest["complete"] is True
    assert manifest["records"] == {"shop": {"orders": 2500, "Bücher": 1}}
    assert [file["path"] for file in manifest["files"]] == packed.namelist()[:-1]
    for file in manifest["files"]:
        data = packed.read(file["path"])
        assert file["bytes"] == len(data)
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
    assert {file["path"]: file["media_type"] for file in manifest["files"]} == {
        "json/export.json": "application/json",
        "json/export.schema.json": "application/schema+json",
        "csv/orders.csv": "text/csv",
        "csv/Bücher.csv": "text/csv",
        **dict.fromkeys(("csv/summary.csv", "csv/searched.csv", "csv/about.csv", "csv/README.csv"), "text/csv"),
        "START-HERE.html": "text/html",
    }


def test_the_same_answer_gives_the_same_package_dated_by_the_export(answer: Answer):
    data = package_of(answer)
    assert data == package_of(answer)
    assert {info.date_time for info in opened(data).infolist()} == {(2024, 5, 6, 7, 8, 10)}


def test_an_answer_without_sources_is_a_package_too():
    assert opened(package_of(an_answer())).testzip() is None


@pytest.mark.skipif(not shutil.which("unzip"), reason="unzip is not installed")
def test_unzip_reads_the_package(answer: Answer, tmp_path: Path):
    path = tmp_path / "export.zip"
    path.write_bytes(package_of(answer))
    assert subprocess.run(["unzip", "-tq", path], capture_output=True, check=False).returncode == 0


def test_progress_is_told_every_record_of_every_format_in_the_thread_of_the_caller(answer: Answer):
    told: list[int] = []
    threads: set[int] = set()

    def progress(records: int) -> None:
        told.append(records)
        threads.add(threading.get_ident())

    package_of(answer, progress=progress)
    assert sum(told) == answer.records * len(FORMATS)
    assert len(told) > 4
    assert threads == {threading.get_ident()}


def test_each_file_is_told_before_it_is_written_and_parts_before_they_are_printed(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("exporters.document.parts.MOST_VALUES", 60)
    monkeypatch.setattr("exporters.document.parts.MOST_VALUES_ALONE", 60)
    told: list[tuple[str, tuple[int, int] | None, int]] = []
    records: list[int] = []
    short = replace(answer, printed_rows=25)
    package_of(
        short, "csv", "pdf", progress=records.append, begun=lambda path, part: told.append((path, part, sum(records)))
    )
    of_csv, of_pdf, last = told[:6], told[6:-1], told[-1]
    assert [(path, part) for path, part, _ in of_csv][:2] == [("csv/orders.csv", None), ("csv/Bücher.csv", None)]
    assert [part for _, part, _ in of_pdf] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert last[:2] == ("START-HERE", None)
    assert told[0][2] == 0
    assert told[1][2] == 2500


def broken(answer: Answer, error: Exception) -> Answer:
    (source,) = answer.sources
    first, *others = source.collections

    def batches() -> Iterator[Batch]:
        yield next(first.batches())
        raise error

    collections = (replace(first, batches=batches), *others)
    return replace(answer, sources=(replace(source, collections=collections),))


@pytest.mark.parametrize("error", [SourceUnavailable("gone", permanent=False), KeyError("x")])
def test_an_error_in_mid_stream_is_passed_on_and_no_thread_is_left(answer: Answer, error: Exception):
    before = threading.active_count()
    with pytest.raises(type(error)) as caught:
        package_of(broken(answer, error))
    assert caught.value is error
    assert threading.active_count() == before


def test_a_full_disk_is_named_and_no_thread_is_left(answer: Answer):
    class Full(io.RawIOBase):
        def write(self, data: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    before = threading.active_count()
    with pytest.raises(UnwritableOutput, match="No space left on device"):
        write_package(answer, [find("json")], Full())
    assert threading.active_count() == before


def test_no_more_than_a_few_batches_are_alive_while_packing(answer: Answer):
    read, written_at = 0, []
    item = answer.sources[0].collections[0]

    class Out(io.BytesIO):
        def write(self, data: bytes) -> int:
            written_at.append(read)
            return super().write(data)

    def batches() -> Iterator[Batch]:
        nonlocal read
        for _ in range(50):
            for batch in item.batches():
                read += 1
                yield batch

    many = replace(item, batches=batches, counted=lambda: item.count * 50)
    out = Out()
    write_package(an_answer(many), [find("csv")], out)
    assert read == 150
    assert written_at[0] <= 5
    assert opened(out.getvalue()).testzip() is None
