"""Names of tenants, namespaces and functions."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.functions.identifiers import InvalidNameError, check_name, check_part
from pulsemill.names import FunctionName


@pytest.mark.parametrize("name", ["exclaim", "a.b", "a..b", "a b", "a:1", "ünïcödé", "-", "x" * 255])
def test_usable(name: str) -> None:
    check_part("Function name", name)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "empty"),
        (" ", "empty"),
        (".", "names a folder"),
        ("..", "names a folder"),
        ("../x", "path separator"),
        ("a/b", "path separator"),
        ("a\\b", "path separator"),
        ("a\0b", "control characters"),
        ("a\nb", "control characters"),
        ("x" * 256, "longer than 255 bytes"),
        ("ü" * 128, "longer than 255 bytes"),
    ],
)
def test_refused(name: str, problem: str) -> None:
    with pytest.raises(InvalidNameError, match=problem):
        check_part("Function name", name)


def test_says_which_part() -> None:
    with pytest.raises(InvalidNameError, match=r"^Namespace '\.\.' is invalid"):
        check_name(FunctionName("t", "..", "f"))


@given(st.text())
def test_what_passes_is_one_folder_below_its_parent(name: str) -> None:
    try:
        check_part("Function name", name)
    except InvalidNameError:
        return
    for path in (PurePosixPath("/base") / name, PureWindowsPath("/base") / name):
        assert len(path.parts) == 3 or ":" in name
    assert (PurePosixPath("/base") / name).parent == PurePosixPath("/base")
