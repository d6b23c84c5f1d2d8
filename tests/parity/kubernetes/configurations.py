"""Configurations of workers, each of which many functions are registered under."""

import base64
from typing import Any, Final

import attrs

SECRETS: Final = "org.apache.pulsar.functions.secretsproviderconfigurator"
# Upstream's default is the class path of its own machine.
CLASS_PATH: Final = {"functionInstanceClassPath": "/pulsar/conf:::/pulsar/lib/*:"}
DEFAULT_SECRETS: Final = {"secretsProviderConfiguratorClassName": f"{SECRETS}.DefaultSecretsProviderConfigurator"}
KUBERNETES_SECRETS: Final = {"secretsProviderConfiguratorClassName": f"{SECRETS}.KubernetesSecretsProviderConfigurator"}
NO_CUSTOMIZER: Final = {"runtimeCustomizerClassName": ""}
SECRET_KEY: Final = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@attrs.frozen
class Configuration:
    """One worker's, with a `mark` in the names of its functions: their packages are in one storage.

    `factory` is added to functionRuntimeFactoryConfigs, `settings` to functions_worker.yml.

    `certificates` says that workers are told whom brokers' certificates are signed by (tlsTrustCertsFilePath).

    `secrets` says that functions have secrets of Kubernetes, `options` that they have customRuntimeOptions.
    """

    mark: str
    name: str
    factory: dict[str, Any] = attrs.field(factory=dict)
    settings: dict[str, Any] = attrs.field(factory=dict)
    certificates: bool = False
    secrets: bool = False
    options: bool = False

    @property
    def with_tokens(self) -> bool:
        """Whether callers have to prove who they are."""
        return bool(self.settings.get("authenticationEnabled"))


CONFIGURATIONS: Final = (
    Configuration("s", "defaults", settings=DEFAULT_SECRETS | NO_CUSTOMIZER | {"downloadDirectory": ""}),
    Configuration(
        "t",
        "names and amounts",
        factory={
            "jobName": "My_Job",
            "customLabels": {"Team": "_Data Science!", "component": "own", "example.org/tier": "a" * 70},
            "percentMemoryPadding": 10,
            "cpuOverCommitRatio": 3,
            "memoryOverCommitRatio": 1.7,
            "grpcPort": "4000",
            "metricsPort": 4001,
        },
        settings=DEFAULT_SECRETS | NO_CUSTOMIZER | {"downloadDirectory": "download/pulsar_functions"},
    ),
    Configuration(
        "u",
        "places",
        factory={
            "pulsarRootDir": "/opt/pulsar",
            "configAdminCLI": "/bin/admin.sh",
            "extraFunctionDependenciesDir": "lib/extra",
            "narExtractionDirectory": "/opt/nar",
            "functionInstanceClassPath": "/opt/conf:/opt/lib/*",
        },
        settings=KUBERNETES_SECRETS | NO_CUSTOMIZER | {"downloadDirectory": "/var/downloads"},
        secrets=True,
    ),
    Configuration(
        "v",
        "images and libraries",
        factory={
            "functionDockerImages": {"JAVA": "java:1", "PYTHON": "python:1", "GO": "go:1"},
            "imagePullPolicy": "Always",
            "installUserCodeDependencies": True,
            "pythonDependencyRepository": "https://pypi.example.org/simple",
            "pythonExtraDependencyRepository": "https://more.example.org/simple",
            "extraFunctionDependenciesDir": "/extra",
        },
        settings=KUBERNETES_SECRETS | NO_CUSTOMIZER | {"downloadDirectory": ""},
        secrets=True,
    ),
    Configuration(
        "w",
        "java",
        factory={"narExtractionDirectory": ""},
        settings=DEFAULT_SECRETS
        | NO_CUSTOMIZER
        | {
            "exposeAdminClientEnabled": True,
            "ignoreUnknownConfigFields": True,
            "additionalJavaRuntimeArguments": ["-XX:+ExitOnOutOfMemoryError", "-Da=b"],
            "maxPendingAsyncRequests": 77,
            "stateStorageServiceUrl": None,
        },
    ),
    Configuration(
        "x",
        "customizer",
        settings=KUBERNETES_SECRETS
        | {
            "runtimeCustomizerConfig": {
                "extraLabels": {"team": "data"},
                "extraAnnotations": {"example.org/a": "b c"},
                "nodeSelectorLabels": {"disk": "ssd"},
                "tolerations": [{"key": "k", "operator": "Equal", "value": "v", "effect": "NoSchedule"}],
                "resourceRequirements": {"limits": {"cpu": "2000", "memory": "16Gi"}},
            }
        },
        secrets=True,
        options=True,
    ),
    Configuration("y", "customizer without base", factory={"jobName": "job"}, settings=DEFAULT_SECRETS, options=True),
    Configuration(
        "z",
        "tokens",
        certificates=True,
        settings=DEFAULT_SECRETS
        | NO_CUSTOMIZER
        | {
            "authenticationEnabled": True,
            "authenticationProviders": ["org.apache.pulsar.broker.authentication.AuthenticationProviderToken"],
            "properties": {"tokenSecretKey": f"data:;base64,{SECRET_KEY}"},
            "tlsAllowInsecureConnection": True,
            "tlsEnableHostnameVerification": True,
        },
    ),
)

_BY_NAME: Final = {each.name: each for each in CONFIGURATIONS}
_APART: Final = ("names and amounts", "places", "images and libraries")
"""What they configure does not overlap."""

LIVE: Final = (
    *(_BY_NAME[name] for name in ("defaults", "java", "customizer", "tokens")),
    Configuration(
        "r",
        ", ".join(_APART),
        factory={key: value for name in _APART for key, value in _BY_NAME[name].factory.items()},
        settings=_BY_NAME["places"].settings,
        secrets=True,
    ),
)
"""Those that are compared with a running worker, whose start takes longest; the others by what one sent once."""
