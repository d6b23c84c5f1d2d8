"""`pulsemill manifest`, without a cluster."""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from click.testing import CliRunner, Result

from pulsemill.cli.main import main
from pulsemill_runtime_k8s.factory import KubernetesRuntimeFactory

WORKER = {
    "functionRuntimeFactoryClassName": "kubernetes",
    "functionRuntimeFactoryConfigs": {"jobNamespace": "functions"},
    "pulsarServiceUrl": "pulsar://broker.pulsar:6650",
    "pulsarWebServiceUrl": "http://broker.pulsar:8080",
    "functionInstanceMaxResources": {"cpu": 4},
}
FUNCTION = {
    "tenant": "acme",
    "namespace": "ns",
    "name": "exclaim",
    "className": "exclaim.Exclaim",
    "inputs": ["in"],
    "parallelism": 2,
}
SOURCE = {"name": "numbers", "className": "org.x.Numbers", "archive": "https://host/x.nar", "topicName": "out"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a worker's configuration."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "worker.yml").write_text(yaml.safe_dump(WORKER))
    (tmp_path / "exclaim.py").touch()
    return tmp_path


def run(config: dict[str, Any], *options: str, kind: str = "function") -> Result:
    Path("component.yaml").write_text(yaml.safe_dump(config))
    return CliRunner().invoke(
        main, ["manifest", f"--{kind}-config-file", "component.yaml", "-c", "worker.yml", *options]
    )


def found(monkeypatch: pytest.MonkeyPatch, live: Sequence[dict[str, Any]]) -> None:
    """Let the API server have these objects."""

    async def initialize(_: KubernetesRuntimeFactory) -> None:
        return

    async def live_manifests(*_: Any) -> Sequence[dict[str, Any]]:
        return live

    monkeypatch.setattr(KubernetesRuntimeFactory, "initialize", initialize)
    monkeypatch.setattr(KubernetesRuntimeFactory, "live_manifests", live_manifests)


def test_the_objects_are_printed_as_yaml(folder: Path) -> None:
    result = run(FUNCTION | {"py": "exclaim.py"})
    assert result.exit_code == 0, result.output
    service, stateful_set = yaml.safe_load_all(result.stdout)
    assert (service["kind"], stateful_set["kind"]) == ("Service", "StatefulSet")
    assert stateful_set["metadata"]["name"] == "pf-acme-ns-exclaim"
    assert stateful_set["metadata"]["namespace"] == "functions"
    assert stateful_set["spec"]["replicas"] == 2
    line = stateful_set["spec"]["template"]["spec"]["containers"][0]["command"][2]
    assert "--destination-file /pulsar/download/pulsar_functions/exclaim.py &&" in line
    assert '"runtime":"PYTHON"' in line


def test_they_are_the_same_every_time(folder: Path) -> None:
    config = FUNCTION | {"py": "exclaim.py"}
    assert run(config).stdout == run(config).stdout


def test_a_java_package_that_cannot_be_read_is_refused(folder: Path) -> None:
    result = run(SOURCE, kind="source")
    assert result.exit_code == 1
    assert "https://host/x.nar is not read here" in result.output


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"py": "none.py"}, "The specified python file does not exist: none.py"),
        ({"py": "exclaim.py", "resources": {"cpu": 8}}, "is greater than the maximum required, 4.0"),
        (
            {"py": "exclaim.py", "name": "a.b"},
            "Kubernetes only admits lower case and numbers. (jobName=pf-acme-ns-a.b)",
        ),
        ({"py": "exclaim.py", "inputz": []}, "inputz"),
        ({"py": "exclaim.py", "topicName": "in"}, "the topics to read are a list, inputs"),
    ],
)
def test_what_a_worker_would_refuse_is_refused(folder: Path, change: dict[str, Any], reason: str) -> None:
    result = run(FUNCTION | change)
    assert result.exit_code == 1
    assert reason in result.output


def test_another_runtime_has_no_manifests(folder: Path) -> None:
    (folder / "worker.yml").write_text("functionRuntimeFactoryClassName: thread\n")
    result = run(FUNCTION | {"py": "exclaim.py"})
    assert result.exit_code == 1
    assert "makes no manifests; only runtimes on Kubernetes do" in result.output


def test_one_file_is_needed(folder: Path) -> None:
    result = CliRunner().invoke(main, ["manifest", "-c", "worker.yml"])
    assert result.exit_code == 2
    assert "Give one of --function-config-file, --source-config-file and --sink-config-file." in result.output


def test_no_difference_is_silent(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = FUNCTION | {"py": "exclaim.py"}
    live = list(yaml.safe_load_all(run(config).stdout))
    for each in live:
        each["metadata"]["uid"] = "1"
    found(monkeypatch, live)
    result = run(config, "--diff")
    assert (result.exit_code, result.output) == (0, "")


def test_a_difference_is_shown_and_exits_with_1(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = FUNCTION | {"py": "exclaim.py"}
    live = copy.deepcopy(list(yaml.safe_load_all(run(config).stdout)))
    live[1]["spec"]["replicas"] = 5
    found(monkeypatch, live)
    result = run(config, "--diff")
    assert result.exit_code == 1
    assert "-  replicas: 5\n+  replicas: 2\n" in result.output


def test_the_difference_knows_what_a_config_map_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read when the runtime connects."""
    config = FUNCTION | {"py": "exclaim.py"}
    live = list(yaml.safe_load_all(run(config).stdout))
    live[1]["spec"]["template"]["spec"]["containers"][0]["image"] = "mine:2"
    found(monkeypatch, live)

    async def initialize(factory: KubernetesRuntimeFactory) -> None:
        changed = attrs.evolve(factory.settings, pulsar_docker_image_name="mine:2")
        monkeypatch.setattr(KubernetesRuntimeFactory, "settings", changed)

    monkeypatch.setattr(KubernetesRuntimeFactory, "initialize", initialize)
    result = run(config, "--diff")
    assert (result.exit_code, result.stdout) == (0, ""), result.output
