"""``web-page``: what somebody at the page waits for, as the browser shows it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.benchmarks.subjects import conditions
from SAIMCore.benchmarks.timing import quartiles
from SAIMCore.interactions import Click
from SAIMCore.predictor import Predictor
from SAIMCore.project.project import Project
from SAIMCore.session.interactive import InteractiveSession
from Testing.benchmarks.scene.subjects import SIZE, flat_config
from Testing.benchmarks.web.subject import SLICES, annotated_page, make_project
from Testing.web.annotator import Annotator

__all__ = ["measure"]

BENCHMARK = "web-page"
CLICK_TARGET_MS, SCROLL_TARGET, IDLE_TARGET, OPENING_TARGET_MS = 150.0, 8.0, 3.0, 2000.0
# Faster than anybody turns a wheel to look at slices.
WHEEL_STEPS, WHEEL_PAUSE = 40, 0.05
IDLE_SECONDS = 10.0
PREPARATION_SECONDS = 600
# Clicks that fill the memory.
FILLING = 4
# Clicks on one slice, each at another place, in parts of the view around its middle.
PLACES = [(0.36 + 0.07 * column, 0.36 + 0.07 * row) for row in range(5) for column in range(5)]

# Resolves with the time from the call until the pixel at (x, y) of the view's picture is another
# one: the answer's mask and the click's mark come in the same picture.
SHOWN = """([view, right, down]) => new Promise(resolve => {
    const picture = document.querySelector(`[data-view=${view}] img.image-display-area`);
    const canvas = new OffscreenCanvas(1, 1), draw = canvas.getContext('2d');
    const read = () => {
        const x = Math.round(right * picture.naturalWidth);
        const y = Math.round(down * picture.naturalHeight);
        draw.drawImage(picture, x, y, 1, 1, 0, 0, 1, 1);
        return [...draw.getImageData(0, 0, 1, 1).data];
    };
    const before = read(), began = performance.now();
    window.shown = null;
    const look = () => {
        const now = read();
        if (Math.max(...now.map((part, n) => Math.abs(part - before[n]))) < 60) return;
        picture.removeEventListener('load', look);
        window.shown = performance.now() - began;
    };
    picture.addEventListener('load', look);
    resolve();
})"""
PICTURES = """view => {
    window.pictures = [];
    document.querySelector(`[data-view=${view}] img.image-display-area`)
        .addEventListener('load', () => window.pictures.push(performance.now()));
}"""


def measure(options: BenchmarkOptions) -> Iterator[Figure]:
    """Click to visible, scrolling, opening, and the processor while nothing is done."""
    config = flat_config(options.size or SIZE, options.encoder)
    stated = {"conditions": conditions(config, slices=SLICES)}
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder), config)
        with _session_alone(project, options.device) as session, annotated_page(project) as page:
            # The first one warms everything up.
            page.next()
            openings = [_opening(page, number) for number in range(1, 3)]
            clicks, alone = _clicks(page, session, options.repeats)
            rate, backlog = _scrolling(page)
            idle = _idle(page)
    own = [with_page - without for with_page, without in zip(clicks, alone, strict=True)]
    name = "click to visible mask, less in a session"
    sides = {"page_ms": float(np.median(clicks)), "session_ms": float(np.median(alone))}
    yield _figure(name, own, CLICK_TARGET_MS, "ms", {**stated, **sides})
    name = "scrolling, slices per second"
    more = {**stated, "backlog_ms": backlog}
    yield _figure(name, [rate], SCROLL_TARGET, "per s", more, at_least=True)
    yield _figure(
        "opening a series whose cache is filled", openings, OPENING_TARGET_MS, "ms", stated
    )
    yield _figure("the server at rest, of a core", [idle], IDLE_TARGET, "%", stated)


def _figure(
    name: str,
    values: list[float],
    target: float,
    unit: str,
    details: dict[str, Any],
    *,
    at_least: bool = False,
) -> Figure:
    return Figure(
        BENCHMARK,
        name,
        float(np.median(values)),
        unit,
        target,
        at_least,
        quartiles(values) if len(values) > 1 else None,
        details,
    )


def _opening(annotator: Annotator, number: int) -> float:
    """Milliseconds from a click on a row of the queue until the series can be annotated."""
    before = annotator.state("series")
    names = [row["name"] for row in annotator.state("rows") if row["name"] != before]
    began = time.perf_counter()
    annotator.page.locator(f"[data-series={names[number % len(names)]}]").click()
    annotator.ready_after(before)
    milliseconds = 1000 * (time.perf_counter() - began)
    # It looks for the slice of which the model is least certain meanwhile.
    annotator.settle()
    return milliseconds


def _clicks(
    annotator: Annotator, session: InteractiveSession, repeats: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of each click on the page, and of the same one in a session alone, in turns."""
    _settled(annotator)
    shown, alone = [], []
    _, rows, columns = session.shape
    for right, down in PLACES[: repeats + FILLING]:
        annotator.page.evaluate(SHOWN, [annotator.main, right, down])
        annotator.click(annotator.main, right, down)
        annotator.page.wait_for_function("() => window.shown !== null")
        shown.append(float(annotator.page.evaluate("() => window.shown")))
        annotator.settle()
        click = Click(SLICES // 2, int(down * rows), int(right * columns), 1)
        began = time.perf_counter()
        session.add(click)
        alone.append(1000 * (time.perf_counter() - began))
    return shown[FILLING:], alone[FILLING:]


def _scrolling(annotator: Annotator) -> tuple[float, float]:
    """Pictures per second while the wheel is turned, and milliseconds that the last one is late."""
    page, main = annotator.page, annotator.main
    annotator.state("series")
    page.evaluate(PICTURES, main)
    page.mouse.move(*annotator.place(main))
    direction = -100 if annotator.state(f"slice_{main}") < SLICES // 2 else 100
    began = page.evaluate("() => performance.now()")
    for _ in range(WHEEL_STEPS):
        page.mouse.wheel(0, direction)
        time.sleep(WHEEL_PAUSE)
    ended = page.evaluate("() => performance.now()")
    time.sleep(2)
    pictures = page.evaluate("() => window.pictures")
    shown = [moment for moment in pictures if moment <= ended]
    # The sharper picture after the last one is no backlog.
    late = [moment - ended for moment in pictures if moment > ended]
    return 1000 * len(shown) / (ended - began), max(late, default=0.0)


def _idle(annotator: Annotator) -> float:
    """Percent of a core that the server takes while nobody does anything."""
    annotator.page.mouse.move(5, 5)
    process = psutil.Process(annotator.server.process.pid)
    _settled(annotator)
    before, began = process.cpu_times(), time.perf_counter()
    time.sleep(IDLE_SECONDS)
    after = process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return 100 * spent / (time.perf_counter() - began)


@contextmanager
def _session_alone(folder: Path, device: str) -> Iterator[InteractiveSession]:
    """A session of a series without page and scene."""
    with Project.open(folder, read_only=True) as project:
        model = project.models.current()
        assert model is not None
        predictor = Predictor.load(model.folder, device, project.classes)
        slices = project.cached(project.series()[0].name, predictor.preprocessing).slices
        yield InteractiveSession(predictor, slices, "alone")


def _settled(annotator: Annotator) -> None:
    """Wait until the next series is segmented beforehand, which takes minutes on a CPU."""
    annotator.page.set_default_timeout(1000 * PREPARATION_SECONDS)
    annotator.wait_for("working", False)
