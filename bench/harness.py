"""Measuring side by side: peers alternate on the same data in one run; only ratios within a run are compared."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any


@dataclass(frozen=True)
class Goal:
    """A goal: what is asked, in French, what was measured, and whether it is met."""

    id: str
    goal: str
    value: float
    met: bool


def at_most(known: str, sentence: str, value: float, limit: float, *, quick: bool) -> Goal:
    """A goal that a duration keeps under a limit; three times the limit in a quick run, whose machine may be busy.

    `{}` in the sentence is the limit that was applied.
    """
    applied = 3 * limit if quick else limit
    return Goal(known, sentence.format(f"{applied:g}"), value, value <= applied)


@dataclass(frozen=True)
class Result:
    """What a benchmark prints. `notes` are sentences in French about the limits of the comparison."""

    name: str
    figures: dict[str, Any]
    ratios: dict[str, float]
    goals: list[Goal]
    notes: list[str] = field(default_factory=list)


def alternate(
    peers: Mapping[str, Callable[[Any], Any]], inputs: Mapping[str, Sequence[Any]], chunk: int
) -> dict[str, list[int]]:
    """Nanoseconds of each call, each input once for each peer, by chunks in turn: A B C, B C A, C A B…"""
    names = list(peers)
    times: dict[str, list[int]] = {name: [] for name in names}
    count = len(inputs[names[0]])
    for turn, start in enumerate(range(0, count, chunk)):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            call, record = peers[name], times[name].append
            for item in inputs[name][start : start + chunk]:
                before = perf_counter_ns()
                call(item)
                record(perf_counter_ns() - before)
    return times


def spread(times: Sequence[int]) -> dict[str, float]:
    """Median, 95th percentile and interquartile range, in microseconds."""
    ordered = sorted(times)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1000

    return {"p50_us": round(at(0.5), 2), "p95_us": round(at(0.95), 2), "iqr_us": round(at(0.75) - at(0.25), 2)}


def machine() -> dict[str, Any]:
    """The machine, as far as it matters to read the figures."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "processor": _line("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(_line("/proc/meminfo", "MemTotal").split()[0] or 0) / 2**20, 1),
        "load": round(os.getloadavg()[0], 2),
    }


def _line(path: str, label: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith(label))
    except (OSError, StopIteration):
        return "0"
