"""What can be told of a Java package from its central directory, without loading or unpacking it."""

import zipfile
from pathlib import Path

from pulsemill.errors import PackageError
from pulsemill.packages.archive import check_archive

_BUNDLED = "META-INF/bundled-dependencies"


def check_java_package(file: Path, name: str, class_name: str) -> None:
    """Raise PackageError unless the file is a jar with the class; a NAR may have it in a jar of its own. Blocks."""
    check_archive(file, name)
    with zipfile.ZipFile(file) as archive:
        entries = archive.namelist()
    is_nar = any(entry.startswith(_BUNDLED) for entry in entries)
    if not is_nar and f"{class_name.replace('.', '/')}.class" not in entries:
        raise PackageError(f"Function class {class_name} must be in class path")
