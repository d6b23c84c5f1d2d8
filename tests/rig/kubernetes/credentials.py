"""Who is who in a cluster: certificates, kubeconfig files, and the key of service accounts."""

import base64
from pathlib import Path

import attrs
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.rig.certificates import Authority
from tests.rig.kubernetes.place import Place

API_PORT = 6443
NODE = "rig"
API_HOSTS = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
# User: the group that gives it its rights.
USERS = {
    "admin": "system:masters",
    f"system:node:{NODE}": "system:nodes",
    "system:kube-controller-manager": "",
    "system:kube-scheduler": "",
}


@attrs.frozen
class Credentials:
    """Files below `folder`."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, place: Place) -> "Credentials":
        folder.mkdir()
        authority = Authority.make(folder, "rig")
        authority.issue("kube-apiserver", ["127.0.0.1", place.node, place.api_service], API_HOSTS)
        for user, group in USERS.items():
            certificate, key = authority.issue(user, [], [NODE], group)
            kubeconfig = _kubeconfig(place, user, authority.file, certificate, key)
            (folder / f"{user}.kubeconfig").write_text(yaml.safe_dump(kubeconfig))
        _service_accounts(folder)
        return cls(folder)

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"

    def certificate(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def key(self, name: str) -> Path:
        return self.folder / f"{name}.key"

    def kubeconfig(self, user: str) -> Path:
        return self.folder / f"{user}.kubeconfig"

    @property
    def service_accounts(self) -> tuple[Path, Path]:
        """The key that signs their tokens, and the one that checks them."""
        return self.folder / "service-accounts.key", self.folder / "service-accounts.pub"


def _kubeconfig(place: Place, user: str, authority: Path, certificate: Path, key: Path) -> dict[str, object]:
    server = {"server": f"https://{place.node}:{API_PORT}", "certificate-authority-data": _data(authority)}
    keys = {"client-certificate-data": _data(certificate), "client-key-data": _data(key)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "rig", "cluster": server}],
        "users": [{"name": user, "user": keys}],
        "contexts": [{"name": "rig", "context": {"cluster": "rig", "user": user}}],
        "current-context": "rig",
    }


def _data(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def _service_accounts(folder: Path) -> None:
    signing, checking = Credentials(folder).service_accounts
    key = ec.generate_private_key(ec.SECP256R1())
    signing.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    checking.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
