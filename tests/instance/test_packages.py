import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from pulsemill_instance.archives import ExtractionLimits
from pulsemill_instance.dependencies import DependencyRepositories
from pulsemill_instance.packages import OpenedPackage, PackageOptions, open_package
from pulsemill_instance.startup_errors import PackageLoadError


def package_of(path: Path, **files: str) -> Path:
    """An archive; in the names of its entries `__` stands for `/`."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/") + ".py", content)
    return path


def test_the_folder_of_a_file_is_the_path_and_nothing_is_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "fn.py"
    file.touch()
    opened = open_package(file)
    assert opened.folders == (tmp_path,)
    opened.close()
    assert list(tmp_path.iterdir()) == [file]


def test_an_update_within_a_second_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "fn.py"
    for value in (1, 2):
        file.write_text(f"X = {value}")
        os.utime(file, (1_000_000, 1_000_000))
        open_package(file)
        assert imported_anew(file) == value


def imported_anew(file: Path) -> int:
    """What a new interpreter imports."""
    command = [sys.executable, "-c", "import fn; print(fn.X)"]
    return int(subprocess.run(command, cwd=file.parent, capture_output=True, check=True).stdout)


def test_a_zip_brings_its_source_folder(tmp_path: Path) -> None:
    opened = open_package(package_of(tmp_path / "fn.zip", fn__src__main="x = 1"))
    (source,) = opened.folders
    assert (source / "main.py").read_text() == "x = 1"
    opened.close()
    assert [path.name for path in tmp_path.iterdir()] == ["fn.zip"]


def test_a_renamed_zip_is_found_out(tmp_path: Path) -> None:
    """Workers store packages under names of their own choice."""
    opened = open_package(package_of(tmp_path / "3f2a.zip", fn__src__main="x = 1"))
    assert (opened.folders[0] / "main.py").is_file()


def test_dependencies_come_after_the_source_each_in_a_folder(tmp_path: Path) -> None:
    for name in ("a", "b"):
        package_of(tmp_path / f"{name}-1-py3-none-any.whl", **{name: ""})
    with zipfile.ZipFile(package_of(tmp_path / "fn.zip", fn__src__main=""), "a") as archive:
        for wheel in tmp_path.glob("*.whl"):
            archive.write(wheel, f"fn/deps/{wheel.name}")
    opened = open_package(tmp_path / "fn.zip")
    assert [next(folder.glob("*.py")).name for folder in opened.folders] == ["main.py", "a.py", "b.py"]


def test_a_wheel_is_unpacked(tmp_path: Path) -> None:
    opened = open_package(package_of(tmp_path / "fn-1-py3-none-any.whl", fn__main=""))
    assert (opened.folders[0] / "fn/main.py").is_file()


def test_a_zip_without_source_says_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(
        PackageLoadError, match=r"has no folder fn/src for the function's modules; it has: lib, main.py"
    ):
        open_package(package_of(tmp_path / "fn.zip", main="", lib__x=""))
    assert [path.name for path in tmp_path.iterdir()] == ["fn.zip"], "nothing is left of a refused package"


@pytest.mark.parametrize("name", ["fn.jar", "fn.nar", "fn.tar.gz", "fn", "fn.PY"])
def test_other_forms_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(PackageLoadError, match=r"is neither \.py, \.zip or \.whl"):
        open_package(tmp_path / name)


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackageLoadError, match=rf"{tmp_path}/fn\.py does not exist"):
        open_package(tmp_path / "fn.py")


def test_limits_hold_for_dependencies_too(tmp_path: Path) -> None:
    package_of(tmp_path / "a-1-py3-none-any.whl", a="", b="", c="")
    with zipfile.ZipFile(package_of(tmp_path / "fn.zip", fn__src__main=""), "a") as archive:
        archive.write(tmp_path / "a-1-py3-none-any.whl", "fn/deps/a-1-py3-none-any.whl")
    with pytest.raises(PackageLoadError, match=r"a-1-py3-none-any\.whl has 3 entries"):
        open_package(tmp_path / "fn.zip", PackageOptions(limits=ExtractionLimits(entries=2)))


def test_a_package_in_a_read_only_folder_is_unpacked_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = package_of(tmp_path / "fn.zip", fn__src__main="")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr("os.access", lambda *_: False)
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    opened: OpenedPackage = open_package(package)
    assert elsewhere in opened.folders[0].parents


@pytest.mark.skipif(not (shutil.which("uv") or find_spec("pip")), reason="needs pip or uv")
def test_requirements_are_installed_when_asked(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    package_of(tmp_path / "helper-1-py3-none-any.whl", helper="X = 1")
    with zipfile.ZipFile(tmp_path / "helper-1-py3-none-any.whl", "a") as archive:
        archive.writestr("helper-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: helper\nVersion: 1\n")
        archive.writestr("helper-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("helper-1.dist-info/RECORD", "")
    with zipfile.ZipFile(package_of(tmp_path / "fn.zip", fn__src__main=""), "a") as archive:
        archive.write(tmp_path / "helper-1-py3-none-any.whl", "fn/wheels/helper-1-py3-none-any.whl")
        archive.writestr("fn/requirements.txt", "./wheels/helper-1-py3-none-any.whl\n")
    assert len(open_package(tmp_path / "fn.zip").folders) == 1, "not installed unless asked"
    assert "requirements.txt is not installed without --install_usercode_dependencies" in caplog.text
    opened = open_package(tmp_path / "fn.zip", PackageOptions(DependencyRepositories()))
    assert (opened.folders[-1] / "helper.py").read_text() == "X = 1"


@pytest.mark.skipif(not (shutil.which("uv") or find_spec("pip")), reason="needs pip or uv")
def test_requirements_that_cannot_be_installed_are_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(package_of(tmp_path / "fn.zip", fn__src__main=""), "a") as archive:
        archive.writestr("fn/requirements.txt", "./wheels/missing-1-py3-none-any.whl\n")
    with pytest.raises(PackageLoadError, match=r"Could not install -r requirements\.txt \(exit code \d\)"):
        open_package(tmp_path / "fn.zip", PackageOptions(DependencyRepositories()))
    assert [path.name for path in tmp_path.iterdir()] == ["fn.zip"]
