"""Upstream's connectors, as archives that workers take: Maven has them as jars, a NAR is a zip around one."""

import tempfile
import zipfile
from pathlib import Path

from tests.rig.cache import cached
from tests.rig.distribution import PULSAR_VERSION
from tests.rig.maven import fetch

DESCRIPTION = "META-INF/services/pulsar-io.yaml"


def connector_nar(name: str) -> Path:
    """The NAR of a connector such as `data-generator`, without the libraries that it needs to run."""
    file = f"pulsar-io-{name}-{PULSAR_VERSION}.nar"
    return cached(f"pulsar-io-{name}-{PULSAR_VERSION}", lambda folder: _pack(name, folder / file)) / file


def _pack(name: str, nar: Path) -> None:
    with tempfile.TemporaryDirectory() as download:
        jar = fetch(f"org.apache.pulsar:pulsar-io-{name}:{PULSAR_VERSION}:jar", Path(download))
        with zipfile.ZipFile(jar) as given, zipfile.ZipFile(nar, "w") as packed:
            packed.writestr("META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\nNar-Id: {jar.stem}\n")
            packed.writestr(DESCRIPTION, given.read(DESCRIPTION))
            packed.write(jar, f"META-INF/bundled-dependencies/{jar.name}")
