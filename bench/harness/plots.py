"""Plots of what was measured, as PNG."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

from bench.harness.rates import Rates

mpl.use("Agg")


def plot_rates(rates: Mapping[str, Rates], file: Path) -> None:
    """A panel for each workload with rivals: medians of messages a second, with the range of the rounds."""
    shown = {workload: measured for workload, measured in rates.items() if len(measured) > 1} or rates
    figure, panels = plt.subplots(len(shown), 1, figsize=(8, 0.9 + 1.7 * len(shown)), squeeze=False)
    for (workload, measured), panel in zip(shown.items(), panels.flat, strict=True):
        speeds = {name: [rate.per_second for rate in each] for name, each in measured.items()}
        _bars(panel, speeds)
        panel.set_title(workload, loc="left")
    panels.flat[-1].set_xlabel("messages/s")
    figure.tight_layout()
    figure.savefig(file, dpi=120)


def plot_latencies(latencies: Mapping[str, Sequence[float]], file: Path) -> None:
    """The share of messages that took at most so many milliseconds, a line for each contender."""
    figure, panel = plt.subplots(figsize=(8, 4))
    for name, values in latencies.items():
        ordered = sorted(values)
        panel.plot(ordered, [(place + 1) / len(ordered) for place in range(len(ordered))], label=name)
    panel.set_xscale("log")
    panel.set_xlabel("ms from send to output")
    panel.set_ylabel("share of messages")
    panel.legend()
    figure.tight_layout()
    figure.savefig(file, dpi=120)


def _bars(panel: "plt.Axes", speeds: Mapping[str, Sequence[float]]) -> None:
    names = list(speeds)[::-1]
    medians = [statistics.median(speeds[name]) for name in names]
    below = [median - min(speeds[name]) for name, median in zip(names, medians, strict=True)]
    above = [max(speeds[name]) - median for name, median in zip(names, medians, strict=True)]
    panel.barh(
        names,
        medians,
        xerr=[below, above],
        color=["tab:orange" if name.startswith("ours") else "tab:blue" for name in names],
    )
