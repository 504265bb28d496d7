"""``saim bench`` with the benchmarks of the scene and the page, which the engine may not know."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.cli import bench
from SAIMCore.errors import SaimError
from SAIMCore.threads import limit_spinning
from Testing.benchmarks.scene.options import SCENE_BENCHMARKS
from Testing.benchmarks.web.options import WEB_BENCHMARKS

if TYPE_CHECKING:
    from SAIMCore.benchmarks.figure import Figure

__all__ = ["main", "run_any"]


def main(benchmarks: Mapping[str, str], arguments: Sequence[str] | None = None) -> int:
    """Measure one of ``benchmarks`` or all, with the options of ``saim bench``; the exit code."""
    limit_spinning()
    parser = argparse.ArgumentParser(prog="bench", description=bench.__doc__)
    bench.add_arguments(parser, benchmarks)
    options = parser.parse_args(arguments)
    try:
        return bench.measure(options, benchmarks, run_any)
    except SaimError as error:
        parser.error(str(error))


def run_any(name: str, options: BenchmarkOptions) -> Iterator[Figure]:
    """The figures of the benchmark ``name``, the engine's, the scene's or the page's."""
    host, _, subject = name.partition("-")
    if name not in {**SCENE_BENCHMARKS, **WEB_BENCHMARKS}:
        from SAIMCore.benchmarks.running import run_benchmark

        return run_benchmark(name, options)
    module = importlib.import_module(f"Testing.benchmarks.{host}.{subject}")
    found: Iterator[Figure] = module.measure(options)
    return found
