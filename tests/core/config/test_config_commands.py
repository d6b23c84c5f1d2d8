"""`pulsemill config check` and `pulsemill config explain`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pulsemill.cli.main import main
from pulsemill.config.keys import keys_of
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.plugins import PluginRegistry
from pulsemill.plugins.discovery import installed_sources

Check = Callable[..., Result]
NAME_AND_CONFIG = "secretsProviderConfiguratorClassName: name-and-config\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["config", *arguments])


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Run `config check` on a text."""

    def check_text(text: str, *options: str) -> Result:
        path = tmp_path / "functions_worker.yml"
        path.write_text(text)
        return run("check", str(path), *options)

    return check_text


def test_a_good_file_can_be_used() -> None:
    result = run("check", str(Path(__file__).with_name("stock_functions_worker.yml")))
    assert result.exit_code == 0
    assert "can be used (0 error, 0 warning," in result.output


def test_findings_are_printed_with_their_lines_and_errors_exit_with_1(check: Check) -> None:
    result = check("workerId: a\nworkerPort: abc\nnumHttpServerThreads: 3\n")
    assert result.exit_code == 1
    assert "functions_worker.yml:2: workerPort: expected a whole number, got 'abc'" in result.output
    assert "cannot be used (1 error, 0 warning, 0 info)" in result.output


def test_warnings_exit_with_0_unless_strict(check: Check) -> None:
    assert check("workerld: a\n").exit_code == 0
    assert check("workerld: a\n", "--strict").exit_code == 1


def test_json_has_every_finding(check: Check) -> None:
    result = check("workerld: a\ntlsEnabledWithKeyStore: true\n", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.output)
    assert answer["ok"] is False
    assert [(each["severity"], each["path"], each["line"]) for each in answer["findings"]] == [
        ("warning", "workerld", 1),
        ("error", "tlsEnabledWithKeyStore", 2),
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: [\n", 3, "is not YAML"),
        ("workerId: a\nfunctionRuntimeFactoryClassName: proces\n", 2, "did you mean process?"),
        ("secretsProviderConfiguratorClassName: no.such:Thing\n", 1, "there is no module no"),
        (
            "secretsProviderConfiguratorConfig:\n  secretsProviderClassName: [x]\n" + NAME_AND_CONFIG,
            2,
            "expected text, got ['x']",
        ),
        ("runtimeCustomizerClassName: default\n", 1, "selects a SecretsProviderConfigurator"),
    ],
)
def test_what_keeps_a_worker_from_starting_is_found_without_one(
    text: str, line: int, message: str, check: Check
) -> None:
    result = check(text, "--json")
    assert result.exit_code == 1
    errors = [each for each in json.loads(result.output)["findings"] if each["severity"] == "error"]
    assert [(each["line"], message in each["message"]) for each in errors] == [(line, True)], errors


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("functionRuntimeFactoryClassName: org.apache.pulsar.functions.runtime.KubernetesRuntimeFactory\n", 1),
        ("workerId: a\nkubernetesContainerFactory: {}\n", 2),
    ],
)
def test_a_distribution_that_is_not_installed_is_named(
    text: str, line: int, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [source for source in installed_sources() if source.distribution != "pulsemill-runtime-k8s"]
    monkeypatch.setattr(PluginRegistry, "installed", lambda: PluginRegistry(others))
    result = check(text, "--json")
    assert result.exit_code == 1
    errors = [each for each in json.loads(result.output)["findings"] if each["severity"] == "error"]
    assert [(each["line"], "pip install pulsemill-runtime-k8s" in each["message"]) for each in errors] == [(line, True)]


def test_a_key_that_a_plugin_does_not_know_is_found(check: Check) -> None:
    text = "secretsProviderConfiguratorConfig:\n  secretsProviderClasName: x\n"
    result = check(f"secretsProviderConfiguratorClassName: default\n{text}")
    assert result.exit_code == 0
    assert ":3: secretsProviderConfiguratorConfig.secretsProviderClasName: is unknown to Default" in result.output
    assert check(f"secretsProviderConfiguratorClassName: default\n{text}", "--strict").exit_code == 1


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    result = run("check", str(tmp_path / "none.yml"))
    assert result.exit_code == 1
    assert "none.yml: cannot be read: No such file or directory" in result.output


def test_explain_lists_every_key() -> None:
    listed = {row["key"] for row in json.loads(run("explain", "--json").output)}
    assert {*keys_of(WorkerConfig)} - {"pulsemill"} <= listed
    assert "pulsemill.maxPackageBytes" in listed
    assert "workerPort" in run("explain").output


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("workerPort", {"type": "whole number or null", "default": "6750", "effect": "honoured", "since": "0.1.0"}),
        ("tlsEnabledWithKeyStore", {"type": "true or false", "default": "false", "effect": "refused", "since": None}),
        ("superUserRoles", {"type": "list of text", "default": "[]", "effect": "honoured"}),
        ("tlsProvider", {"type": "text or null", "default": "null", "effect": "without effect"}),
        ("properties", {"type": "mapping of text to text", "default": "{}"}),
        ("functionInstanceMinResources", {"type": "Resources or null", "default": "null"}),
        ("workerId", {"default": "empty, then workerHostname-workerPort"}),
        ("pulsemill.restartBackoffMaxSeconds", {"type": "number", "default": "60.0"}),
    ],
)
def test_explain_says_what_there_is_to_say_about_a_key(key: str, expected: dict[str, str | None]) -> None:
    answer = json.loads(run("explain", key, "--json").output)
    assert expected.items() <= answer.items()
    assert answer["meaning"]
    assert answer["read_by"] or answer["reason"]
    assert key in run("explain", key).output


def test_explain_suggests_the_nearest_key() -> None:
    result = run("explain", "workerport")
    assert result.exit_code == 1
    assert "there is no key workerport; did you mean workerPort?" in result.output
