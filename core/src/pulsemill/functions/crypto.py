"""CryptoConfig and its protobuf form (upstream's CryptoUtils)."""

import json

from pulsemill.functions.enums import ConsumerCryptoFailureAction, ProducerCryptoFailureAction
from pulsemill.functions.model import CryptoConfig
from pulsemill.java_json import to_json
from pulsemill_instance.proto.Function_pb2 import CryptoSpec


def crypto_spec(config: CryptoConfig) -> CryptoSpec:
    """The protobuf form of a CryptoConfig."""
    spec = CryptoSpec(
        cryptoKeyReaderClassName=config.crypto_key_reader_class_name or "",
        producerEncryptionKeyName=config.encryption_keys or (),
        producerCryptoFailureAction=config.producer_crypto_failure_action,
        consumerCryptoFailureAction=config.consumer_crypto_failure_action,
    )
    if config.crypto_key_reader_config is not None:
        spec.cryptoKeyReaderConfig = to_json(config.crypto_key_reader_config)
    return spec


def crypto_config(spec: CryptoSpec) -> CryptoConfig:
    """The CryptoConfig in a protobuf form; actions that were not given come back as FAIL."""
    action = CryptoSpec.FailureAction.Name
    return CryptoConfig(
        crypto_key_reader_class_name=spec.cryptoKeyReaderClassName,
        crypto_key_reader_config=json.loads(spec.cryptoKeyReaderConfig) if spec.cryptoKeyReaderConfig else None,
        encryption_keys=tuple(spec.producerEncryptionKeyName),
        producer_crypto_failure_action=ProducerCryptoFailureAction(action(spec.producerCryptoFailureAction)),
        consumer_crypto_failure_action=ConsumerCryptoFailureAction(action(spec.consumerCryptoFailureAction)),
    )
