"""Wheels, unpacked rather than installed: a wheel is an archive of what belongs on the path (PEP 427)."""

import platform
import shutil
import sys
from pathlib import Path

import attrs

from pulsemill_instance.archives import ExtractionLimits, extract_archive
from pulsemill_instance.startup_errors import PackageLoadError

ON_THE_PATH = ("purelib", "platlib")
TAGGED_PARTS = 5  # name-version-python-abi-platform


@attrs.frozen
class WheelTags:
    """The compatibility tags in a wheel's file name (PEP 425)."""

    pythons: tuple[str, ...]
    abis: tuple[str, ...]
    platforms: tuple[str, ...]

    @classmethod
    def of(cls, wheel: Path) -> "WheelTags":
        """Read a file name; PackageLoadError when it is none of a wheel."""
        parts = wheel.stem.split("-")
        if len(parts) < TAGGED_PARTS:
            raise PackageLoadError(f"Wheel {wheel}: its name is not name-version-python-abi-platform.whl")
        python, abi, platforms = (part.split(".") for part in parts[-3:])
        return cls(tuple(python), tuple(abi), tuple(platforms))

    def fit(self, major: int, minor: int, machine: str) -> bool:
        """Whether a CPython of a version on a Linux machine takes the wheel."""
        return self._fit_python(major, minor) and any(_fits_platform(tag, machine) for tag in self.platforms)

    def _fit_python(self, major: int, minor: int) -> bool:
        exact = {f"py{major}", f"py{major}{minor}", f"cp{major}{minor}"}
        older = {f"py{major}{below}" for below in range(minor)}
        stable = {f"cp{major}{below}" for below in range(minor)} if "abi3" in self.abis else set()
        return not (exact | older | stable).isdisjoint(self.pythons)


def _fits_platform(tag: str, machine: str) -> bool:
    return tag == "any" or (tag.startswith(("linux", "manylinux", "musllinux")) and tag.endswith(f"_{machine}"))


def unpack_wheel(wheel: Path, target: Path, limits: ExtractionLimits | None = None) -> None:
    """Unpack a wheel into a folder of its own, to go on the path; PackageLoadError when it does not fit here."""
    if not WheelTags.of(wheel).fit(*sys.version_info[:2], platform.machine()):
        raise PackageLoadError(
            f"Wheel {wheel} is not for this Python {sys.version_info.major}.{sys.version_info.minor} "
            f"on {platform.system()} {platform.machine()}: build it for this platform or as a pure-Python wheel"
        )
    extract_archive(wheel, target, limits)
    for data in sorted(target.glob("*.data")):
        for scheme in ON_THE_PATH:
            if (data / scheme).is_dir():
                shutil.copytree(data / scheme, target, dirs_exist_ok=True)
