"""The JSON form, which REST clients and instances' command lines carry."""

from google.protobuf import json_format

from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.proto.InstanceCommunication_pb2 import MetricsData


def test_names_are_the_fields_own_and_defaults_are_left_out() -> None:
    details = FunctionDetails(tenant="t", className="m.C", runtime=FunctionDetails.PYTHON)
    assert json_format.MessageToDict(details) == {"tenant": "t", "className": "m.C", "runtime": "PYTHON"}


def test_one_minute_fields_lose_their_underscore() -> None:
    assert json_format.MessageToDict(MetricsData(receivedTotal_1min=3)) == {"receivedTotal1min": "3"}


def test_long_integers_are_strings() -> None:
    details = json_format.Parse('{"resources": {"ram": "1073741824"}}', FunctionDetails())
    assert details.resources.ram == 1 << 30
    assert json_format.MessageToDict(details)["resources"]["ram"] == "1073741824"
