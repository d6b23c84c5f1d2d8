"""Whatever a file holds, it becomes a configuration or findings that say why not; nothing else comes out."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.config.findings import errors
from pulsemill.config.keys import keys_of
from pulsemill.config.loader import read_worker_config
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.config.yaml_file import YamlFileError, parse_yaml

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any") / "functions_worker.yml"


@given(st.dictionaries(st.sampled_from(sorted(keys_of(WorkerConfig))), VALUES, max_size=4), st.booleans())
def test_every_mapping_is_a_configuration_or_has_an_error(path: Path, mapping: dict[str, object], strict: bool) -> None:
    path.write_text(json.dumps({"workerId": "w", "workerHostname": "h", **mapping}))
    loaded = read_worker_config(path, {}, strict=strict)
    assert (loaded.config is None) == bool(errors(loaded.findings))
    assert all(finding.line == 1 for finding in loaded.findings if finding.path.partition(".")[0] in mapping)


@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,? \n\t0"))
def test_every_text_is_a_mapping_or_an_error(text: str) -> None:
    with contextlib.suppress(YamlFileError):
        assert isinstance(parse_yaml(text, "functions_worker.yml").mapping, dict)


@given(st.text(alphabet="ab_", max_size=8), VALUES.map(str))
def test_every_variable_sets_something_or_has_an_error(name: str, value: str) -> None:
    loaded = read_worker_config(None, {f"PF_{name}": value, "PF_workerHostname": "h"})
    told = [finding for finding in loaded.findings if f"PF_{name}" in finding.located("")]
    assert bool(told) == bool(name)
    assert loaded.config or errors(told)
