"""Upstream's connectors as archives that workers take: the jars of Maven Central are the NARs, but for their name."""

import tempfile
from pathlib import Path

from tests.rig.cache import cached
from tests.rig.distribution import PULSAR_VERSION
from tests.rig.maven import fetch

CONNECTORS = ("data-generator", "file")
"""Those that tests use."""


def connector_nar(name: str) -> Path:
    """The NAR of a connector such as `data-generator`, with all that it needs to run."""
    file = f"pulsar-io-{name}-{PULSAR_VERSION}.nar"
    return cached(f"connector-{name}-{PULSAR_VERSION}", lambda folder: _fetch(name, folder / file)) / file


def _fetch(name: str, nar: Path) -> None:
    with tempfile.TemporaryDirectory() as download:
        jar = fetch(f"org.apache.pulsar:pulsar-io-{name}:{PULSAR_VERSION}:jar", Path(download))
        nar.write_bytes(jar.read_bytes())
