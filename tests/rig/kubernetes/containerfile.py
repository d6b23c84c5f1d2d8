"""Builds an image from a Containerfile without a container engine, as far as ours go.

The base is the rig's Debian with Python in place of the one that FROM names; `pip install` is done by the host for that
Python; what else a RUN does is known here by its text, so that a Containerfile with anything new fails instead of
being believed.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.rig.errors import RigError
from tests.rig.kubernetes.images import Image, pack_layer
from tests.rig.kubernetes.layers import SITE_PACKAGES, debian_layer, install

DEPLOY = Path(__file__).parents[3] / "deploy"
FUNCTION = DEPLOY / "function/Containerfile"
WORKER = DEPLOY / "worker/Containerfile"
PIP = re.compile(r"pip install --no-cache-dir --find-links /tmp/wheels (?P<what>[^&]+) && rm -r /tmp/wheels")
FOLDERS = re.compile(r"mkdir -p (?P<folders>[^&]+) && chgrp -R 0 /pulsar && chmod -R g=u /pulsar")


def built_image(containerfile: Path, reference: str, work: Path) -> Image:
    """The image that a Containerfile below `deploy/` describes; its own layer is a file in `work`."""
    root, options = work / "root", {}
    root.mkdir(parents=True)
    for instruction, rest in instructions(containerfile):
        match instruction:
            case "FROM":
                continue
            case "COPY":
                _copy(containerfile.parents[1], rest, root)
            case "RUN":
                _run(rest, root)
            case "WORKDIR" | "USER" | "CMD":
                options[instruction] = rest
            case _:
                raise RigError(f"{containerfile}: the rig does not know {instruction}")
    return Image(
        reference,
        (debian_layer(), pack_layer(root, work / "own.tar")),
        command=json.loads(options.get("CMD", "[]")),
        working_directory=options.get("WORKDIR", "/"),
        user=options.get("USER", ""),
    )


def instructions(containerfile: Path) -> Iterator[tuple[str, str]]:
    """Each instruction and what follows it."""
    for line in containerfile.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            instruction, _, rest = line.partition(" ")
            yield instruction, rest.strip()


def _copy(context: Path, rest: str, root: Path) -> None:
    source, target = rest.split()
    if source != "wheels/":  # `install` builds them
        shutil.copytree(context / source, root / target.lstrip("/"), dirs_exist_ok=True)


def _run(rest: str, root: Path) -> None:
    if found := PIP.fullmatch(rest):
        install(found["what"].split(), root / SITE_PACKAGES)
    elif found := FOLDERS.fullmatch(rest):
        for folder in found["folders"].split():
            (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
        for path in (root / "pulsar", *(root / "pulsar").rglob("*")):
            path.chmod(path.stat().st_mode & ~0o070 | _group_as_owner(path))
    else:
        raise RigError(f"the rig does not know how to run: {rest}")


def _group_as_owner(path: Path) -> int:
    """The mode bits with which the group may do what the owner may."""
    return (path.stat().st_mode & 0o700) >> 3
