import sys
import zipfile
from pathlib import Path

import pytest

from pulsemill_instance.startup_errors import PackageLoadError
from pulsemill_instance.wheels import WheelTags, unpack_wheel


@pytest.mark.parametrize(
    ("tags", "fits"),
    [
        ("py3-none-any", True),
        ("py2.py3-none-any", True),
        ("py311-none-any", True),
        ("py39-none-any", True),
        ("py312-none-any", False),
        ("py2-none-any", False),
        ("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", True),
        ("cp311-cp311-musllinux_1_2_x86_64", True),
        ("cp311-cp311-linux_x86_64", True),
        ("cp38-abi3-manylinux_2_28_x86_64", True),
        ("cp312-abi3-manylinux_2_28_x86_64", False),
        ("cp310-cp310-manylinux_2_17_x86_64", False),
        ("cp311-cp311-manylinux_2_17_aarch64", False),
        ("cp311-cp311-win_amd64", False),
        ("cp311-cp311-macosx_11_0_x86_64", False),
    ],
)
def test_only_wheels_for_this_python_and_machine_fit(tags: str, fits: bool) -> None:
    assert WheelTags.of(Path(f"name-1.0-{tags}.whl")).fit(3, 11, "x86_64") is fits


def test_a_build_number_is_no_tag() -> None:
    assert WheelTags.of(Path("name-1.0-1-py3-none-any.whl")) == WheelTags(("py3",), ("none",), ("any",))


def test_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageLoadError, match=r"fn\.whl: its name is not name-version-python-abi-platform\.whl"):
        unpack_wheel(tmp_path / "fn.whl", tmp_path)


def test_a_wheel_for_another_python_says_so(tmp_path: Path) -> None:
    with pytest.raises(PackageLoadError, match=rf"not for this Python {sys.version_info[0]}\.{sys.version_info[1]} on"):
        unpack_wheel(tmp_path / "fn-1.0-cp26-cp26-win32.whl", tmp_path)


def test_data_that_belongs_on_the_path_gets_there(tmp_path: Path) -> None:
    wheel = tmp_path / "fn-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("fn/a.py", "fn-1.0.data/purelib/fn/b.py", "fn-1.0.data/platlib/c.py", "fn-1.0.data/scripts/run"):
            archive.writestr(name, "")
    unpack_wheel(wheel, tmp_path / "out")
    assert all((tmp_path / "out" / name).is_file() for name in ("fn/a.py", "fn/b.py", "c.py"))
    assert not (tmp_path / "out/run").exists()
