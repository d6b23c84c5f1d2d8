"""What is asked of the API server, and put into it, while a cluster starts."""

from pathlib import Path
from typing import cast

from kubernetes import client, config
from urllib3.exceptions import HTTPError

from tests.rig.kubernetes.place import Place

SYSTEM = "kube-system"
DNS = "kube-dns"
NOT_FOUND = 404
OK = 200
REQUEST_SECONDS = 10


def api_client(kubeconfig: Path) -> client.ApiClient:
    load = config.new_client_from_config
    return cast("client.ApiClient", load(str(kubeconfig)))  # type: ignore[no-untyped-call]


def api_answers(api: client.ApiClient) -> bool:
    """Whether the API server is ready."""
    try:
        answer = api.call_api("GET", f"{api.configuration.host}/readyz", _request_timeout=REQUEST_SECONDS)
    except (HTTPError, client.ApiException):
        return False
    return bool(answer.status == OK)


def node_is_ready(api: client.ApiClient, name: str) -> bool:
    try:
        status = client.CoreV1Api(api).read_node(name).status
    except client.ApiException:
        return False
    conditions = (status and status.conditions) or []
    return any(condition.type == "Ready" and condition.status == "True" for condition in conditions)


def service_account_exists(core: client.CoreV1Api, namespace: str) -> bool:
    """Whether pods of a new namespace can be made: they need its default service account."""
    try:
        core.read_namespaced_service_account("default", namespace)
    except client.ApiException as problem:
        if problem.status == NOT_FOUND:
            return False
        raise
    return True


def announce_dns(api: client.ApiClient, place: Place) -> None:
    """The address that pods ask for names leads to the program on the node, which no selector would find."""
    ports = [("dns", "UDP"), ("dns-tcp", "TCP")]
    listens = [client.V1ServicePort(name=name, port=53, protocol=protocol) for name, protocol in ports]
    service = client.V1Service(
        metadata=client.V1ObjectMeta(name=DNS),
        spec=client.V1ServiceSpec(cluster_ip=place.dns_service, ports=listens),
    )
    client.CoreV1Api(api).create_namespaced_service(SYSTEM, service)
    endpoints = client.V1EndpointSlice(
        metadata=client.V1ObjectMeta(name=DNS, labels={"kubernetes.io/service-name": DNS}),
        address_type="IPv4",
        endpoints=[client.V1Endpoint(addresses=[place.node])],
        ports=[client.DiscoveryV1EndpointPort(name=name, port=53, protocol=protocol) for name, protocol in ports],
    )
    client.DiscoveryV1Api(api).create_namespaced_endpoint_slice(SYSTEM, endpoints)
