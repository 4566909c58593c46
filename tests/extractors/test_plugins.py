from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from extractors.plugins import FaultyPlugIn, plug_ins

MODULE = "from tests.extractors.test_plugins import Animal\n"
CLASS = "class {name}(Animal):\n    slug = {slug!r}\n    def sound(self): return 'x'\n"


class Animal(ABC):
    slug: str

    @abstractmethod
    def sound(self) -> str: ...


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """Give an importable package, empty, its name that of the test, for modules stay imported."""
    folder = tmp_path / request.node.name
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def write(folder: Path, module: str, *classes: tuple[str, str]) -> None:
    text = "\n\n".join(CLASS.format(name=name, slug=slug) for name, slug in classes)
    (folder / f"{module}.py").write_text(MODULE + text)


def install(folder: Path, entry_point: str) -> None:
    """Install a distribution with one entry point beside a package."""
    information = folder.parent / "zoo-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: zoo\nVersion: 1\n")
    (information / "entry_points.txt").write_text(f"[test.animals]\n{entry_point}\n")


def names(folder: Path) -> dict[str, str]:
    return {slug: found.__name__ for slug, found in plug_ins(folder.name, "test.animals", Animal).items()}


def test_a_plug_in_is_found_by_being_a_module_of_the_package(package: Path):
    write(package, "zebra", ("Zebra", "zebra"))
    write(package, "ant", ("Ant", "ant"))
    assert list(names(package).items()) == [("ant", "Ant"), ("zebra", "Zebra")]


def test_classes_that_are_imported_or_abstract_are_no_plug_ins(package: Path):
    write(package, "ant", ("Ant", "ant"))
    (package / "bee.py").write_text(MODULE + "from .ant import Ant\nclass Insect(Animal):\n    slug = 'insect'\n")
    assert names(package) == {"ant": "Ant"}


def test_a_plug_in_of_an_installed_distribution_is_found(package: Path):
    write(package.parent, "thirdparty", ("Dog", "dog"))
    install(package, "dog = thirdparty:Dog")
    assert names(package) == {"dog": "Dog"}


def test_an_entry_point_of_another_family_is_refused(package: Path):
    install(package, "path = pathlib:Path")
    with pytest.raises(FaultyPlugIn, match="'pathlib:Path' is no concrete Animal"):
        names(package)


def test_a_slug_taken_twice_is_refused_with_both_names(package: Path):
    write(package, "ant", ("Ant", "ant"))
    write(package, "bee", ("Bee", "ant"))
    with pytest.raises(FaultyPlugIn, match=r"ant\.Ant and .*bee\.Bee have the slug 'ant'"):
        names(package)


def test_a_plug_in_without_a_slug_is_refused(package: Path):
    write(package, "ant", ("Ant", ""))
    with pytest.raises(FaultyPlugIn, match=r"ant\.Ant has no slug"):
        names(package)
