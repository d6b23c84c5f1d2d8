"""Settings of a function that an instance in Python cannot honour: said once at the start, never silently ignored."""

from collections.abc import Iterator

from pulsemill_instance.dead_letter_topics import max_retries
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.inputs import input_specs
from pulsemill_instance.proto.Function_pb2 import ATMOST_ONCE, CryptoSpec, FunctionDetails
from pulsemill_instance.windowing.settings import window_settings

_DISCOVERY_KEY = "patternAutoDiscoveryPeriod"
_BATCH_SOURCE_KEY = "__BATCHSOURCECONFIGS__"


def check_supported(details: FunctionDetails) -> None:
    """InstanceError for what would change the function's results if it were ignored."""
    if details.source.builtin or details.sink.builtin or _BATCH_SOURCE_KEY in details.source.configs:
        raise InstanceError("sources and sinks run on Java only: a Python instance runs functions")


def ineffective_settings(details: FunctionDetails) -> list[str]:
    """A sentence for each setting that has no effect."""
    return [*_of_retries(details), *_of_inputs(details), *_of_output(details)]


def _of_retries(details: FunctionDetails) -> Iterator[str]:
    windows = window_settings(details)
    at_most_once = windows.at_most_once if windows else details.processingGuarantees == ATMOST_ONCE
    if at_most_once and max_retries(details) is not None:
        yield "maxMessageRetries has no effect with ATMOST_ONCE: messages are acknowledged before they can fail"


def _of_inputs(details: FunctionDetails) -> Iterator[str]:
    for topic, spec in input_specs(details).items():
        if spec.poolMessages:
            yield f"poolMessages of input {topic} has no effect: the Python client does not pool messages"
        if _DISCOVERY_KEY in spec.consumerProperties and not spec.isRegexPattern:
            yield f"{_DISCOVERY_KEY} of input {topic} has no effect: the input is no pattern"


def _of_output(details: FunctionDetails) -> Iterator[str]:
    producer = details.sink.producerSpec
    if producer.useThreadLocalProducers:
        yield "useThreadLocalProducers has no effect: an instance sends from one thread"
    if producer.cryptoSpec.producerCryptoFailureAction == CryptoSpec.SEND:
        yield "producerCryptoFailureAction SEND has no effect: the Python client never sends what it cannot encrypt"
    if len(producer.cryptoSpec.producerEncryptionKeyName) > 1:
        yield "only the first of producerEncryptionKeyName is used: the Python client encrypts with one key"
    for builder in (producer.batchBuilder, producer.batchingSpec.batchBuilder):
        if builder not in {"", "DEFAULT", "KEY_BASED"}:
            yield f"batchBuilder {builder!r} has no effect: it may be DEFAULT or KEY_BASED"
    if producer.batchingSpec.roundRobinRouterBatchingPartitionSwitchFrequency:
        yield "roundRobinRouterBatchingPartitionSwitchFrequency has no effect: the Python client does not know it"
