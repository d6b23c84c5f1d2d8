"""What an instance does for the sake of pulsar-lite, the embedded broker.

pulsar-lite 0.2 tells the consumers of a subscription apart by their ids alone, and every client counts those from 0: of
two processes that share a subscription the second would be refused for ever. So instance n begins to count at n.
"""

import os

import pulsar

from pulsemill_instance.startup_errors import StartupError

EMBEDDED_BROKER = "PULSEMILL_EMBEDDED_BROKER"
"""The environment variable in which a standalone worker tells its embedded broker's service URL."""

UNUSED_TOPIC = "non-persistent://public/default/pulsemill-consumer-ids"


def skip_consumer_ids(client: pulsar.Client, service_url: str, instance_id: int) -> None:
    """Use up the ids of the instances before this one, if the broker is an embedded one; StartupError if it fails."""
    if os.environ.get(EMBEDDED_BROKER) != service_url:
        return
    try:
        for _ in range(instance_id):
            client.create_reader(UNUSED_TOPIC, pulsar.MessageId.latest).close()
    except pulsar.PulsarException as error:
        raise StartupError(f"The embedded broker {service_url} does not answer: {error}") from error
