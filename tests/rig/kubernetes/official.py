"""An image that is laid out as the official one: the whole distribution below /pulsar, Java, and what upstream's Python
instance imports. Upstream's own programs run in it, from the download by pulsar-admin on.
"""

import shutil
from pathlib import Path

from tests.rig.distribution import pulsar_home
from tests.rig.kubernetes.images import Image, pack_layer
from tests.rig.kubernetes.layers import SITE_PACKAGES, debian_java_layer, install_published
from tests.rig.upstream_python import REQUIREMENTS

FOLDERS = ("bin", "conf", "instances", "lib")


def official_image(reference: str, work: Path) -> Image:
    """The image; its own layer is a file in `work`."""
    root = work / "root"
    for folder in FOLDERS:
        shutil.copytree(pulsar_home() / folder, root / "pulsar" / folder, copy_function=shutil.copy)
    (root / "pulsar/logs").mkdir()
    install_published(REQUIREMENTS, root / SITE_PACKAGES)
    layers = (debian_java_layer(), pack_layer(root, work / "own.tar"))
    return Image(reference, layers, working_directory="/pulsar")
