"""Images of pods without a container engine: file system layers become an OCI archive that containerd imports.

`image = Image("docker.io/rig/mine:1", (pack_layer(folder, tar),))`,
then `cluster.load_image(image)`; pods run it with `imagePullPolicy: IfNotPresent` (or `Never`).
"""

import hashlib
import io
import json
import platform
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import attrs

MEDIA_TYPE = "application/vnd.oci.image"
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PACK_SECONDS = 600
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@attrs.frozen
class Layer:
    """A tar of files below `/`; those of later layers replace equal ones of earlier layers."""

    tar: Path
    digest: str

    @classmethod
    def of(cls, tar: Path) -> "Layer":
        with tar.open("rb") as content:
            return cls(tar, f"sha256:{hashlib.file_digest(content, 'sha256').hexdigest()}")


def pack_layer(root: Path, tar: Path) -> Layer:
    """Pack the files below the folder `root`, as root's, into the file `tar`."""
    owner = ["--owner=0", "--group=0", "--numeric-owner"]
    subprocess.run(["tar", "cf", tar, *owner, "-C", root, "."], check=True, timeout=PACK_SECONDS)
    return Layer.of(tar)


def pack_root_file_system(root: Path, tar: Path) -> Layer:
    """As `pack_layer`, but files keep their owners."""
    subprocess.run(["tar", "cf", tar, "--numeric-owner", "-C", root, "."], check=True, timeout=PACK_SECONDS)
    return Layer.of(tar)


@attrs.frozen
class Image:
    """An image; `reference` must be a full one, such as docker.io/rig/function:1."""

    reference: str
    layers: tuple[Layer, ...]
    entrypoint: Sequence[str] = ()
    command: Sequence[str] = ()
    environ: Mapping[str, str] = attrs.field(factory=dict)
    working_directory: str = "/"
    user: str = ""

    def write(self, archive: IO[bytes]) -> None:
        """Write the OCI archive; the stream need not be seekable."""
        configuration = _json(self._configuration())
        manifest = _json(self._manifest(configuration))
        with tarfile.open(fileobj=archive, mode="w|") as tar:
            _add(tar, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}))
            _add(tar, "index.json", _json(self._index(manifest)))
            _add(tar, _blob(_digest(configuration)), configuration)
            _add(tar, _blob(_digest(manifest)), manifest)
            for layer in dict.fromkeys(self.layers):
                tar.add(layer.tar, _blob(layer.digest))

    def _configuration(self) -> dict[str, Any]:
        environ = {"PATH": SEARCH_PATH, **self.environ}
        return {
            "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": {
                "Entrypoint": list(self.entrypoint) or None,
                "Cmd": list(self.command) or None,
                "Env": [f"{name}={value}" for name, value in environ.items()],
                "WorkingDir": self.working_directory,
                "User": self.user,
            },
            "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in self.layers]},
        }

    def _manifest(self, configuration: bytes) -> dict[str, Any]:
        return {
            "schemaVersion": 2,
            "mediaType": f"{MEDIA_TYPE}.manifest.v1+json",
            "config": _described("config.v1+json", _digest(configuration), len(configuration)),
            "layers": [_described("layer.v1.tar", layer.digest, layer.tar.stat().st_size) for layer in self.layers],
        }

    def _index(self, manifest: bytes) -> dict[str, Any]:
        named = {"annotations": {"io.containerd.image.name": self.reference}}
        return {
            "schemaVersion": 2,
            "manifests": [_described("manifest.v1+json", _digest(manifest), len(manifest)) | named],
        }


def _described(kind: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": f"{MEDIA_TYPE}.{kind}", "digest": digest, "size": size}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
