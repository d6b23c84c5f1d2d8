"""A source or sink that runs locally is read from its archive as a worker would."""

from pathlib import Path
from typing import Any

import pytest

from pulsemill.admin.components import Code
from pulsemill.errors import PulsemillError
from pulsemill.localrun.connectors import local_sink, local_source
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

NAMED = {"tenant": "t", "namespace": "n", "name": "c"}


@pytest.fixture
def archive(java: Any, tmp_path: Path) -> Code:
    path = tmp_path / "org.acme.nar"
    path.write_bytes(java.connector())
    return Code(path=path)


def test_a_source_is_read_from_its_archive(archive: Code) -> None:
    details = local_source({**NAMED, "topicName": "o", "configs": {"a": 1}}, archive)

    assert (details.componentType, details.parallelism) == (FunctionDetails.SOURCE, 1)
    assert (details.source.className, details.sink.topic) == ("org.acme.AcmeSource", "o")
    assert details.source.configs == '{"a":1}'


def test_a_sink_is_read_from_its_archive(archive: Code) -> None:
    details = local_sink({**NAMED, "inputs": ["i"], "parallelism": 2}, archive)

    assert (details.componentType, details.parallelism) == (FunctionDetails.SINK, 2)
    assert (details.sink.className, list(details.source.inputSpecs)) == ("org.acme.AcmeSink", ["i"])


def test_an_invalid_sink_is_refused_as_a_worker_would(archive: Code) -> None:
    with pytest.raises(PulsemillError, match="Must specify at least one topic of input"):
        local_sink(NAMED, archive)
