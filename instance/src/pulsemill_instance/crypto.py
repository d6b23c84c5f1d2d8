"""End-to-end encryption of inputs and outputs."""

import json
from typing import Any

import pulsar

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.interfaces import UserFunction
from pulsemill_instance.proto.Function_pb2 import CryptoSpec

_FAILURE_ACTIONS = {
    CryptoSpec.FAIL: pulsar.ConsumerCryptoFailureAction.FAIL,
    CryptoSpec.DISCARD: pulsar.ConsumerCryptoFailureAction.DISCARD,
    CryptoSpec.CONSUME: pulsar.ConsumerCryptoFailureAction.CONSUME,
}


def consumer_crypto(spec: CryptoSpec, function: UserFunction) -> dict[str, Any]:
    """Arguments of `Client.subscribe`; none for an empty spec."""
    if not _is_configured(spec):
        return {}
    action = _FAILURE_ACTIONS.get(spec.consumerCryptoFailureAction)
    if action is None:
        raise InstanceError("consumerCryptoFailureAction must be FAIL, DISCARD or CONSUME")
    return {"crypto_key_reader": _key_reader(spec, function), "crypto_failure_action": action}


def producer_crypto(spec: CryptoSpec, function: UserFunction) -> dict[str, Any]:
    """Arguments of `Client.create_producer`; none for an empty spec. The client takes the first key only."""
    if not _is_configured(spec):
        return {}
    keys = spec.producerEncryptionKeyName
    return {"crypto_key_reader": _key_reader(spec, function), "encryption_key": keys[0] if keys else None}


def _is_configured(spec: CryptoSpec) -> bool:
    return bool(spec.cryptoKeyReaderClassName or spec.cryptoKeyReaderConfig or spec.producerEncryptionKeyName)


def _key_reader(spec: CryptoSpec, function: UserFunction) -> Any:
    try:
        config = json.loads(spec.cryptoKeyReaderConfig or "{}")
        if not spec.cryptoKeyReaderClassName:
            return pulsar.CryptoKeyReader(**config)
        return function.import_class(spec.cryptoKeyReaderClassName)(**config)
    except (TypeError, ValueError) as error:
        # The configuration may hold keys: the error names it, without its text.
        raise InstanceError(
            f"cryptoKeyReaderConfig does not fit its crypto key reader ({type(error).__name__})"
        ) from None
