"""Images of function pods: ours is small, and the official one's layout runs too."""

from pathlib import Path
from typing import Any

import pytest

from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaim_package, exclaiming
from tests.rig.kubernetes.images import Image

MEBIBYTE = 1024**2
ROOM_FOR_JAVA = {"cpu": 0.5, "ram": 512 * MEBIBYTE, "disk": 1024**3}
FROM_THE_OFFICIAL_PROGRAM = """import sys

class Exclaim:
    def process(self, input, context):
        return f"{input} by {sys.argv[0]} {'pulsemill_instance' in sys.modules}"
"""


@pytest.mark.kubernetes
def test_ours_is_small(function_image: Image) -> None:
    """Beyond its base, and not compressed."""
    beyond_base = function_image.layers[1:]
    assert sum(layer.tar.stat().st_size for layer in beyond_base) < 150 * MEBIBYTE


@pytest.mark.kubernetes
@pytest.mark.pulsar
def test_upstreams_own_programs_run_functions(
    start_worker: Any, topics: Topics, official_image: Image, tmp_path: Path
) -> None:
    package = exclaim_package(tmp_path)
    package.write_text(FROM_THE_OFFICIAL_PROGRAM)
    with start_worker(factory={"pulsarDockerImageName": official_image.reference}) as worker:
        worker.register(exclaiming("official", parallelism=2, resources=ROOM_FOR_JAVA), package)
        worker.wait_running("official", 2)
        program = "/pulsar/instances/python-instance/python_instance_main.py"
        assert topics.exclaim("official", "a", "b") == [f"{text} by {program} False" for text in "ab"]
        worker.delete("official")
