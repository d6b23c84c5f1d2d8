"""The thread runtime's own configuration."""

import os
from pathlib import Path

import attrs
from attrs.validators import and_, gt, le, optional

CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
WHOLE = 100.0


@attrs.frozen
class MemoryLimit:
    """pulsarClientMemoryLimit: bytes, or a percentage of the memory this process may use; the smaller where both."""

    absolute_value: int | None = attrs.field(default=None, validator=optional(gt(0)))
    percent_of_max_direct_memory: float | None = attrs.field(default=None, validator=optional(and_(gt(0.0), le(WHOLE))))

    def in_bytes(self, available: int) -> int | None:
        """The limit given the memory that is available, both in bytes; None for none."""
        percent = self.percent_of_max_direct_memory
        share = None if percent is None else int(available * percent / WHOLE)
        return min((limit for limit in (self.absolute_value, share) if limit is not None), default=None)


@attrs.frozen
class ThreadRuntimeFactoryConfig:
    """functionRuntimeFactoryConfigs of the thread runtime (upstream: ThreadRuntimeFactoryConfig)."""

    thread_group_name: str = "Thread Function Container Group"
    pulsar_client_memory_limit: MemoryLimit | None = None


def available_memory(cgroup_limits: tuple[Path, ...] = CGROUP_LIMITS) -> int:
    """The bytes that this process may use: the control group's limit or the machine's memory, whichever is smaller."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    texts = [path.read_text(encoding="ascii").strip() for path in cgroup_limits if path.is_file()]
    return min([machine, *(int(text) for text in texts if text.isdecimal())])
