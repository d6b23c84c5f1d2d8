#!/usr/bin/env python3
"""How long a worker takes from its start until it leads and accepts functions, and how much memory it idles in.

    python bench/startup.py [--runs 5] [--pulsar-home DIR --broker pulsar://HOST:6650 --admin http://HOST:8080]

Medians over alternating runs of `pulsemill standalone` under the process and the thread runtime and of `pulsemill
worker` beside a broker. Given a Pulsar distribution and a running broker of its own kind, upstream's Java worker takes
part, and `pulsemill worker` uses that broker as well. Linux only.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import httpx2
from harness.contenders import Broker, Contender, broker_of_our_own, contenders, free_port
from harness.processes import MARK, marked, memory

READY = "/admin/v2/worker/cluster/leader/ready"
READY_SECONDS = 60.0
IDLE_SECONDS = 3.0
POLL_SECONDS = 0.005
MEBIBYTE = 1024**2


@attrs.frozen
class Sample:
    """One run: seconds until ready; bytes of each kind of process."""

    seconds: float
    rss: Mapping[str, int]
    pss: Mapping[str, int]


def measure(contender: Contender) -> Sample:
    """Start, wait, look, end."""
    mark, port = uuid.uuid4().hex, free_port()
    with tempfile.TemporaryDirectory(prefix="pulsemill-startup-") as name:
        folder = Path(name)
        command = contender.command(folder, port)
        environment = os.environ | contender.environment | {MARK: mark, "PULSAR_LOG_DIR": name}
        began = time.monotonic()
        with (folder / "worker.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            wait_until_ready(process, port, folder / "worker.log")
            seconds = time.monotonic() - began
            time.sleep(IDLE_SECONDS)
            sizes = {each.kind if each.kind == "broker" else "worker": memory(each.pid) for each in marked(mark)}
            return Sample(seconds, *({kind: size[index] for kind, size in sizes.items()} for index in (0, 1)))
        finally:
            end(process, mark)


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Poll until the worker leads."""
    deadline = time.monotonic() + READY_SECONDS
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, verify=False) as http:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if http.get(READY).text.strip() == "true":
                    return
            except httpx2.HTTPError:
                pass
            time.sleep(POLL_SECONDS)
    sys.exit(f"{process.args!r} did not become ready:\n{log.read_text(errors='replace')[-2000:]}")


def end(process: subprocess.Popen[bytes], mark: str) -> None:
    """SIGTERM, then SIGKILL to whatever is left."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for left in marked(mark):
        os.kill(left.pid, signal.SIGKILL)


def report(name: str, samples: Sequence[Sample]) -> str:
    """A contender's medians."""
    seconds = sorted(sample.seconds for sample in samples)
    kinds = sorted(samples[0].rss, reverse=True)
    sizes = ", ".join(
        f"{kind} {statistics.median(sample.rss[kind] for sample in samples) / MEBIBYTE:.0f} MiB RSS"
        f" ({statistics.median(sample.pss[kind] for sample in samples) / MEBIBYTE:.0f} PSS)"
        for kind in kinds
    )
    return f"{name:36} ready after {statistics.median(seconds):.2f} s ({seconds[0]:.2f} to {seconds[-1]:.2f}); {sizes}"


def run(runs: int, broker: Broker, home: Path | None) -> None:
    """Measure everybody in turn, `runs` times, and print."""
    everybody = contenders(broker, home)
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in everybody}
    for _ in range(runs):
        for contender in everybody:
            samples[contender.name].append(measure(contender))
    for name, measured in samples.items():
        print(report(name, measured))


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--pulsar-home", type=Path, help="an unpacked Pulsar distribution, for upstream's worker")
    parser.add_argument("--broker", help="a running broker's service URL")
    parser.add_argument("--admin", default="http://127.0.0.1:8080", help="that broker's admin URL")
    options = parser.parse_args()
    if options.pulsar_home and not options.broker:
        parser.error("--pulsar-home needs --broker: upstream's worker does not start on an embedded one")
    if options.broker:
        run(options.runs, Broker(options.broker, options.admin), options.pulsar_home)
        return
    with broker_of_our_own() as broker:
        run(options.runs, broker, None)


if __name__ == "__main__":
    main()
