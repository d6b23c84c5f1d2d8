"""What must be true of windows of a count. Pure."""

from collections.abc import Iterator

from bench.model.history import History, Output
from bench.model.plan import Plan, Windows


def violations(plan: Plan, history: History) -> Iterator[str]:
    """Windows of a wrong size; without a disturbance, of one instance and topic, all that are not as they must be."""
    windows = plan.windows
    if windows is None:
        return
    outputs = [output for partition in history.stored for output in partition]
    if wrong := {len(output) for output in outputs if not _may_be(len(output), windows)}:
        yield f"windows of {sorted(wrong)} instead of {windows.length}"
    if not history.disturbed_at and not plan.failing and plan.instances == 1 and not plan.input_partitions:
        expected = set(expected_windows(windows, plan.count))
        if found := expected ^ set(outputs):
            yield f"{len(found)} windows are missing or wrong, as {sorted(found)[:2]}"


def expected_windows(windows: Windows, count: int) -> Iterator[Output]:
    """The windows of the numbers up to a count, one after the other."""
    for end in range(windows.slide, count + 1, windows.slide):
        yield tuple(range(max(0, end - windows.length), end))


def _may_be(size: int, windows: Windows) -> bool:
    """The first windows of an instance that slide are shorter."""
    return size == windows.length or (size < windows.length and size % windows.slide == 0)
