"""How this worker reaches the instances of a function."""

from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.channels import Channels, Place, StatusAccess
from pulsemill_runtime_k8s.connecting import runs_in_a_pod
from pulsemill_runtime_k8s.deployment import Deployment
from pulsemill_runtime_k8s.settings import Settings


def channels_of(api: KubernetesApi, settings: Settings, deployment: Deployment) -> Channels:
    """Channels to the instances of a function, as the settings say."""
    place = Place(deployment.namespace, deployment.name, settings.grpc_port, settings.own.cluster_domain)
    return Channels(api, place, status_access(settings))


def status_access(settings: Settings) -> StatusAccess:
    """`auto` knows that DNS names of pods mean something in pods only."""
    configured = settings.own.status_access
    if configured == "auto":
        return StatusAccess.DNS if runs_in_a_pod() else StatusAccess.PORT_FORWARD
    return StatusAccess(configured)
