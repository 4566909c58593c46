from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

import pytest

from extractors.errors import DsrError, UnwritableOutput
from requests_app import storage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "export-5-1.zip"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    """The storage of a test, not made yet."""
    settings.DSR_STORAGE_DIR = tmp_path / "var" / "storage"
    return settings.DSR_STORAGE_DIR


@pytest.fixture
def _permissive_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def put(name: str, content: bytes = b"sealed") -> None:
    with storage.create(name) as file:
        file.write(content)


def content_of(name: str) -> bytes:
    with storage.open(name) as file:
        return file.read()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_comes_back_from_the_folder_of_the_setting(folder):
    put("search-12-3.segment")

    assert content_of("search-12-3.segment") == b"sealed"
    assert (folder / "search-12-3.segment").read_bytes() == b"sealed"
    assert storage.size("search-12-3.segment") == 6


@pytest.mark.usefixtures("_permissive_umask")
def test_folder_and_files_are_their_owners_alone_whatever_the_umask(folder):
    put(NAME)

    assert mode(folder) == 0o700
    assert mode(folder / NAME) == 0o600


def test_what_is_written_is_on_the_disk_at_once_and_can_be_read_through_the_same_file(folder):
    with storage.create(NAME) as file:
        file.write(b"sealed")
        assert (folder / NAME).read_bytes() == b"sealed"
        file.seek(2)
        assert file.read() == b"aled"


def test_what_a_dead_worker_left_is_replaced_and_its_late_writes_go_nowhere():
    with storage.create(NAME) as left:
        left.write(b"of a worker thought dead")
        put(NAME, b"new")
        left.write(b"late")

    assert content_of(NAME) == b"new"


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(folder, tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"untouched")
    folder.mkdir(parents=True)
    (folder / NAME).symlink_to(target)

    put(NAME)

    assert target.read_bytes() == b"untouched"
    assert not (folder / NAME).is_symlink()


def test_a_missing_file_is_named():
    for look in (storage.open, storage.size):
        with pytest.raises(storage.MissingArtefact, match=f"^{NAME} is not in the storage") as refusal:
            look(NAME)
        assert isinstance(refusal.value, DsrError)
        assert isinstance(refusal.value, FileNotFoundError)


def test_a_deleted_file_is_missing_and_deleting_again_is_fine():
    put(NAME)
    storage.delete(NAME)
    storage.delete(NAME)

    with pytest.raises(storage.MissingArtefact):
        storage.open(NAME)


def test_a_file_deleted_while_it_is_read_is_read_to_its_end():
    put(NAME)
    with storage.open(NAME) as file:
        storage.delete(NAME)
        assert file.read() == b"sealed"


def test_a_file_opened_to_be_read_cannot_be_written():
    put(NAME)
    with storage.open(NAME) as file, pytest.raises(OSError, match="not open for writing"):
        file.write(b"x")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".zip",
        "zip",
        "../export-5-1.zip",
        "/etc/export.zip",
        "a/b.zip",
        "a\\b.zip",
        "a..zip",
        "a.tar.gz",
        "-a.zip",
        "a-.zip",
        "a--b.zip",
        "A.zip",
        "a b.zip",
        "a.zip\n",
        "a\0.zip",
        "ä.zip",
        "٣.zip",
        "a" * 77 + ".zip",
    ],
)
def test_what_is_no_name_of_the_storage_is_refused_everywhere(name, folder):
    for act in (storage.create, storage.open, storage.delete, storage.size):
        with pytest.raises(ValueError, match=r"named in small letters, digits and hyphens, as export-5-1\.zip"):
            act(name)
    assert not folder.exists()


def test_the_longest_name_fits():
    put("a" * 76 + ".zip")

    assert content_of("a" * 76 + ".zip") == b"sealed"


def test_names_come_with_the_seconds_since_they_were_written(folder):
    put("old-1.zip")
    put("new-1.segment")
    hour_ago = time.time() - 3600
    os.utime(folder / "old-1.zip", (hour_ago, hour_ago))

    ages = dict(storage.names())

    assert set(ages) == {"old-1.zip", "new-1.segment"}
    assert ages["old-1.zip"] == pytest.approx(3600, abs=60)
    assert 0 <= ages["new-1.segment"] < 60


def test_a_file_written_in_the_future_has_no_negative_age(folder):
    put(NAME)
    tomorrow = time.time() + 86400
    os.utime(folder / NAME, (tomorrow, tomorrow))

    assert list(storage.names()) == [(NAME, 0)]


def test_names_pass_over_what_is_not_the_storages(folder):
    put(NAME)
    (folder / "README").touch()
    (folder / ".keep").touch()
    (folder / "a.d").mkdir()

    assert [name for name, _ in storage.names()] == [NAME]


def test_names_go_on_when_a_file_is_deleted_meanwhile():
    for number in range(3):
        put(f"export-{number}.zip")
    names = storage.names()
    first, _ = next(names)
    others = {f"export-{number}.zip" for number in range(3)} - {first}
    gone, stays = sorted(others)
    storage.delete(gone)

    assert [name for name, _ in names] == [stays]


def test_a_storage_that_is_not_there_has_no_names_and_is_not_made(folder):
    assert list(storage.names()) == []
    assert not folder.exists()


def test_a_storage_that_cannot_be_made_is_one_error_in_plain_words(folder):
    folder.parent.write_bytes(b"a file where a folder should be")

    with pytest.raises(UnwritableOutput, match=f"^{NAME} cannot be written into the storage: "):
        storage.create(NAME)


def test_what_cannot_be_replaced_read_or_removed_is_named_with_the_reason(folder):
    (folder / NAME).mkdir(parents=True)

    with pytest.raises(UnwritableOutput, match=f"^{NAME} cannot be written into the storage: "):
        storage.create(NAME)
    with pytest.raises(storage.UnreadableArtefact, match=f"^{NAME} cannot be read from the storage: Is a directory"):
        storage.open(NAME)
    with pytest.raises(UnwritableOutput, match=f"^{NAME} cannot be removed from the storage: "):
        storage.delete(NAME)
