"""An instance's figures as the messages of InstanceControl."""

import time
from collections.abc import Iterable

from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData
from pulsemill_instance.stats import ExceptionRecord, Snapshot


def function_status(
    snapshot: Snapshot, instance_id: int, failure: str = "", hindrances: Iterable[str] = ()
) -> FunctionStatus:
    """What GetFunctionStatus answers; `failure` is why a stopped instance ended.

    `hindrances` of a running one, which are there while they last, follow its latest system exceptions.
    """
    totals = snapshot.totals
    lasting = [ExceptionRecord(text, text, int(time.time() * 1000)) for text in hindrances]
    return FunctionStatus(
        running=not failure,
        failureException=failure,
        numReceived=totals.received,
        numSuccessfullyProcessed=totals.processed,
        numUserExceptions=totals.user_exceptions,
        numSystemExceptions=totals.system_exceptions,
        latestUserExceptions=_exceptions(snapshot.user_exceptions),
        latestSystemExceptions=_exceptions([*snapshot.system_exceptions, *lasting]),
        averageLatency=totals.average_latency,
        lastInvocationTime=totals.last_invocation,
        instanceId=str(instance_id),
    )


def metrics_data(snapshot: Snapshot) -> MetricsData:
    """What GetMetrics answers; user metrics are `user_metric_<name>_sum` and `_count`."""
    totals, minute = snapshot.totals, snapshot.last_minute
    data = MetricsData(
        receivedTotal=totals.received,
        processedSuccessfullyTotal=totals.processed,
        systemExceptionsTotal=totals.system_exceptions,
        userExceptionsTotal=totals.user_exceptions,
        avgProcessLatency=totals.average_latency,
        lastInvocation=totals.last_invocation,
        receivedTotal_1min=minute.received,
        processedSuccessfullyTotal_1min=minute.processed,
        systemExceptionsTotal_1min=minute.system_exceptions,
        userExceptionsTotal_1min=minute.user_exceptions,
        avgProcessLatency_1min=minute.average_latency,
    )
    for name, metric in snapshot.user_metrics.items():
        data.userMetrics[f"user_metric_{name}_sum"] = metric.sum
        data.userMetrics[f"user_metric_{name}_count"] = metric.count
    return data


def _exceptions(records: Iterable[ExceptionRecord]) -> list[FunctionStatus.ExceptionInformation]:
    return [FunctionStatus.ExceptionInformation(exceptionString=r.text, msSinceEpoch=r.at_ms) for r in records]
