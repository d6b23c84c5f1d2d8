"""FunctionConfig to FunctionDetails (upstream's FunctionConfigUtils.convert)."""

import attrs

from pulsemill.functions.consumers import consumer_configs, consumer_spec
from pulsemill.functions.enums import ProcessingGuarantees, Runtime, SubscriptionInitialPosition, WindowGuarantees
from pulsemill.functions.model import FunctionConfig, Resources, WindowConfig
from pulsemill.functions.producers import sink_spec
from pulsemill.functions.windows import WINDOW_CONFIG_KEY, WINDOW_FUNCTION_EXECUTOR
from pulsemill.functions.writing import given_to_json
from pulsemill.java_json import to_json
from pulsemill_instance.proto import Function_pb2 as proto

DEFAULT_RESOURCES = Resources(cpu=1.0, ram=2**30, disk=10 * 2**30)

BUILTIN = "builtin://"


def function_details(config: FunctionConfig) -> proto.FunctionDetails:
    """What the cluster stores of a valid configuration whose defaults were filled in."""
    details = proto.FunctionDetails(
        tenant=config.tenant,
        namespace=config.namespace,
        name=config.name,
        className=config.class_name or "",
        logTopic=config.log_topic or "",
        runtime=config.runtime,
        processingGuarantees=config.processing_guarantees or ProcessingGuarantees.ATLEAST_ONCE,
        autoAck=True if config.auto_ack is None else config.auto_ack,
        parallelism=config.parallelism,
        source=_source_spec(config),
        sink=sink_spec(config),
        resources=resources_spec(config.resources),
        retryDetails=_retry_details(config),
        secretsMap=json_text(config.secrets),
        userConfig=json_text(config.user_config),
        runtimeFlags=config.runtime_flags or "",
        customRuntimeOptions=config.custom_runtime_options or "",
        componentType=proto.FunctionDetails.ComponentType.FUNCTION,
        builtin=builtin_name(config) or "",
        retainOrdering=config.retain_ordering or False,
        retainKeyOrdering=config.retain_key_ordering or False,
    )
    if config.window_config is not None:
        _put_windows(details, config, config.window_config)
    return details


def builtin_name(config: FunctionConfig) -> str | None:
    """The built-in function that `jar` names as `builtin://<name>`, None for any other code."""
    jar = config.jar or ""
    return jar.removeprefix(BUILTIN) if jar.startswith(BUILTIN) else None


def _source_spec(config: FunctionConfig) -> proto.SourceSpec:
    return proto.SourceSpec(
        inputSpecs={topic: consumer_spec(consumer) for topic, consumer in consumer_configs(config).items()},
        subscriptionType=subscription_type(
            config.processing_guarantees, ordered=config.retain_ordering, by_key=config.retain_key_ordering
        ),
        subscriptionName=(config.sub_name or "").strip(),
        subscriptionPosition=subscription_position(config.subscription_position),
        typeClassName=config.input_type_class_name or "",
        timeoutMs=config.timeout_ms,
        negativeAckRedeliveryDelayMs=config.timeout_ms,
        cleanupSubscription=True if config.cleanup_subscription is None else config.cleanup_subscription,
        skipToLatest=config.skip_to_latest or False,
    )


def subscription_type(
    guarantees: ProcessingGuarantees | None, *, ordered: bool | None, by_key: bool | None
) -> proto.SubscriptionType:
    """How instances share their inputs."""
    if ordered or guarantees is ProcessingGuarantees.EFFECTIVELY_ONCE:
        return proto.SubscriptionType.FAILOVER
    return proto.SubscriptionType.KEY_SHARED if by_key else proto.SubscriptionType.SHARED


def subscription_position(given: SubscriptionInitialPosition | None) -> proto.SubscriptionPosition:
    """Where a new subscription begins, at the end unless said otherwise."""
    earliest = given is SubscriptionInitialPosition.EARLIEST
    return proto.SubscriptionPosition.EARLIEST if earliest else proto.SubscriptionPosition.LATEST


def resources_spec(given: Resources | None) -> proto.Resources:
    """Resources with the defaults for what was not given."""
    resources = with_defaults(given)
    return proto.Resources(cpu=resources.cpu, ram=resources.ram, disk=resources.disk)


def with_defaults(given: Resources | None, defaults: Resources = DEFAULT_RESOURCES) -> Resources:
    """Resources whose omitted fields are taken from others."""
    fields = attrs.asdict(given) if given else {}
    return attrs.evolve(defaults, **{name: value for name, value in fields.items() if value is not None})


def _retry_details(config: FunctionConfig) -> proto.RetryDetails | None:
    if config.max_message_retries is None or config.max_message_retries < 0:
        return None
    return proto.RetryDetails(
        maxMessageRetries=config.max_message_retries, deadLetterTopic=config.dead_letter_topic or ""
    )


def json_text(values: dict[str, object] | None) -> str:
    """The JSON of a map, empty for an empty one."""
    return to_json(values) if values else ""


def _put_windows(details: proto.FunctionDetails, config: FunctionConfig, window: WindowConfig) -> None:
    stored = attrs.evolve(
        window,
        actual_window_function_class_name=config.class_name,
        processing_guarantees=WindowGuarantees(config.processing_guarantees or ProcessingGuarantees.ATLEAST_ONCE),
    )
    details.userConfig = to_json({**(config.user_config or {}), WINDOW_CONFIG_KEY: given_to_json(stored)})
    if config.runtime is Runtime.JAVA:  # Python's instance makes windows itself
        details.className = WINDOW_FUNCTION_EXECUTOR
    details.processingGuarantees = proto.ProcessingGuarantees.MANUAL
