"""Functions to test with."""

from typing import Any

from google.protobuf.message import Message

from pulsemill_instance.proto.Function_pb2 import EARLIEST, FunctionDetails

INPUT = "persistent://public/default/in"
OUTPUT = "persistent://public/default/out"


def function_details(**fields: Any) -> FunctionDetails:
    """A Python function `public/default/tested` from INPUT to OUTPUT, with any fields of FunctionDetails on top."""
    details = FunctionDetails(
        tenant="public",
        namespace="default",
        name="tested",
        className="tested.Tested",
        runtime=FunctionDetails.PYTHON,
        parallelism=1,
        autoAck=True,
    )
    details.source.inputSpecs[INPUT].schemaType = "string"
    details.source.subscriptionName = "tested"
    details.source.subscriptionPosition = EARLIEST
    details.sink.topic = OUTPUT
    for name, value in fields.items():
        if not isinstance(value, Message):  # a merge would not set a field to 0 or false
            details.ClearField(name)
    details.MergeFrom(FunctionDetails(**fields))
    return details
