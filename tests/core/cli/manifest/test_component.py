"""What a worker would store of a component, from its file alone."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pulsemill.cli.components.names import ComponentArgumentError
from pulsemill.cli.manifest.component import described_function, described_sink, described_source, metadata_of
from pulsemill.config.worker_config import WorkerConfig
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

SOURCE = ("org.x.Numbers", "org.apache.pulsar.io.core.Source")
SINK = ("org.x.Drain", "org.apache.pulsar.io.core.Sink")


def written(folder: Path, **config: Any) -> Path:
    path = folder / "component.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def worker(folder: Path) -> WorkerConfig:
    return WorkerConfig(connectors_directory=str(folder / "connectors"), functions_directory=str(folder / "functions"))


def test_a_function_with_its_defaults(tmp_path: Path) -> None:
    code = tmp_path / "exclaim.py"
    code.touch()
    path = written(tmp_path, className="exclaim.Exclaim", inputs=["in"], py=str(code))
    metadata = metadata_of(described_function(path), worker(tmp_path))
    details = metadata.functionDetails
    assert (details.tenant, details.namespace, details.name) == ("public", "default", "Exclaim")
    assert details.runtime == FunctionDetails.PYTHON
    assert metadata.packageLocation.originalFileName == "exclaim.py"


def test_a_function_at_a_url_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, className="exclaim.Exclaim", inputs=["in"], py="https://host/exclaim.py")
    assert metadata_of(described_function(path), worker(tmp_path)).packageLocation.packagePath == (
        "https://host/exclaim.py"
    )


def test_a_source_gets_its_class_and_type_from_its_archive(tmp_path: Path, java: Any) -> None:
    name, interface = SOURCE
    archive = tmp_path / "numbers.nar"
    content = java.generic(name, interface, "Ljava/lang/Long;")
    archive.write_bytes(java.nar(f"name: numbers\nsourceClass: {name}\n", (name, content)))
    path = written(tmp_path, name="numbers", archive=str(archive), topicName="out")
    details = metadata_of(described_source(path), worker(tmp_path)).functionDetails
    assert details.componentType == FunctionDetails.SOURCE
    assert details.source.className == name
    assert details.source.typeClassName == "java.lang.Long"


def test_a_builtin_sink_is_found_among_the_workers(tmp_path: Path, java: Any) -> None:
    name, interface = SINK
    (tmp_path / "connectors").mkdir()
    content = java.generic(name, interface, "Ljava/lang/String;")
    (tmp_path / "connectors/drain.nar").write_bytes(java.nar(f"name: drain\nsinkClass: {name}\n", (name, content)))
    path = written(tmp_path, name="drain", archive="builtin://drain", inputs=["in"])
    metadata = metadata_of(described_sink(path), worker(tmp_path))
    assert metadata.packageLocation.packagePath == "builtin://drain"
    assert metadata.functionDetails.sink.className == name


def test_a_builtin_that_is_not_there_is_named_with_its_folder(tmp_path: Path) -> None:
    path = written(tmp_path, name="drain", archive="builtin://drain", inputs=["in"])
    with pytest.raises(ComponentArgumentError, match=r"builtin://drain is not among the NAR files in .*connectors"):
        metadata_of(described_sink(path), worker(tmp_path))


def test_a_source_without_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ComponentArgumentError, match="names no archive"):
        described_source(written(tmp_path, name="numbers"))
