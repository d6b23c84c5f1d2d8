"""Every key of functions_worker.yml."""

import attrs


@attrs.define
class WorkerConfig:
    """A functions worker's configuration."""

    worker_id: str = "standalone"
