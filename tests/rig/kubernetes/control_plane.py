"""etcd, API server, controllers and scheduler. They have the network to themselves: all ports are the usual ones."""

from pathlib import Path

from tests.rig.kubernetes.credentials import API_PORT, Credentials
from tests.rig.kubernetes.namespaces import Namespaces
from tests.rig.kubernetes.place import Place

ETCD = "http://127.0.0.1:2379"
# A busy machine must not lose its only node.
NODE_GRACE = "10m"


def start_store(namespaces: Namespaces, binaries: Path, place: Place, credentials: Credentials) -> None:
    """etcd, and the API server over it."""
    data = place.folder / "etcd"
    namespaces.start("etcd", binaries / "etcd", "--data-dir", data, "--unsafe-no-fsync")
    namespaces.start("kube-apiserver", binaries / "kube-apiserver", *_api_server(place, credentials))


def start_controllers(namespaces: Namespaces, binaries: Path, credentials: Credentials) -> None:
    """The controllers and the scheduler, once the API server answers."""
    signing, _ = credentials.service_accounts
    controllers = "kube-controller-manager"
    tokens = [f"--service-account-private-key-file={signing}", f"--root-ca-file={credentials.authority}"]
    tokens += ["--use-service-account-credentials=true", f"--node-monitor-grace-period={NODE_GRACE}"]
    namespaces.start(controllers, binaries / controllers, *_leader(credentials, controllers), *tokens)
    namespaces.start("kube-scheduler", binaries / "kube-scheduler", *_leader(credentials, "kube-scheduler"))


def _api_server(place: Place, credentials: Credentials) -> list[str]:
    signing, checking = credentials.service_accounts
    return [
        f"--etcd-servers={ETCD}",
        f"--secure-port={API_PORT}",
        f"--advertise-address={place.node}",
        f"--tls-cert-file={credentials.certificate('kube-apiserver')}",
        f"--tls-private-key-file={credentials.key('kube-apiserver')}",
        f"--client-ca-file={credentials.authority}",
        f"--service-account-key-file={checking}",
        f"--service-account-signing-key-file={signing}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-cluster-ip-range={place.services}",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged=true",
        f"--kubelet-client-certificate={credentials.certificate('admin')}",
        f"--kubelet-client-key={credentials.key('admin')}",
        "--kubelet-preferred-address-types=InternalIP",
    ]


def _leader(credentials: Credentials, name: str) -> list[str]:
    kubeconfig = credentials.kubeconfig(f"system:{name}")
    return [f"--kubeconfig={kubeconfig}", "--leader-elect=false", "--bind-address=127.0.0.1"]
