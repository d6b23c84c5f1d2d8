"""The least that a program can do for messages: receive, send, flush, acknowledge. What a Python instance is held to.

python -m bench.harness.bare_loop SERVICE_URL INPUT OUTPUT SUBSCRIPTION MESSAGES_AT_ONCE
"""

import base64
import sys

import pulsar

BATCH_MS = 5


def main(service_url: str, source: str, target: str, subscription: str, at_once: str) -> None:
    """Run until killed."""
    client = pulsar.Client(service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    consumer = client.subscribe(
        source,
        subscription,
        consumer_type=pulsar.ConsumerType.Shared,
        initial_position=pulsar.InitialPosition.Earliest,
        batch_receive_policy=pulsar.ConsumerBatchReceivePolicy(int(at_once), -1, BATCH_MS),
    )
    producer = client.create_producer(
        target, block_if_queue_full=True, batching_enabled=True, compression_type=pulsar.CompressionType.LZ4
    )
    while True:
        messages = consumer.batch_receive()
        for message in messages:
            identifier = base64.b64encode(message.message_id().serialize()).decode()
            properties = {"__pfn_input_topic__": message.topic_name(), "__pfn_input_msg_id__": identifier}
            producer.send_async((message.data().decode() + "!").encode(), None, properties=properties)
        producer.flush()
        for message in messages:
            consumer.acknowledge(message)


if __name__ == "__main__":
    main(*sys.argv[1:])
