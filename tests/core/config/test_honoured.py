"""A key that is said to be honoured is read by the part that is said to read it."""

import importlib.util
import re
from pathlib import Path

import pytest

from pulsemill.config.keys import Honoured, Key, keys_of
from pulsemill.config.sections.own import OwnKeys
from pulsemill.config.worker_config import WorkerConfig

HONOURED = [
    (key, key.effect)
    for key in (*keys_of(WorkerConfig).values(), *keys_of(OwnKeys).values())
    if isinstance(key.effect, Honoured)
]


def source(package: str) -> str:
    """The text of a package, without the declarations of the keys themselves."""
    spec = importlib.util.find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or []
    files = (path for folder in folders for path in Path(folder).rglob("*.py") if path.parent.name != "sections")
    return "\n".join(path.read_text() for path in files)


@pytest.mark.parametrize(("key", "effect"), HONOURED, ids=[key.name for key, _ in HONOURED])
def test_an_honoured_key_is_read(key: Key, effect: Honoured) -> None:
    if key.name != "pulsemill":
        assert re.search(rf"\.{key.attribute}\b", source(effect.by)), f"{effect.by} does not read {key.attribute}"
