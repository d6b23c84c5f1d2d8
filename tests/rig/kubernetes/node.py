"""The node: containerd, kubelet, kube-proxy, and the cluster's DNS, which runs beside them."""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.rig.kubernetes.credentials import NODE, Credentials
from tests.rig.kubernetes.namespaces import BRIDGE, Namespaces
from tests.rig.kubernetes.place import Place
from tests.rig.kubernetes.prerequisites import NETWORK_PLUGINS

PAUSE_IMAGE = "docker.io/rig/pause:1"
ZONE = "cluster.local"


def containerd_socket(place: Place) -> Path:
    return place.folder / "containerd.sock"


def start_containerd(namespaces: Namespaces, place: Place) -> None:
    configuration = place.folder / "containerd.toml"
    configuration.write_text(_containerd(place))
    _network(place)
    namespaces.start("containerd", "containerd", "--config", configuration)


def start_node(namespaces: Namespaces, binaries: Path, place: Place, credentials: Credentials) -> None:
    """kubelet, kube-proxy and CoreDNS; containerd must run, the API server must answer."""
    kubelet, proxy = place.folder / "kubelet.yaml", place.folder / "kube-proxy.yaml"
    (place.folder / "resolv.conf").touch()
    kubelet.write_text(yaml.safe_dump(_kubelet(place, credentials)))
    proxy.write_text(yaml.safe_dump(_proxy(place, credentials)))
    names = place.folder / "Corefile"
    names.write_text(_names(place, credentials))
    identity = [f"--kubeconfig={credentials.kubeconfig(f'system:node:{NODE}')}", f"--hostname-override={NODE}"]
    identity += [f"--node-ip={place.node}", f"--root-dir={place.folder / 'kubelet'}"]
    namespaces.start("kubelet", binaries / "kubelet", f"--config={kubelet}", *identity)
    namespaces.start("kube-proxy", binaries / "kube-proxy", f"--config={proxy}")
    namespaces.start("coredns", binaries / "coredns", "-conf", names)


def _containerd(place: Place) -> str:
    """Root of a container may not lower oom_score_adj, and runc ends on that; hence restrict_oom_score_adj."""
    return f"""version = 2
root = "{place.folder}/containerd/root"
state = "{place.folder}/containerd/state"
[grpc]
  address = "{containerd_socket(place)}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{NETWORK_PLUGINS}"
    conf_dir = "{place.folder}/network"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
"""


def _network(place: Place) -> None:
    """Tell containerd how pods get addresses: on the bridge, with the node as their gateway."""
    folder = place.folder / "network"
    folder.mkdir()
    pods = {"subnet": place.network, "rangeStart": place.first_pod, "gateway": place.node}
    addresses: dict[str, Any] = {"type": "host-local", "dataDir": str(folder / "addresses"), "ranges": [[pods]]}
    addresses["routes"] = [{"dst": "0.0.0.0/0"}]
    bridge = {"type": "bridge", "bridge": BRIDGE, "hairpinMode": True, "ipam": addresses}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    network = {"cniVersion": "0.4.0", "name": "rig", "plugins": [bridge, ports]}
    (folder / "10-rig.conflist").write_text(json.dumps(network))


def _kubelet(place: Place, credentials: Credentials) -> dict[str, Any]:
    """Images are never collected: nobody could pull them again."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(credentials.authority)},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{place.control_group}",
        "enforceNodeAllocatable": [],
        "failSwapOn": False,
        "failCgroupV1": False,
        "localStorageCapacityIsolation": False,
        "containerRuntimeEndpoint": f"unix://{containerd_socket(place)}",
        "clusterDNS": [place.dns_service],
        "clusterDomain": ZONE,
        "resolvConf": str(place.folder / "resolv.conf"),
        "evictionHard": {"memory.available": "100Mi"},
        "imageGCHighThresholdPercent": 100,
        "volumePluginDir": str(place.folder / "volume-plugins"),
    }


def _proxy(place: Place, credentials: Credentials) -> dict[str, Any]:
    """Answers of pods must pass the node on any machine: hence masqueradeAll."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(credentials.kubeconfig("admin"))},
        "mode": "iptables",
        "iptables": {"masqueradeAll": True},
        "clusterCIDR": place.network,
        "conntrack": {"maxPerCore": 0},
        "hostnameOverride": NODE,
    }


def _names(place: Place, credentials: Credentials) -> str:
    return f""".:53 {{
    bind {place.node}
    kubernetes {ZONE} in-addr.arpa {{
        kubeconfig {credentials.kubeconfig("admin")} rig
    }}
}}
"""
