"""``saim bench``: measure the speed of clicks, training steps and ranking."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from SAIMCore.benchmarks.options import BENCHMARKS, BenchmarkOptions
from SAIMCore.cli.arguments import DECODERS, add_device_argument, positive
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.figures_display import show_figures

if TYPE_CHECKING:
    from SAIMCore.benchmarks.figure import Figure

__all__ = ["add_arguments", "measure", "run"]

DEFAULTS = BenchmarkOptions()


def add_arguments(
    parser: argparse.ArgumentParser, benchmarks: Mapping[str, str] = BENCHMARKS
) -> None:
    """Describe the command's options; ``benchmarks`` are what it measures, by name."""
    listed = "; ".join(f"{name}: {text}" for name, text in benchmarks.items())
    parser.epilog = (
        "The two sides of a ratio are timed in turns, so that a busy machine changes it little; "
        "the spread is that of the quartiles. A target that is missed is no error."
    )
    parser.add_argument(
        "name",
        nargs="?",
        choices=tuple(benchmarks),
        metavar="NAME",
        help=f"{listed} (default: all of them)",
    )
    parser.add_argument(
        "--repeats",
        type=positive,
        default=DEFAULTS.repeats,
        metavar="N",
        help=f"how often each side is timed (default: {DEFAULTS.repeats})",
    )
    parser.add_argument(
        "--size",
        type=positive,
        metavar="N",
        help="height and width of the slices, a multiple of 32 (default: 512; on a CPU smaller "
        "where it would take minutes)",
    )
    parser.add_argument(
        "--encoder",
        default=DEFAULTS.encoder,
        metavar="NAME",
        help=f"encoder of segmentation-models-pytorch (default: {DEFAULTS.encoder})",
    )
    parser.add_argument(
        "--decoder", choices=DECODERS, help="decoder (default: both for click, else unet)"
    )
    small, large = DEFAULTS.pools
    parser.add_argument(
        "--pools",
        type=positive,
        nargs=2,
        default=DEFAULTS.pools,
        metavar="N",
        help=f"series in the pools whose peak memory rank compares (default: {small} {large})",
    )
    add_device_argument(parser)
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Measure, and print every figure with its target."""
    from SAIMCore.benchmarks.running import run_benchmark

    return measure(options, BENCHMARKS, run_benchmark)


def measure(
    options: argparse.Namespace,
    benchmarks: Iterable[str],
    run_benchmark: Callable[[str, BenchmarkOptions], Iterable[Figure]],
) -> int:
    """Let ``run_benchmark`` measure the chosen one of ``benchmarks``, or all of them."""
    from SAIMCore.benchmarks.running import surroundings

    console = Console(options.json)
    chosen = BenchmarkOptions(
        device=options.device,
        repeats=options.repeats,
        size=options.size,
        encoder=options.encoder,
        decoders=None if options.decoder is None else (options.decoder,),
        pools=tuple(options.pools),
    )
    around = surroundings(chosen.device)
    figures: list[Figure] = []
    with console.progress("measuring") as bar:
        for name in benchmarks if options.name is None else (options.name,):
            bar(len(figures), label=f"measuring {name}")
            for figure in run_benchmark(name, chosen):
                figures.append(figure)
                bar(len(figures))
    show_figures(console, figures)
    console.say(", ".join(f"{key}: {value}" for key, value in around.items()))
    met = all(figure.met for figure in figures)
    console.result({**around, "met": met, "figures": [figure.to_json() for figure in figures]})
    return 0
