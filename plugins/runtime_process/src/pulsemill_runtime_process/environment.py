"""The environment of an instance."""

from collections.abc import Mapping
from pathlib import Path


def instance_environment(
    worker: Mapping[str, str], extra_dependencies: Path | None, secrets: Mapping[str, str]
) -> dict[str, str]:
    """The worker's environment, the extra dependencies on PYTHONPATH, and what the secrets configurator adds.

    Upstream sets PYTHONPATH to a literal `${PYTHONPATH}:<folder>`, which no one expands.
    """
    environment = dict(worker)
    if extra_dependencies:
        given = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{given}:{extra_dependencies}" if given else str(extra_dependencies)
    return environment | dict(secrets)
