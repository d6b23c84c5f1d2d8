"""A file, the environment and the defaults become a configuration and findings; nothing is ignored in silence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pulsemill.config.derived import PROCESS_RUNTIME
from pulsemill.config.findings import Severity
from pulsemill.config.keys import Honoured, Key, keys_of
from pulsemill.config.loader import LoadedConfig, load_worker_config, read_worker_config
from pulsemill.config.sections.runtime import BOOKKEEPER_STATE
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError

Read = Callable[..., LoadedConfig]

STOCK = Path(__file__).with_name("stock_functions_worker.yml")
KEYS = keys_of(WorkerConfig)
SECURED = """\
authenticationProviders: [org.apache.pulsar.broker.authentication.AuthenticationProviderToken]
properties: {tokenSecretKey: any}
"""
SAMPLES = {
    "worker_port": "6799",
    "pulsar_service_url": "pulsar://b:1",
    "pulsar_web_service_url": "http://b:1",
    "pulsar_functions_namespace": "a/b",
    "state_storage_service_url": "bk://b:1",
    "state_storage_provider_implementation": BOOKKEEPER_STATE,
    "authorization_provider": "org.apache.pulsar.broker.authorization.MultiRolesTokenAuthorizationProvider",
}
ONE_VALUE = {"pulsemill", "stateStorageProviderImplementation"}
"""Keys with nothing to choose: every other value is refused."""
NEEDED = {
    "authenticationEnabled": SECURED,
    "authorizationEnabled": f"authenticationEnabled: true\n{SECURED}",
    "tlsEnabled": "workerPortTls: 1\ntlsCertificateFilePath: c.pem\ntlsKeyFilePath: k.pem",
    "useTls": "pulsarServiceUrl: pulsar+ssl://b:1",
    "tlsRequireTrustedClientCertOnConnect": "tlsTrustCertsFilePath: a.pem",
}
"""What a key does not work without."""


def told(loaded: LoadedConfig) -> list[tuple[Severity, str, int | None]]:
    return [(finding.severity, finding.path, finding.line) for finding in loaded.findings]


def test_the_stock_file_of_the_official_distribution_loads_without_a_warning() -> None:
    config, findings = load_worker_config(STOCK, {}, strict=True)
    assert {finding.severity for finding in findings} == {Severity.INFO}
    assert config.worker_id == "standalone"
    assert config.function_runtime_factory_class_name == PROCESS_RUNTIME
    assert (config.function_runtime_factory_configs or {})["logDirectory"] == "logs/"


def test_no_file_gives_a_usable_configuration() -> None:
    config, findings = load_worker_config(None, {})
    assert findings == []
    assert config.worker_port == 6750
    assert config.worker_id.endswith("-6750")
    assert config.pulsar_functions_namespace == "public/functions"


def test_the_environment_names_the_file_when_nobody_else_does(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("workerId: mine\n")
    assert load_worker_config(None, {"PULSAR_WORKER_CONF": str(tmp_path / "mine.yml")})[0].worker_id == "mine"
    assert load_worker_config(None, {"PULSAR_WORKER_CONF": "", "PF_workerId": "x"})[0].worker_id == "x"


def test_the_environment_wins_over_the_file(read: Read) -> None:
    loaded = read(
        "workerPort: 1\nfunctionRuntimeFactoryConfigs:\n", PF_workerPort="2", PF_instanceLivenessCheckFreqMs="9"
    )
    assert loaded.config
    assert (loaded.config.worker_port, loaded.config.instance_liveness_check_freq_ms) == (2, 9)


def example(key: Key) -> str:
    """YAML for a value other than the default, in the form of the key's type."""
    forms = {bool: str(not key.default).lower(), int: "123", float: "1.5", str: "other:Value"}
    for kind, text in forms.items():
        if key.type in (kind, kind | None):
            return SAMPLES.get(key.attribute, text)
    return "[a]" if "tuple" in str(key.type) or "frozenset" in str(key.type) else "{cpu: 2}"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_every_key_is_used_or_told_about(key: Key, read: Read) -> None:
    loaded = read(f"# first line\n{key.name}: {example(key)}\n{NEEDED.get(key.name, '')}\n")
    mine = [finding for finding in loaded.findings if finding.path.startswith(key.name)]
    if isinstance(key.effect, Honoured):
        assert loaded.config
        if key.name not in ONE_VALUE:
            assert getattr(loaded.config, key.attribute) != key.default
    else:
        assert [(finding.line, key.effect.reason in finding.message) for finding in mine] == [(2, True)]
        assert mine[0].severity is not Severity.INFO


def test_a_refused_key_stops_the_worker_only_when_it_is_on(read: Read) -> None:
    assert read("tlsEnabledWithKeyStore: false\n").config
    assert told(read("workerId: a\ntlsEnabledWithKeyStore: true\n")) == [(Severity.ERROR, "tlsEnabledWithKeyStore", 2)]


def test_an_unknown_key_is_a_warning_with_the_nearest_name_and_an_error_when_strict(read: Read) -> None:
    text = "workerId: a\nworkerport: 1\n"
    loaded = read(text)
    assert told(loaded) == [(Severity.WARNING, "workerport", 2)]
    assert "did you mean workerPort?" in loaded.findings[0].message
    assert loaded.config
    assert told(read(text, strict=True)) == [(Severity.ERROR, "workerport", 2)]
    assert read(text, strict=True).config is None


def test_unknown_keys_of_our_own_section_and_of_resources_are_found(read: Read) -> None:
    loaded = read("pulsemill:\n  maxPackageByte: 1\nfunctionInstanceMinResources:\n  cpus: 1\n")
    assert [finding.path for finding in loaded.findings if "unknown" in finding.message] == [
        "pulsemill.maxPackageByte",
        "functionInstanceMinResources.cpus",
    ]


def test_a_key_that_belongs_into_a_mapping_is_told_how_to_write_it(read: Read) -> None:
    (finding,) = read("pulsemill.maxPackageBytes: 100\n").findings
    assert (finding.severity, finding.path) == (Severity.WARNING, "pulsemill.maxPackageBytes")
    assert finding.message.endswith("; write it as pulsemill: {maxPackageBytes: ...}")


def test_other_keys_with_dots_are_only_unknown(read: Read) -> None:
    loaded = read("zzz.a: 1\nworkerId.a: 1\npulsemill.: 1\n")
    assert ["write it" in finding.message for finding in loaded.findings] == [False, False, False]


def test_a_doubled_key_is_a_warning_and_an_error_when_strict(read: Read) -> None:
    text = "workerId: a\nworkerId: b\n"
    assert told(read(text)) == [(Severity.WARNING, "workerId", 2)]
    assert told(read(text, strict=True)) == [(Severity.ERROR, "workerId", 2)]


def test_an_empty_number_is_told_because_upstream_would_take_zero(read: Read) -> None:
    loaded = read("instanceLivenessCheckFreqMs:\nworkerId:\nsuperUserRoles:\n")
    assert told(loaded) == [(Severity.WARNING, "instanceLivenessCheckFreqMs", 1)]
    assert loaded.config
    assert loaded.config.instance_liveness_check_freq_ms == 30000


def test_every_wrong_value_is_told_at_its_line(read: Read) -> None:
    loaded = read("workerPort: abc\nproperties:\n  a: [1]\nfunctionInstanceMaxResources:\n  ram: 1.5\n")
    assert loaded.config is None
    assert told(loaded) == [
        (Severity.ERROR, "workerPort", 1),
        (Severity.ERROR, "properties.a", 3),
        (Severity.ERROR, "functionInstanceMaxResources.ram", 5),
    ]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("workerPort: 65536", "workerPort"),
        ("workerPort: -1", "workerPort"),
        ("workerPort: ", "workerPort"),
        ("pulsarFunctionsNamespace: functions", "pulsarFunctionsNamespace"),
        ("pulsarServiceUrl: localhost:6650", "pulsarServiceUrl"),
        ("workerPortTls: 65536", "workerPortTls"),
        ("pulsarWebServiceUrl: pulsar://localhost", "pulsarWebServiceUrl"),
        ("instanceLivenessCheckFreqMs: 0", "instanceLivenessCheckFreqMs"),
        ("stateStorageServiceUrl: zk:localhost:2181", "stateStorageServiceUrl"),
        ("stateStorageServiceUrl: 'sqlite:'", "stateStorageServiceUrl"),
        ("stateStorageProviderImplementation: org.example.Store", "stateStorageProviderImplementation"),
        ("additionalEnabledFunctionsUrlPatterns: ['(']", "additionalEnabledFunctionsUrlPatterns[0]"),
        ("pulsemill: {maxPackageBytes: 0}", "pulsemill.maxPackageBytes"),
        ("pulsemill: {maxParallelism: 0}", "pulsemill.maxParallelism"),
        ("pulsemill: {maxParallelism: 2001}", "pulsemill.maxParallelism"),
        ("pulsemill: {restartBackoffInitialSeconds: -1}", "pulsemill.restartBackoffInitialSeconds"),
        ("pulsemill: {restartBackoffMaxSeconds: 0.1}", "pulsemill.restartBackoffMaxSeconds"),
        ("pulsemill: {packageDownloadTimeoutSeconds: 0}", "pulsemill.packageDownloadTimeoutSeconds"),
    ],
)
def test_a_value_that_cannot_work_is_an_error(text: str, path: str, read: Read) -> None:
    assert told(read(f"{text}\n")) == [(Severity.ERROR, path, 1)]


def test_a_variable_is_named_instead_of_a_line(read: Read) -> None:
    loaded = read("workerPort: 1\n", PF_workerPort="abc", PF_wrkerId="x")
    assert told(loaded) == [(Severity.WARNING, "PF_wrkerId", None), (Severity.ERROR, "PF_workerPort", None)]
    assert loaded.findings[1].located("f.yml") == "PF_workerPort: expected a whole number, got 'abc'"


def test_a_variable_that_makes_an_unknown_mapping_is_named(read: Read) -> None:
    assert told(read("workerId: a\n", PF_functionRuntimeConfigs_logDirectory="x")) == [
        (Severity.WARNING, "PF_functionRuntimeConfigs_logDirectory", None)
    ]


def test_deprecated_container_factories_are_told_what_becomes_of_them(read: Read) -> None:
    loaded = read(
        "processContainerFactory: {}\nkubernetesContainerFactory: {}\nfunctionRuntimeFactoryConfigs: {a: 1}\n"
    )
    messages = {finding.path: finding.message for finding in loaded.findings}
    assert messages["processContainerFactory"].startswith("is deprecated; write functionRuntimeFactoryClassName: ")
    assert messages["kubernetesContainerFactory"] == f"has no effect: the runtime is {PROCESS_RUNTIME}"
    assert messages["functionRuntimeFactoryConfigs"] == "has no effect: processContainerFactory replaces it"


def test_a_key_without_effect_is_only_worth_a_note_at_its_default(read: Read) -> None:
    assert told(read("numHttpServerThreads: 8\n")) == [(Severity.INFO, "numHttpServerThreads", 1)]
    assert told(read("numHttpServerThreads: 16\n")) == [(Severity.WARNING, "numHttpServerThreads", 1)]


def test_load_raises_one_error_with_every_line(tmp_path: Path) -> None:
    path = tmp_path / "functions_worker.yml"
    path.write_text("workerPort: abc\nnumHttpServerThreads: x\n")
    with pytest.raises(ConfigurationError) as caught:
        load_worker_config(path, {})
    assert str(caught.value) == (
        f"{path}:1: workerPort: expected a whole number, got 'abc'\n"
        f"{path}:2: numHttpServerThreads: expected a whole number, got 'x'"
    )


@pytest.mark.parametrize("text", ["a: [1\n", "", "- a\n"])
def test_a_file_that_cannot_be_read_is_an_error_too(text: str, tmp_path: Path) -> None:
    path = tmp_path / "functions_worker.yml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"functions_worker\.yml"):
        load_worker_config(path, {})


def test_a_bad_variable_is_an_error_without_a_file() -> None:
    loaded = read_worker_config(None, {"PF_containerFactory": "docker"})
    assert loaded.config is None
    assert "PF_containerFactory" in loaded.findings[0].message


def test_no_secret_is_told(read: Read) -> None:
    loaded = read("tlsKeyStorePassword: [hunter2]\nproperties:\n  tokenSecretKey: {a: hunter2}\n")
    assert loaded.config is None
    assert "hunter2" not in str(loaded)
