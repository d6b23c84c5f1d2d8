"""File names from users and in package paths."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.names import FunctionName
from pulsemill.packages.filenames import digest_of, download_file_name, package_path, safe_file_name
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, PackageLocationMetaData

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("exclaim.py", "exclaim.py"),
        ("/home/me/exclaim.py", "exclaim.py"),
        ("C:\\code\\exclaim.py", "exclaim.py"),
        ("../../etc/passwd", "passwd"),
        ("..", ""),
        ("a/..", ""),
        (".", ""),
        ("", ""),
        ("a\0\n\x1b[31m.py", "a[31m.py"),
        ("ü.py", "ü.py"),
    ],
)
def test_safe_file_name(given_name: str, safe: str) -> None:
    assert safe_file_name(given_name) == safe


@given(st.text())
def test_a_safe_name_is_one_writable_name(name: str) -> None:
    safe = safe_file_name(name)
    if safe:
        assert (PurePosixPath("/base") / safe).parent == PurePosixPath("/base")
        assert len(safe.encode()) <= 255
        assert safe.isprintable()


@given(st.text(min_size=1).filter(lambda text: "/" not in text), st.text())
def test_a_package_path_has_four_parts_and_its_digest(name: str, file: str) -> None:
    try:
        path = package_path(FunctionName("t", "n", name), DIGEST, safe_file_name(file))
    except UnicodeEncodeError:
        return  # a lone surrogate is no function's name: the API refuses it
    assert path.count("/") == 3
    assert digest_of(path) == DIGEST


@pytest.mark.parametrize(
    "path",
    [
        "",
        "builtin://x",
        f"http://host/t/n/{DIGEST}-x",
        f"file:///{DIGEST}-x",
        f"t/n/f/{DIGEST[1:]}-x",
        f"t/n/f/../{DIGEST}-x",
        "t/n/f/0a1b2c3d-1111-2222-3333-444455556666-x.py",
    ],
)
def test_other_paths_have_no_digest(path: str) -> None:
    assert digest_of(path) is None


PYTHON, JAVA, GO = FunctionDetails.Runtime.PYTHON, FunctionDetails.Runtime.JAVA, FunctionDetails.Runtime.GO


@pytest.mark.parametrize(
    ("path", "original", "class_name", "runtime", "file"),
    [
        ("t/n/f/x", "mine.py", "module.Class", PYTHON, "mine.py"),
        ("t/n/f/x", "../../mine.py", "module.Class", PYTHON, "mine.py"),
        ("t/n/f/x", "", "package.module.Class", PYTHON, "module.py"),
        ("t/n/f/x", "", "module", PYTHON, "module.py"),
        ("t/n/f/x", "", "org.Class", JAVA, "org.jar"),
        ("t/n/f/x", "", "", GO, "f.go"),
        ("https://host/dir/lib.zip?x=1", "", "module.Class", PYTHON, "lib.zip"),
        ("https://host/dir/lib-1.0-py3-none-any.whl", "", "module.Class", PYTHON, "lib-1.0-py3-none-any.whl"),
        ("https://host/dir/..%2f..%2fevil.zip", "", "module.Class", PYTHON, "evil.zip"),
        ("https://host/dir/other.py", "", "module.Class", PYTHON, "module.py"),
        ("https://host/x", "", "../../etc.Class", PYTHON, "etc.py"),
    ],
)
def test_download_file_name(
    path: str, original: str, class_name: str, runtime: FunctionDetails.Runtime, file: str
) -> None:
    location = PackageLocationMetaData(packagePath=path, originalFileName=original)
    details = FunctionDetails(name="f", className=class_name, runtime=runtime)
    assert download_file_name(location, details) == file
