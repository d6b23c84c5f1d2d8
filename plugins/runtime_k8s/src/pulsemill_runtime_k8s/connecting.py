"""How the worker finds its API server (upstream: KubernetesRuntimeFactory.setupClient)."""

import asyncio
import os
from pathlib import Path
from typing import Final

from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config import load_incluster_config, load_kube_config
from kubernetes.aio.config.config_exception import ConfigException

from pulsemill.errors import ConfigurationError
from pulsemill_runtime_k8s.kubeconfig_token import KubeconfigToken

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
UNLIMITED: Final = 0
LOAD_SECONDS: Final = 30.0
"""A kubeconfig file's exec plugin may ask the cloud for a token."""


def runs_in_a_pod() -> bool:
    """Whether this process has a service account of a cluster."""
    return "KUBERNETES_SERVICE_HOST" in os.environ and (SERVICE_ACCOUNT / "token").exists()


async def connect(k8s_uri: str | None, *, submitting_inside_pod: bool) -> ApiClient:
    """A client: to `k8Uri` without credentials, with the pod's service account, or as a kubeconfig file says.

    Without any of them set (an empty address is none), it is the kubeconfig file of `$KUBECONFIG` or the home folder,
    else the service account.
    """
    configuration = Configuration()
    configuration.connection_pool_maxsize = UNLIMITED  # of those that last; KubernetesApi limits requests
    configuration.retries = False
    if k8s_uri:
        configuration.host = k8s_uri.rstrip("/")
    elif submitting_inside_pod or (not _kubeconfig().exists() and runs_in_a_pod()):
        _from_service_account(configuration)
    else:
        await _from_kubeconfig(configuration)
    return ApiClient(configuration)


def _kubeconfig() -> Path:
    return Path(os.environ.get("KUBECONFIG", "~/.kube/config").split(os.pathsep)[0]).expanduser()


def _from_service_account(configuration: Configuration) -> None:
    try:
        load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    except ConfigException as error:
        raise ConfigurationError(
            f"functionRuntimeFactoryConfigs.submittingInsidePod: this is no pod with a service account ({error}); "
            "set it to false to use a kubeconfig file"
        ) from error


async def _from_kubeconfig(configuration: Configuration) -> None:
    try:
        async with asyncio.timeout(LOAD_SECONDS):
            loader = await load_kube_config(  # type: ignore[no-untyped-call]
                config_file=os.environ.get("KUBECONFIG"), client_configuration=configuration, persist_config=False
            )
    except TimeoutError as error:
        raise ConfigurationError(
            f"the exec plugin of the kubeconfig file {_kubeconfig()} does not end within {LOAD_SECONDS:.0f} s; "
            "run it by hand to see what it waits for"
        ) from error
    except (ConfigException, OSError, ValueError) as error:
        raise ConfigurationError(
            f"there is no usable kubeconfig file ({_kubeconfig()}: {error}); set KUBECONFIG, or "
            "functionRuntimeFactoryConfigs.submittingInsidePod or .k8Uri"
        ) from error
    KubeconfigToken(loader).keep_fresh(configuration)
