"""The enumerations of FunctionConfig, with the values of its JSON."""

from enum import StrEnum


class Runtime(StrEnum):
    """The language that a function is written in."""

    JAVA = "JAVA"
    PYTHON = "PYTHON"
    GO = "GO"


class ProcessingGuarantees(StrEnum):
    """How often a message may be processed."""

    ATLEAST_ONCE = "ATLEAST_ONCE"
    ATMOST_ONCE = "ATMOST_ONCE"
    EFFECTIVELY_ONCE = "EFFECTIVELY_ONCE"
    MANUAL = "MANUAL"


class WindowGuarantees(StrEnum):
    """The guarantees that a window can give."""

    ATLEAST_ONCE = "ATLEAST_ONCE"
    ATMOST_ONCE = "ATMOST_ONCE"


class SubscriptionInitialPosition(StrEnum):
    """Where a new subscription begins."""

    LATEST = "Latest"
    EARLIEST = "Earliest"


class CompressionType(StrEnum):
    """How a producer compresses."""

    NONE = "NONE"
    LZ4 = "LZ4"
    ZLIB = "ZLIB"
    ZSTD = "ZSTD"
    SNAPPY = "SNAPPY"


class ProducerCryptoFailureAction(StrEnum):
    """What happens to a message that cannot be encrypted."""

    FAIL = "FAIL"
    SEND = "SEND"


class ConsumerCryptoFailureAction(StrEnum):
    """What happens to a message that cannot be decrypted."""

    FAIL = "FAIL"
    DISCARD = "DISCARD"
    CONSUME = "CONSUME"
