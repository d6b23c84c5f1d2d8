"""What of a worker's configuration reaches the runtime and its auth provider when a worker is made of it."""

import logging
from typing import Any

import pytest

from pulsemill.config.derived import with_derived_values
from pulsemill.config.structuring import structure
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.plugins import PluginRegistry, SelectedPlugins
from pulsemill.worker.runtime_setup import RuntimeSetup
from pulsemill_auth_token.service_account_token import KubernetesServiceAccountTokenAuthProvider
from pulsemill_runtime_k8s.factory import KubernetesRuntimeFactory

FACTORY = "org.apache.pulsar.functions.runtime.kubernetes.KubernetesRuntimeFactory"
PROVIDER = "org.apache.pulsar.functions.auth.KubernetesServiceAccountTokenAuthProvider"
OTHER = {"expectedMetricsCollectionInterval": 10}


def made(**keys: Any) -> RuntimeSetup:
    config = with_derived_values(structure({"workerId": "w", **keys}, WorkerConfig), lambda: "host")
    return RuntimeSetup.selected(SelectedPlugins(PluginRegistry.installed(), config))


def current(configs: dict[str, Any]) -> dict[str, Any]:
    return {"functionRuntimeFactoryClassName": FACTORY, "functionRuntimeFactoryConfigs": configs}


def deprecated(configs: dict[str, Any]) -> dict[str, Any]:
    return {"kubernetesContainerFactory": configs}


@pytest.mark.parametrize("written", [current, deprecated])
def test_the_auth_providers_configuration_reaches_it(written: Any) -> None:
    own = {"serviceAccountTokenExpirationSeconds": 1200, "serviceAccountTokenAudience": "pulsar"}
    configs = {"kubernetesFunctionAuthProviderConfig": own, "jobNamespace": "jobs"}
    setup = made(authenticationEnabled=True, functionAuthProviderClassName=PROVIDER, **written(configs))
    assert isinstance(setup.factory, KubernetesRuntimeFactory)
    assert setup.factory.settings.job_namespace == "jobs"
    provider = setup.auth_provider
    assert isinstance(provider, KubernetesServiceAccountTokenAuthProvider)
    assert provider.config.service_account_token_expiration_seconds == 1200
    assert provider.config.service_account_token_audience == "pulsar"


@pytest.mark.parametrize(("given", "told"), [({}, 0), ({"expectedMetricsCollectionInterval": 30}, 0), (OTHER, 1)])
def test_an_interval_of_metrics_other_than_the_usual_is_told_to_have_no_effect(
    given: dict[str, Any], told: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        made(**current(given))
    assert caplog.text.count("expectedMetricsCollectionInterval has no effect") == told
