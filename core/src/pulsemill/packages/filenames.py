"""The file names of packages: from users, in package paths and in download folders."""

import re
from urllib.parse import quote, unquote, urlsplit

from pulsemill.names import FunctionName
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, PackageLocationMetaData

ARCHIVE_SUFFIXES = (".zip", ".whl")

_MAX_BYTES = 200
_SUFFIX = {
    FunctionDetails.Runtime.JAVA: ".jar",
    FunctionDetails.Runtime.PYTHON: ".py",
    FunctionDetails.Runtime.GO: ".go",
}
_PACKAGE_PATH = re.compile(r"[^/]+/[^/]+/[^/]+/(?P<digest>[0-9a-f]{64})(\.(?P<key>[0-9a-f]{32}))?-[^/]*")


def safe_file_name(name: str) -> str:
    """The last part of a name that a user or a URL gave, without folders and control characters; may be empty."""
    base = re.split(r"[/\\]", name)[-1]
    printable = "".join(char for char in base if char.isprintable())
    while len(printable.encode(errors="replace")) > _MAX_BYTES:
        printable = printable[1:]
    return "" if printable in {"", ".", ".."} else printable.encode(errors="replace").decode()


def package_path(name: FunctionName, digest: str, original_name: str, key: str = "") -> str:
    """An upload's place, `tenant/namespace/name/<sha256>-<file>`: upstream's shape, with a digest for its UUID.

    With the key of a package in a storage that workers share, it is `<sha256>.<key>-<file>`.
    """
    folder = f"{name.tenant}/{name.namespace}/{quote(name.name, safe='')}"
    return f"{folder}/{digest}{'.' if key else ''}{key}-{quote(original_name, safe='')}"


def digest_of(path: str) -> str | None:
    """The SHA-256 in one of our package paths, None for URLs, built-ins and foreign paths."""
    match = _PACKAGE_PATH.fullmatch(path)
    return match["digest"] if match else None


def key_of(path: str) -> str | None:
    """The key in one of our package paths, None if it has none."""
    match = _PACKAGE_PATH.fullmatch(path)
    return match["key"] if match else None


def references(path: str) -> set[str]:
    """Every name under which a storage may know the package at a path: the path, its digest, its key."""
    return {path} | {name for name in (digest_of(path), key_of(path)) if name}


def download_name_of_url(url: str) -> str:
    """The file name at the end of a URL's path, made safe; may be empty."""
    return safe_file_name(unquote(urlsplit(url).path))


def download_file_name(location: PackageLocationMetaData, details: FunctionDetails) -> str:
    """What an instance's copy of the package is called (upstream's FunctionActioner.getDownloadFileName).

    The original name if there is one; a URL's own name for a .zip or .whl (upstream loses it, and the archive with it);
    otherwise the module or package of the class, with the language's suffix.
    """
    original = safe_file_name(location.originalFileName)
    if original:
        return original
    if "://" in location.packagePath:
        from_url = download_name_of_url(location.packagePath)
        if from_url.lower().endswith(ARCHIVE_SUFFIXES):
            return from_url
    parts = [part for part in details.className.split(".") if part] or [details.name]
    derived = parts[-2] if len(parts) > 1 else parts[0]
    return (safe_file_name(derived) or "function") + _SUFFIX[details.runtime]
