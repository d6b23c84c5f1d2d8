"""Every message, field number, name and type that Java workers and instances rely on."""

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from pulsemill_instance.proto import Function_pb2, InstanceCommunication_pb2, Request_pb2

MESSAGES = {
    "Resources": "1 cpu double; 2 ram int64; 3 disk int64",
    "RetryDetails": "1 maxMessageRetries int32; 2 deadLetterTopic string",
    "FunctionDetails": """
        1 tenant string; 2 namespace string; 3 name string; 4 className string; 5 logTopic string;
        6 processingGuarantees ProcessingGuarantees; 7 userConfig string; 8 runtime FunctionDetails.Runtime;
        9 autoAck bool; 10 parallelism int32; 11 source SourceSpec; 12 sink SinkSpec; 13 resources Resources;
        14 packageUrl string; 15 retryDetails RetryDetails; 16 secretsMap string; 17 runtimeFlags string;
        18 componentType FunctionDetails.ComponentType; 19 customRuntimeOptions string; 20 builtin string;
        21 retainOrdering bool; 22 retainKeyOrdering bool; 23 subscriptionPosition SubscriptionPosition""",
    "ConsumerSpec": """
        1 schemaType string; 2 serdeClassName string; 3 isRegexPattern bool;
        4 receiverQueueSize ConsumerSpec.ReceiverQueueSize; 5 schemaProperties map<string,string>;
        6 consumerProperties map<string,string>; 7 cryptoSpec CryptoSpec; 8 poolMessages bool""",
    "ConsumerSpec.ReceiverQueueSize": "1 value int32",
    "ProducerSpec": """
        1 maxPendingMessages int32; 2 maxPendingMessagesAcrossPartitions int32; 3 useThreadLocalProducers bool;
        4 cryptoSpec CryptoSpec; 5 batchBuilder string; 6 compressionType CompressionType;
        7 batchingSpec BatchingSpec""",
    "BatchingSpec": """
        1 enabled bool; 2 batchingMaxPublishDelayMs int32;
        3 roundRobinRouterBatchingPartitionSwitchFrequency int32; 4 batchingMaxMessages int32;
        5 batchingMaxBytes int32; 6 batchBuilder string""",
    "CryptoSpec": """
        1 cryptoKeyReaderClassName string; 2 cryptoKeyReaderConfig string; 3 producerEncryptionKeyName rep string;
        4 producerCryptoFailureAction CryptoSpec.FailureAction;
        5 consumerCryptoFailureAction CryptoSpec.FailureAction""",
    "SourceSpec": """
        1 className string; 2 configs string; 3 subscriptionType SubscriptionType;
        4 topicsToSerDeClassName map<string,string>; 5 typeClassName string; 6 timeoutMs uint64; 7 topicsPattern string;
        8 builtin string; 9 subscriptionName string; 10 inputSpecs map<string,ConsumerSpec>;
        11 cleanupSubscription bool; 12 subscriptionPosition SubscriptionPosition;
        13 negativeAckRedeliveryDelayMs uint64; 14 skipToLatest bool""",
    "SinkSpec": """
        1 className string; 2 configs string; 3 topic string; 4 serDeClassName string; 5 typeClassName string;
        6 builtin string; 7 schemaType string; 8 forwardSourceMessageProperty bool;
        9 schemaProperties map<string,string>; 10 consumerProperties map<string,string>;
        11 producerSpec ProducerSpec""",
    "PackageLocationMetaData": "1 packagePath string; 2 originalFileName string",
    "FunctionMetaData": """
        1 functionDetails FunctionDetails; 2 packageLocation PackageLocationMetaData; 3 version uint64;
        4 createTime uint64; 5 instanceStates map<int32,FunctionState>; 6 functionAuthSpec FunctionAuthenticationSpec;
        7 transformFunctionPackageLocation PackageLocationMetaData""",
    "FunctionAuthenticationSpec": "1 data bytes; 2 provider string",
    "Instance": "1 functionMetaData FunctionMetaData; 2 instanceId int32",
    "Assignment": "1 instance Instance; 2 workerId string",
    "ServiceRequest": """
        1 serviceRequestType ServiceRequest.ServiceRequestType; 2 requestId string;
        3 functionMetaData FunctionMetaData; 4 workerId string""",
    "FunctionStatus": """
        1 running bool; 2 failureException string; 3 numRestarts int64; 5 numSuccessfullyProcessed int64;
        6 numUserExceptions int64; 7 latestUserExceptions rep FunctionStatus.ExceptionInformation;
        8 numSystemExceptions int64; 9 latestSystemExceptions rep FunctionStatus.ExceptionInformation;
        12 averageLatency double; 13 lastInvocationTime int64; 14 instanceId string; 16 workerId string;
        17 numReceived int64; 18 numSourceExceptions int64;
        19 latestSourceExceptions rep FunctionStatus.ExceptionInformation; 20 numSinkExceptions int64;
        21 latestSinkExceptions rep FunctionStatus.ExceptionInformation""",
    "FunctionStatus.ExceptionInformation": "1 exceptionString string; 2 msSinceEpoch int64",
    "FunctionStatusList": "1 functionStatusList rep FunctionStatus; 2 error string",
    "MetricsData": """
        2 receivedTotal int64; 4 processedSuccessfullyTotal int64; 5 systemExceptionsTotal int64;
        6 userExceptionsTotal int64; 7 avgProcessLatency double; 8 lastInvocation int64;
        9 userMetrics map<string,double>; 10 receivedTotal_1min int64; 12 processedSuccessfullyTotal_1min int64;
        13 systemExceptionsTotal_1min int64; 14 userExceptionsTotal_1min int64; 15 avgProcessLatency_1min double""",
    "HealthCheckResult": "1 success bool",
    "Metrics": "1 metrics rep Metrics.InstanceMetrics",
    "Metrics.InstanceMetrics": "1 name string; 2 instanceId int32; 3 metricsData MetricsData",
}

ENUMS = {
    "ProcessingGuarantees": {"ATLEAST_ONCE": 0, "ATMOST_ONCE": 1, "EFFECTIVELY_ONCE": 2, "MANUAL": 3},
    "SubscriptionType": {"SHARED": 0, "FAILOVER": 1, "KEY_SHARED": 2},
    "SubscriptionPosition": {"LATEST": 0, "EARLIEST": 1},
    "CompressionType": {"LZ4": 0, "NONE": 1, "ZLIB": 2, "ZSTD": 3, "SNAPPY": 4},
    "FunctionState": {"RUNNING": 0, "STOPPED": 1},
    "FunctionDetails.Runtime": {"JAVA": 0, "PYTHON": 1, "GO": 3},
    "FunctionDetails.ComponentType": {"UNKNOWN": 0, "FUNCTION": 1, "SOURCE": 2, "SINK": 3},
    "CryptoSpec.FailureAction": {"FAIL": 0, "DISCARD": 1, "CONSUME": 2, "SEND": 10},
    "ServiceRequest.ServiceRequestType": {"UPDATE": 0, "DELETE": 1, "INITIALIZE": 2},
}

SCALARS = {
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_UINT64: "uint64",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "bytes",
}


def all_messages() -> dict[str, Descriptor]:
    """Messages by their name below the package, map entries left out."""
    found: dict[str, Descriptor] = {}

    def visit(message: Descriptor) -> None:
        if not message.GetOptions().map_entry:
            found[short(message.full_name)] = message
        for nested in message.nested_types:
            visit(nested)

    for module in (Function_pb2, Request_pb2, InstanceCommunication_pb2):
        for message in module.DESCRIPTOR.message_types_by_name.values():
            visit(message)
    return found


def short(full_name: str) -> str:
    package, _, name = full_name.partition(".")
    assert package == "proto"
    return name


def type_name(field: FieldDescriptor) -> str:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = (type_name(field.message_type.fields_by_name[n]) for n in ("key", "value"))
        return f"map<{key},{value}>"
    if field.message_type is not None:
        return short(field.message_type.full_name)
    if field.enum_type is not None:
        return short(field.enum_type.full_name)
    return SCALARS[field.type]


def describe(field: FieldDescriptor) -> str:
    kind = type_name(field)
    return f"{field.number} {field.name} {'rep ' if field.is_repeated and 'map<' not in kind else ''}{kind}"


def test_no_message_is_missing_or_unknown() -> None:
    assert set(all_messages()) == set(MESSAGES)


@pytest.mark.parametrize("name", MESSAGES)
def test_fields_of(name: str) -> None:
    expected = [" ".join(field.split()) for field in MESSAGES[name].split(";")]
    assert [describe(field) for field in all_messages()[name].fields] == expected


@pytest.mark.parametrize("name", ENUMS)
def test_values_of(name: str) -> None:
    outer, _, inner = name.rpartition(".")
    enums = all_messages()[outer].enum_types_by_name if outer else Function_pb2.DESCRIPTOR.enum_types_by_name
    assert {value.name: value.number for value in enums[inner].values} == ENUMS[name]


def test_the_control_service() -> None:
    service = InstanceCommunication_pb2.DESCRIPTOR.services_by_name["InstanceControl"]
    assert service.full_name == "proto.InstanceControl"
    assert {m.name: (m.input_type.full_name, m.output_type.full_name) for m in service.methods} == {
        "GetFunctionStatus": ("google.protobuf.Empty", "proto.FunctionStatus"),
        "GetAndResetMetrics": ("google.protobuf.Empty", "proto.MetricsData"),
        "ResetMetrics": ("google.protobuf.Empty", "google.protobuf.Empty"),
        "GetMetrics": ("google.protobuf.Empty", "proto.MetricsData"),
        "HealthCheck": ("google.protobuf.Empty", "proto.HealthCheckResult"),
    }
