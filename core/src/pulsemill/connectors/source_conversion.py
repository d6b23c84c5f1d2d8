"""SourceConfig to FunctionDetails (upstream's SourceConfigUtils.convert)."""

from typing import Any

from pulsemill.connectors.inspection import Inspected
from pulsemill.connectors.model import SourceConfig
from pulsemill.connectors.names import (
    BATCH_SOURCE_CLASS_NAME_KEY,
    BATCH_SOURCE_CONFIG_KEY,
    BATCH_SOURCE_EXECUTOR,
    builtin_in,
)
from pulsemill.functions.conversion import json_text, resources_spec
from pulsemill.functions.enums import ProcessingGuarantees
from pulsemill.functions.producers import put_producer
from pulsemill.functions.writing import given_to_json
from pulsemill.java.known import IDENTITY_FUNCTION
from pulsemill.java_json import to_json
from pulsemill_instance.proto import Function_pb2 as proto


def source_details(config: SourceConfig, inspected: Inspected) -> proto.FunctionDetails:
    """What the cluster stores of a valid source."""
    return proto.FunctionDetails(
        tenant=config.tenant,
        namespace=config.namespace,
        name=config.name,
        className=IDENTITY_FUNCTION,
        logTopic=config.log_topic or "",
        runtime=proto.FunctionDetails.Runtime.JAVA,
        processingGuarantees=config.processing_guarantees or ProcessingGuarantees.ATLEAST_ONCE,
        autoAck=True,
        parallelism=config.parallelism,
        source=_source_spec(config, inspected),
        sink=_sink_spec(config, inspected),
        resources=resources_spec(config.resources),
        secretsMap=json_text(config.secrets),
        runtimeFlags=config.runtime_flags or "",
        customRuntimeOptions=config.custom_runtime_options or "",
        componentType=proto.FunctionDetails.ComponentType.SOURCE,
    )


def _source_spec(config: SourceConfig, inspected: Inspected) -> proto.SourceSpec:
    spec = proto.SourceSpec(
        className=inspected.class_name,
        typeClassName=inspected.type_class_name,
        builtin=builtin_in(config.archive),
    )
    configs: dict[str, Any] = dict(config.configs or {})
    if config.batch_source_config is not None:
        configs[BATCH_SOURCE_CLASS_NAME_KEY] = inspected.class_name
        configs[BATCH_SOURCE_CONFIG_KEY] = to_json(given_to_json(config.batch_source_config))
        spec.className = BATCH_SOURCE_EXECUTOR
    spec.configs = to_json(configs)
    return spec


def _sink_spec(config: SourceConfig, inspected: Inspected) -> proto.SinkSpec:
    spec = proto.SinkSpec(
        topic=config.topic_name or "",
        schemaType=config.schema_type or "",
        serDeClassName=config.serde_class_name or "",
        typeClassName=inspected.type_class_name,
        forwardSourceMessageProperty=True,
    )
    put_producer(spec, config.producer_config, config.batch_builder)
    return spec
