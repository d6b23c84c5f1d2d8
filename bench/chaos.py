#!/usr/bin/env python3
"""Kills the worker, an instance or the broker with SIGKILL, in turn, at random moments under traffic.

    python bench/chaos.py [--rounds 200] [--seed N] [--runtime process|thread] [--rate 200] [--keep]

Two functions copy the same numbers, one of them in two instances, the other asynchronously. One kill in four is
followed by another one before all is well again, and one start of a worker in four is killed as well. After each round
every number that the broker had confirmed, and every one sent meanwhile, must come out of both functions, all instances
must run again, and no process may be left over. At the end the worker is stopped and nothing at all may be left. Exit
code 1 on a violation; the seed repeats the same kills at the same moments. Linux only. Outputs may come twice: that is
what at-least-once means.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.rounds import Chaos, Options, Violation
from harness.standalone import HarnessError


@contextmanager
def working_folder(options: Options) -> Iterator[Path]:
    """A temporary folder; it stays when something went wrong, or when asked for."""
    folder = Path(tempfile.mkdtemp(prefix="pulsemill-chaos-"))
    try:
        yield folder
    except BaseException:
        print(f"data and logs are left in {folder}")
        raise
    if options.keep:
        print(f"data and logs are in {folder}")
    else:
        shutil.rmtree(folder)


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311 no cryptography
    parser.add_argument("--runtime", choices=("process", "thread"), default="process")
    parser.add_argument("--rate", type=int, default=200, help="numbers sent per second")
    parser.add_argument("--keep", action="store_true", help="leave data and logs for a look")
    return Options(**vars(parser.parse_args(arguments)))


def main() -> int:
    """Run; the exit code."""
    options = parse(sys.argv[1:])
    print(f"{options.rounds} rounds under the {options.runtime} runtime, seed {options.seed}", flush=True)
    began = time.monotonic()
    try:
        with working_folder(options) as folder:
            chaos = Chaos(options, folder)
            try:
                chaos.run()
            finally:
                chaos.close()
                print(chaos.summary())
    except (Violation, HarnessError) as error:
        print(f"VIOLATED (seed {options.seed}): {error}")
        return 1
    print(f"nothing lost, everything came back, nothing left over: {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
