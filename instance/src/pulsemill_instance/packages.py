"""A function's package, opened: which folders its modules are imported from.

Upstream: python_instance_main. Three forms: a `.py` file, whose folder is the path; a `.whl`; and a `.zip` with
`<stem>/src` (the path), `<stem>/deps/*.whl` (dependencies, taken offline) and `<stem>/requirements.txt` (installed when
asked). Archives are unpacked into a private folder, never beside other functions' code.
"""

import logging
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

import attrs

from pulsemill_instance.archives import ExtractionLimits, extract_archive
from pulsemill_instance.dependencies import DependencyRepositories, install
from pulsemill_instance.private_folder import PrivateFolder
from pulsemill_instance.startup_errors import PackageLoadError
from pulsemill_instance.wheels import unpack_wheel

log = logging.getLogger(__name__)

FORMS = ".py, .zip or .whl"
CODE = "code"
DEPENDENCIES = "dependencies"


@attrs.define
class OpenedPackage:
    """A package whose folders can be imported from, first one first; `close` deletes what was unpacked."""

    package: Path
    folders: tuple[Path, ...]
    _private: PrivateFolder | None = None

    def close(self) -> None:
        """Delete the unpacked files. Idempotent."""
        if self._private is not None:
            self._private.close()


@attrs.frozen
class PackageOptions:
    """How to open packages. `repositories` is None unless dependencies are to be installed."""

    repositories: DependencyRepositories | None = None
    limits: ExtractionLimits = attrs.field(factory=ExtractionLimits)


def open_package(package: Path, options: PackageOptions | None = None) -> OpenedPackage:
    """Open a package file; PackageLoadError when it is missing, of another form, refused or damaged."""
    package = package.absolute()
    if not package.is_file():
        raise PackageLoadError(f"Function package {package} does not exist or is no file")
    if package.suffix == ".py":
        _forget_bytecode(package)
        return OpenedPackage(package, (package.parent,))
    unpack = {".zip": _unpack_zip, ".whl": _unpack_wheel}.get(package.suffix)
    if unpack is None:
        raise PackageLoadError(f"Function package {package} is neither {FORMS}: a Python function is one of these")
    private = PrivateFolder.beside(package)
    try:
        return OpenedPackage(package, unpack(package, private.path, options or PackageOptions()), private)
    except BaseException:
        private.close()
        raise


def _forget_bytecode(source: Path) -> None:
    """Delete a file's bytecode: an update of the same size within the same second would not be noticed."""
    with suppress(OSError):
        Path(cache_from_source(str(source))).unlink()


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _unpack_wheel(package: Path, private: Path, options: PackageOptions) -> tuple[Path, ...]:
    code = _folder(private, CODE)
    if options.repositories is None:
        unpack_wheel(package, code, options.limits)
    else:
        install([str(package)], code, options.repositories, package.parent)
    return (code,)


def _unpack_zip(package: Path, private: Path, options: PackageOptions) -> tuple[Path, ...]:
    code = _folder(private, CODE)
    extract_archive(package, code, options.limits)
    root = _root(package, code)
    wheels = sorted((root / "deps").glob("*.whl"))
    return (root / "src", *_dependencies(root, wheels, private, options))


def _root(package: Path, code: Path) -> Path:
    """The folder that holds `src`: named like the archive, or the only one when the archive was renamed."""
    candidates = [code / package.stem, *sorted(folder for folder in code.iterdir() if folder.is_dir())]
    for folder in candidates:
        if (folder / "src").is_dir():
            return folder
    found = ", ".join(sorted(entry.name for entry in code.iterdir())) or "nothing"
    raise PackageLoadError(
        f"Archive {package} has no folder {package.stem}/src for the function's modules; it has: {found}"
    )


def _dependencies(root: Path, wheels: list[Path], private: Path, options: PackageOptions) -> list[Path]:
    folders = [_folder(private, f"{DEPENDENCIES}/{wheel.stem}") for wheel in wheels]
    for wheel, folder in zip(wheels, folders, strict=True):
        unpack_wheel(wheel, folder, options.limits)
    if not (root / "requirements.txt").is_file():
        return folders
    if options.repositories is None:
        log.warning(
            "requirements.txt is not installed without --install_usercode_dependencies: what it lists must be here"
        )
        return folders
    installed = _folder(private, f"{DEPENDENCIES}/requirements")
    install(["-r", "requirements.txt"], installed, options.repositories, root)
    return [*folders, installed]
