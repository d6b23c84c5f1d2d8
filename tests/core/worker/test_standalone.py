"""What a standalone worker does not do."""

from pathlib import Path

import pytest

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError
from pulsemill.worker.standalone import Standalone


@pytest.mark.parametrize(("attribute", "key"), [("tls_enabled", "tlsEnabled"), ("use_tls", "useTls")])
async def test_tls_is_refused_instead_of_left_out(attribute: str, key: str, tmp_path: Path) -> None:
    worker = Standalone(tmp_path / "data", config=WorkerConfig(**{attribute: True}))
    with pytest.raises(ConfigurationError, match=f"{key}: a standalone worker has no TLS"):
        await worker.__aenter__()
    assert not (tmp_path / "data").exists()
