"""What the tests of the configuration share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pulsemill.config.loader import LoadedConfig, read_worker_config

Read = Callable[..., LoadedConfig]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Load text as a functions_worker.yml, with environment variables as keywords."""

    def read_text(text: str, *, strict: bool = False, **environ: str) -> LoadedConfig:
        path = tmp_path / "functions_worker.yml"
        path.write_text(text)
        return read_worker_config(path, environ, strict=strict)

    return read_text
