"""End-to-end encryption: what comes in encrypted is read, and whatever a function sends is encrypted."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pulsar
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from pulsemill_instance.proto.Function_pb2 import CryptoSpec, FunctionDetails, RetryDetails
from tests.cases.world import World

pytestmark = pytest.mark.pulsar

SOURCE = """
    class Fn:
        def process(self, x, context):
            if x == "fail":
                raise ValueError(x)
            context.publish(context.get_user_config_value("other"), x)
            return x + "!"
"""
READ_MS = 20_000


@attrs.frozen
class Keys:
    public: str
    private: str

    @property
    def reader(self) -> pulsar.CryptoKeyReader:
        return pulsar.CryptoKeyReader(self.public, self.private)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public, private = tmp_path / "public.pem", tmp_path / "private.pem"
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    return Keys(str(public), str(private))


def encrypting(world: World, keys: Keys) -> FunctionDetails:
    reader = json.dumps({"public_key_path": keys.public, "private_key_path": keys.private})
    details = world.details(
        userConfig=json.dumps({"other": world.topic("other")}),
        retryDetails=RetryDetails(deadLetterTopic=world.topic("dead")),
    )
    details.source.inputSpecs[world.input].cryptoSpec.CopyFrom(CryptoSpec(cryptoKeyReaderConfig=reader))
    crypto = CryptoSpec(cryptoKeyReaderConfig=reader, producerEncryptionKeyName=["mine"])
    details.sink.producerSpec.cryptoSpec.CopyFrom(crypto)
    return details


def send(world: World, keys: Keys, *texts: str) -> None:
    encryption = {"encryption_key": "mine", "crypto_key_reader": keys.reader}
    with closing(world.shared.client.create_producer(world.input, **encryption)) as producer:
        for text in texts:
            producer.send(text.encode())


def first(world: World, topic: str, **options: Any) -> str:
    """The first message of a topic, for a consumer of its own."""
    position = pulsar.InitialPosition.Earliest
    name = f"looks-{len(options)}"
    with closing(world.shared.client.subscribe(topic, name, initial_position=position, **options)) as consumer:
        return bytes(consumer.receive(READ_MS).data()).decode(errors="replace")


def test_an_encrypted_input_leads_to_encrypted_messages_everywhere(world: World, keys: Keys) -> None:
    world.start(SOURCE, encrypting(world, keys))
    world.ready()
    send(world, keys, "hello", "fail")
    unreadable = {"crypto_failure_action": pulsar.ConsumerCryptoFailureAction.CONSUME}
    for topic, text in ((world.output, "hello!"), (world.topic("other"), "hello"), (world.topic("dead"), "fail")):
        assert first(world, topic, crypto_key_reader=keys.reader) == text
        assert text not in first(world, topic, **unreadable, properties={})


def test_a_function_without_the_key_says_that_it_cannot_read(world: World, keys: Keys) -> None:
    program = world.start("def process(x): return x")
    world.ready()
    send(world, keys, "hello")
    world.until(lambda: "decrypt" in program.output.lower() or "crypto" in program.output.lower())
    assert program.alive
    assert world.stored() == []
    assert world.backlog() == 1
