"""The state of a function whose instances are pods: they and the worker's REST API share it."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaiming

pytestmark = [pytest.mark.kubernetes, pytest.mark.pulsar]

COUNTING = """class Count:
    def process(self, input, context):
        context.incr_counter(input, 1)
        return f"{input}{context.get_state('mark')}"
"""


def test_pods_count_and_rest_reads_and_writes(start_worker: Any, topics: Topics, tmp_path: Path) -> None:
    package = tmp_path / "exclaim.py"
    package.write_text(COUNTING)
    with start_worker() as worker:
        worker.register(exclaiming("counted", className="exclaim.Count", parallelism=2), package)
        worker.wait_running("counted", 2)
        assert topics.exclaim("counted", "word", "word", "word") == ["wordNone"] * 3
        counter = worker.ask("GET", "counted", "/state/word").raise_for_status().json()
        assert counter["numberValue"] == 3
        document = {"state": (None, '{"key": "mark", "stringValue": "!"}', "application/json")}
        url = f"{worker.web_service_url}/admin/v3/functions/public/default/counted/state/mark"
        httpx2.post(url, files=document, timeout=60).raise_for_status()
        assert topics.exclaim("counted", "more") == ["moreb'!'"]
        worker.delete("counted")
