"""What upstream's worker sent to the API server for chosen functions, as files: one of each configuration.

`python -m tests.parity.kubernetes.record` writes them; see there.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import attrs
import yaml

from tests.parity.kubernetes.configurations import Configuration
from tests.parity.kubernetes.generated import Submission
from tests.parity.kubernetes.upstream import Manifest
from tests.rig.java_files import JavaFiles

FOLDER: Final = Path(__file__).parents[2] / "plugins/runtime_k8s/recorded"
CERTIFICATE: Final = b"a certificate"
_HEAD: Final = "# Sent by upstream's functions worker; written by `python -m tests.parity.kubernetes.record`.\n"
_STRING: Final = "Ljava/lang/String;"
_INTEGER: Final = "Ljava/lang/Integer;"
_API: Final = "org.apache.pulsar.functions.api"
_RECORD: Final = f"L{_API.replace('.', '/')}/Record<{_STRING}>;"


@attrs.frozen
class Recorded:
    """A component as it was submitted, with the objects that upstream's worker made of it."""

    kind: str
    file: str
    config: dict[str, Any]
    service: Manifest
    stateful_set: Manifest

    @property
    def name(self) -> str:
        """The component's."""
        return str(self.config["name"])


@attrs.frozen
class Recording:
    """A functions_worker.yml, and what a worker with it made; `certificates` as in `Configuration`."""

    configuration: dict[str, Any]
    certificates: bool
    recorded: list[Recorded]

    def write(self, slug: str) -> None:
        """Into the file of a configuration."""
        text = yaml.dump(
            attrs.asdict(self),
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            width=10**6,
            default_flow_style=None,
        )
        (FOLDER / f"{slug}.yaml").write_text(_HEAD + text)

    @classmethod
    @cache
    def read(cls, slug: str) -> "Recording":
        """From the file of a configuration."""
        content = yaml.load((FOLDER / f"{slug}.yaml").read_text(), yaml.CSafeLoader)
        return cls(
            content["configuration"], content["certificates"], [Recorded(**each) for each in content["recorded"]]
        )


class _Dumper(yaml.CSafeDumper):
    """Without references, which are no help to readers."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def slug_of(configuration: Configuration) -> str:
    """Its name, as files and namespaces have it."""
    return re.sub(r"\W", "-", configuration.name)


def chosen(configuration: Configuration, packages: Path) -> Iterator[Submission]:
    """What is recorded of a configuration, with `packages` as of `write_packages`."""
    content = yaml.safe_load(Path(__file__).with_name("chosen.yaml").read_text())
    for each in content["everywhere"] + content.get(configuration.name, []):
        common = {"tenant": "acme", "namespace": slug_of(configuration)}
        common |= {"inputs": ["in"], "output": "out"} if each["kind"] == "function" else {}
        config = {key: value for key, value in (common | each["config"]).items() if value is not None}
        yield submission(each["kind"], each["file"], config, packages)


def submission(kind: str, file_name: str, config: dict[str, Any], packages: Path) -> Submission:
    """What is sent to register a component; its package is known by the end of its name."""
    suffix = Path(file_name).suffix
    file = packages / f"package{suffix if suffix in {'.jar', '.nar'} else ''}"
    transform = packages / "transform.nar" if "transformFunction" in config else None
    return Submission(kind, config, file_name, file, transform)


def write_packages(folder: Path) -> Path:
    """Packages of Java, which are looked into, and one of the other languages, which is not."""
    files = JavaFiles()
    classes = {
        "org.acme.Exclaim": files.generic("org.acme.Exclaim", f"{_API}.Function", _STRING, _STRING),
        "org.acme.Numbers": files.generic("org.acme.Numbers", f"{_API}.Function", _INTEGER, _STRING),
        "org.acme.Windowed": files.generic("org.acme.Windowed", f"{_API}.WindowFunction", _STRING, _STRING),
    }
    (folder / "package.jar").write_bytes(files.jar(*classes.items()))
    (folder / "package.nar").write_bytes(files.connector())
    (folder / "transform.nar").write_bytes(files.function("org.acme.Transform", _STRING, _RECORD))
    (folder / "package").write_text("def process(x): return x\n")
    return folder
