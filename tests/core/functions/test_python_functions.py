"""What upstream's Python instance cannot do, in the words of its worker."""

import pytest

from pulsemill.errors import AdmissionError
from pulsemill.functions.python_functions import check_upstream_instance
from pulsemill_instance.proto.Function_pb2 import ATLEAST_ONCE, EFFECTIVELY_ONCE, FunctionDetails, RetryDetails


@pytest.mark.parametrize(
    ("details", "text"),
    [
        (
            FunctionDetails(processingGuarantees=EFFECTIVELY_ONCE),
            "Effectively-once processing guarantees not yet supported in Python: why",
        ),
        (
            FunctionDetails(userConfig='{"__WINDOWCONFIGS__": {}}'),
            "There is currently no support windowing in python: why",
        ),
        (FunctionDetails(retryDetails=RetryDetails()), "Message retries not yet supported in python: why"),
    ],
)
def test_upstreams_instance_gets_no_function_that_it_would_run_otherwise(details: FunctionDetails, text: str) -> None:
    details.runtime = FunctionDetails.PYTHON
    with pytest.raises(AdmissionError) as error:
        check_upstream_instance(details, "why")
    assert str(error.value) == text
    details.runtime = FunctionDetails.JAVA
    check_upstream_instance(details, "why")


def test_upstreams_instance_gets_any_other_function() -> None:
    retries = RetryDetails(maxMessageRetries=-1)
    details = FunctionDetails(processingGuarantees=ATLEAST_ONCE, runtime=FunctionDetails.PYTHON, retryDetails=retries)
    check_upstream_instance(details, "why")
