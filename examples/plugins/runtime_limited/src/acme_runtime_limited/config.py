"""What functionRuntimeFactoryConfigs may say."""

import attrs


@attrs.frozen
class LimitedRuntimeConfig:
    """Limits of every instance. `memory_bytes` None: what the function's resources ask for, or no limit without any.

    Memory is what the instance allocates for itself (RLIMIT_DATA), not what it shares with others.
    """

    log_directory: str = "logs"
    memory_bytes: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(128 * 1024**2))
    )
    open_files: int = attrs.field(default=256, validator=attrs.validators.ge(64))
    niceness: int = attrs.field(default=10, validator=[attrs.validators.ge(0), attrs.validators.le(19)])
    environment: tuple[str, ...] = ("PATH", "LANG", "LC_ALL", "TZ")
