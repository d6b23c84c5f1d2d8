"""The OpenAPI document: it has every route, and no request leads to an answer that it does not know."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import attrs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from pulsemill.names import FunctionName
from pulsemill.rest.app import create_app
from pulsemill.rest.ports import DrainState, DrainStatus
from pulsemill.state.worker_state import WorkerState
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData
from pulsemill_instance.state.local import LocalStateStore

CHECKS = (not_a_server_error, status_code_conformance, response_schema_conformance)


@pytest.fixture
def app(ports: Any, tmp_path: Path) -> Any:
    """A worker with one function, for requests to find."""
    details = FunctionDetails(tenant="public", namespace="default", name="exclaim", parallelism=1)
    metadata = FunctionMetaData(functionDetails=details)
    ports.functions.by_name[FunctionName.of(details)] = metadata
    ports.membership.drained = defaultdict(lambda: DrainStatus(DrainState.SUCCESS))
    state = WorkerState(lambda: LocalStateStore(tmp_path / "state.db"))
    return create_app(attrs.evolve(ports, state=state))


@pytest.fixture
def document(app: Any) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", app)


def test_requests_lead_to_documented_answers(document: Any) -> None:
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) > 100
    failures = [failure for operation in operations if (failure := _exercise(operation))]
    assert not failures, "\n".join(failures)


def test_every_route_is_in_it(app: Any, document: Any) -> None:
    paths = {route.path_format for route in app.routes}
    assert paths == {*document.raw_schema["paths"], "/openapi.json"}


def _exercise(operation: Any) -> str | None:
    """What is wrong with an operation's answers, None when nothing is."""

    @settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    try:
        send()
    except FailureGroup as failure:
        return str(failure)
    return None
