"""Reads a function configuration file (--function-config-file): YAML with the keys of FunctionConfig."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from pulsemill.cli.functions.naming import FunctionArgumentError

CRYPTO_CONFIG = frozenset(
    (
        "cryptoKeyReaderClassName",
        "cryptoKeyReaderConfig",
        "encryptionKeys",
        "producerCryptoFailureAction",
        "consumerCryptoFailureAction",
    )
)
PRODUCER_CONFIG = frozenset(
    (
        "maxPendingMessages",
        "maxPendingMessagesAcrossPartitions",
        "useThreadLocalProducers",
        "cryptoConfig",
        "batchBuilder",
        "compressionType",
    )
)
CONSUMER_CONFIG = frozenset(
    (
        "schemaType",
        "serdeClassName",
        "serdeClassname",
        "regexPattern",
        "isRegexPattern",
        "schemaProperties",
        "consumerProperties",
        "receiverQueueSize",
        "cryptoConfig",
        "poolMessages",
    )
)
WINDOW_CONFIG = frozenset(
    (
        "windowLengthCount",
        "windowLengthDurationMs",
        "slidingIntervalCount",
        "slidingIntervalDurationMs",
        "lateDataTopic",
        "maxLagMs",
        "watermarkEmitIntervalMs",
        "timestampExtractorClassName",
        "actualWindowFunctionClassName",
        "processingGuarantees",
    )
)
RESOURCES = frozenset({"cpu", "ram", "disk"})
FUNCTION_CONFIG = frozenset(
    (
        "tenant",
        "namespace",
        "name",
        "fqfn",
        "className",
        "functionType",
        "jar",
        "py",
        "go",
        "runtime",
        "inputs",
        "topicsPattern",
        "customSerdeInputs",
        "customSchemaInputs",
        "inputSpecs",
        "inputTypeClassName",
        "output",
        "outputSchemaType",
        "outputSerdeClassName",
        "customSchemaOutputs",
        "outputTypeClassName",
        "producerConfig",
        "batchBuilder",
        "logTopic",
        "deadLetterTopic",
        "processingGuarantees",
        "retainOrdering",
        "retainKeyOrdering",
        "autoAck",
        "subName",
        "subscriptionPosition",
        "skipToLatest",
        "cleanupSubscription",
        "forwardSourceMessageProperty",
        "userConfig",
        "secrets",
        "maxMessageRetries",
        "timeoutMs",
        "parallelism",
        "resources",
        "windowConfig",
        "runtimeFlags",
        "customRuntimeOptions",
        "maxPendingAsyncRequests",
        "exposePulsarAdminClientEnabled",
    )
)
"""The keys of FunctionConfig and of its nested types (upstream: org.apache.pulsar.common.functions, 4.0.6)."""

NESTED = {"resources": RESOURCES, "windowConfig": WINDOW_CONFIG, "producerConfig": PRODUCER_CONFIG}


def load_function_config(path: Path) -> dict[str, Any]:
    """The keys of a file; raises FunctionArgumentError for what is no YAML mapping or no key of FunctionConfig."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FunctionArgumentError(f"cannot read the function config file {path}: {error}") from error
    except yaml.YAMLError as error:
        raise FunctionArgumentError(f"the function config file {path} is not YAML: {_where(error)}") from error
    if not isinstance(document, dict):
        raise FunctionArgumentError(f"the function config file {path} must hold keys and values, such as 'name: echo'")
    problems = list(unknown_keys(document))
    if problems:
        raise FunctionArgumentError(f"the function config file {path}: {'; '.join(problems)}")
    return {key: value for key, value in document.items() if value is not None}


def unknown_keys(config: Mapping[str, Any]) -> Iterator[str]:
    """A sentence about each key that upstream's FunctionConfig does not have, with the nearest that it has."""
    yield from _unknown(config, FUNCTION_CONFIG, "")
    for key, known in NESTED.items():
        yield from _unknown(config.get(key), known, f"{key}.")
    specs = config.get("inputSpecs")
    for topic, spec in specs.items() if isinstance(specs, dict) else ():
        yield from _unknown(spec, CONSUMER_CONFIG, f"inputSpecs.{topic}.")
        yield from _unknown(_crypto(spec), CRYPTO_CONFIG, f"inputSpecs.{topic}.cryptoConfig.")
    yield from _unknown(_crypto(config.get("producerConfig")), CRYPTO_CONFIG, "producerConfig.cryptoConfig.")


def _crypto(holder: Any) -> Any:
    return holder.get("cryptoConfig") if isinstance(holder, dict) else None


def _unknown(mapping: Any, known: frozenset[str], prefix: str) -> Iterator[str]:
    for key in mapping if isinstance(mapping, dict) else ():
        if key not in known:
            nearest = difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)
            yield f"unknown key {prefix}{key}" + (f" (did you mean {prefix}{nearest[0]}?)" if nearest else "")


def _where(error: yaml.YAMLError) -> str:
    return " ".join(str(error).split())
