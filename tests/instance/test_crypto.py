from typing import Any

import pulsar
import pytest

from pulsemill_instance.crypto import consumer_crypto, producer_crypto
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.proto.Function_pb2 import CryptoSpec

KEYS = '{"public_key_path": "/secret/public.pem", "private_key_path": "/secret/private.pem"}'


class OwnReader(pulsar.CryptoKeyReader):  # type: ignore[misc]  # the client ships no types
    def __init__(self, folder: str) -> None:
        super().__init__(f"{folder}/public.pem", f"{folder}/private.pem")


class Package:
    """A package with one key reader."""

    kind, process, is_async = "class", None, False

    def import_class(self, name: str) -> type:
        return OwnReader


def consumer(**spec: Any) -> dict[str, Any]:
    return consumer_crypto(CryptoSpec(**spec), Package())  # type: ignore[arg-type]  # a stand-in without a function


def test_an_empty_spec_configures_nothing() -> None:
    assert consumer() == {}
    assert producer_crypto(CryptoSpec(), Package()) == {}  # type: ignore[arg-type]  # see consumer


def test_the_clients_reader_is_the_default_and_own_classes_work() -> None:
    assert type(consumer(cryptoKeyReaderConfig=KEYS)["crypto_key_reader"]) is pulsar.CryptoKeyReader
    own = consumer(cryptoKeyReaderClassName="mod.OwnReader", cryptoKeyReaderConfig='{"folder": "/secret"}')
    assert type(own["crypto_key_reader"]) is OwnReader


def test_failure_actions_are_passed_on() -> None:
    given = consumer(cryptoKeyReaderConfig=KEYS, consumerCryptoFailureAction=CryptoSpec.CONSUME)
    assert given["crypto_failure_action"] == pulsar.ConsumerCryptoFailureAction.CONSUME
    with pytest.raises(InstanceError, match="FAIL, DISCARD or CONSUME"):
        consumer(cryptoKeyReaderConfig=KEYS, consumerCryptoFailureAction=CryptoSpec.SEND)


def test_a_producer_encrypts_with_its_first_key() -> None:
    spec = CryptoSpec(cryptoKeyReaderConfig=KEYS, producerEncryptionKeyName=["one", "two"])
    assert producer_crypto(spec, Package())["encryption_key"] == "one"  # type: ignore[arg-type]  # see consumer


@pytest.mark.parametrize("config", ["no json /secret", '{"unknown": "/secret"}', '["/secret"]'])
def test_a_wrong_configuration_is_an_error_that_does_not_show_it(config: str) -> None:
    with pytest.raises(InstanceError, match="cryptoKeyReaderConfig") as refused:
        consumer(cryptoKeyReaderConfig=config)
    assert "/secret" not in str(refused.value)
