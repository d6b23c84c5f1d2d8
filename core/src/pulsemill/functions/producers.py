"""The output: its schema properties and how it is produced, in their protobuf form."""

from pulsemill.functions.crypto import crypto_config, crypto_spec
from pulsemill.functions.enums import CompressionType
from pulsemill.functions.errors import InvalidFunctionConfigError
from pulsemill.functions.model import ConsumerConfig, FunctionConfig, ProducerConfig
from pulsemill.functions.reading import read_consumer_config
from pulsemill_instance.proto.Function_pb2 import CompressionType as CompressionTypeSpec
from pulsemill_instance.proto.Function_pb2 import ProducerSpec, SinkSpec


def sink_spec(config: FunctionConfig) -> SinkSpec:
    """The sink of a function: a producer on its output topic."""
    schema = _output_schema(config)
    spec = SinkSpec(
        topic=config.output or "",
        serDeClassName=(config.output_serde_class_name or "").strip(),
        schemaType=(config.output_schema_type or "").strip(),
        typeClassName=config.output_type_class_name or "",
        forwardSourceMessageProperty=config.forward_source_message_property is True,
        schemaProperties=schema.schema_properties,
        consumerProperties=schema.consumer_properties,
    )
    put_producer(spec, config.producer_config, config.batch_builder)
    return spec


def put_producer(spec: SinkSpec, config: ProducerConfig | None, batch_builder: str | None) -> None:
    """Say in a sink how it produces; nothing is set for what was not given."""
    if config is not None:
        spec.producerSpec.CopyFrom(_producer_spec(config))
    if batch_builder is not None:
        spec.producerSpec.batchBuilder = batch_builder


def producer_config(spec: ProducerSpec) -> ProducerConfig:
    """How the output is produced, with upstream's values for what was never given."""
    return ProducerConfig(
        max_pending_messages=spec.maxPendingMessages or None,
        max_pending_messages_across_partitions=spec.maxPendingMessagesAcrossPartitions or None,
        use_thread_local_producers=spec.useThreadLocalProducers,
        crypto_config=crypto_config(spec.cryptoSpec) if spec.cryptoSpec.cryptoKeyReaderClassName else None,
        batch_builder=spec.batchBuilder,
        compression_type=CompressionType(CompressionTypeSpec.Name(spec.compressionType)),
    )


def _producer_spec(config: ProducerConfig) -> ProducerSpec:
    spec = ProducerSpec(
        maxPendingMessages=config.max_pending_messages or 0,
        maxPendingMessagesAcrossPartitions=config.max_pending_messages_across_partitions or 0,
        useThreadLocalProducers=config.use_thread_local_producers or False,
        batchBuilder=config.batch_builder or "",
        compressionType=config.compression_type or CompressionType.LZ4,
    )
    if config.crypto_config is not None:
        spec.cryptoSpec.CopyFrom(crypto_spec(config.crypto_config))
    return spec


def _output_schema(config: FunctionConfig) -> ConsumerConfig:
    text = (config.custom_schema_outputs or {}).get(config.output or "")
    if not text:
        return ConsumerConfig()
    try:
        return read_consumer_config(text, f"customSchemaOutputs[{config.output!r}]")
    except InvalidFunctionConfigError as error:
        raise InvalidFunctionConfigError(f"Incorrect custom schema outputs,Topic {config.output}: {error}") from error
