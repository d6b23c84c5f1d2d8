"""Downloads outlive a checkout: `$PULSEMILL_RIG_CACHE`, by default `~/.cache/pulsemill-rig`.

Each entry is a folder made once: built beside its place, then moved there, so that one that exists is complete. A lock
on a file beside it lets other processes wait instead of building it too.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def cache_folder() -> Path:
    """Where downloads are kept; made if absent."""
    given = os.environ.get("PULSEMILL_RIG_CACHE")
    folder = Path(given).expanduser() if given else Path.home() / ".cache/pulsemill-rig"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def cached(name: str, build: Callable[[Path], None]) -> Path:
    """The entry `name`; `build(folder)` fills an empty folder if it is not there yet.

    Entries may be built at the place that they stay at if they cannot be moved: see `cached_in_place`.
    """
    place = cache_folder() / name
    with (cache_folder() / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            _build_beside(place, build)
    return place


def cached_in_place(name: str, build: Callable[[Path], None]) -> Path:
    """As `cached`, for entries that know their own path, such as virtual environments: a marker says it is complete."""
    place = cache_folder() / name
    complete = place / ".complete"
    with (cache_folder() / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(place, ignore_errors=True)
            build(place)
            complete.touch()
    return place


def _build_beside(place: Path, build: Callable[[Path], None]) -> None:
    unfinished = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        build(unfinished)
        unfinished.rename(place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
