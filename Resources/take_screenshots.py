"""The pictures of the page in README.md and docs/browser.md, from a headless Chromium.

``python -m Resources.take_screenshots Resources/pictures`` (``make pictures``) makes the phantom
project with three models in build/pictures, which takes about ten minutes and is kept, and
annotates a copy of it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from SAIMCore.campaign.phantom_campaign import make_phantom_campaign
from SAIMCore.cli import main as saim
from SAIMCore.project.project import Project
from Testing.web.annotator import Annotator, eventually
from Testing.web.page_server import PageServer, kept_interactions

KEPT = Path("build") / "pictures"
SERIES_PER_ROUND = 3
TRAINING = ("--no-pretrained", "--device", "cpu")
# Of each round; the first as make run trains, the others longer: there is more to learn from.
EPOCHS = (3, 8, 16)
# In this slice of the series that comes first the model misses most of the gland, which the key
# selects, and takes a vessel for a node: places from the middle of the view, in parts of its
# shorter side.
SERIES, SLICE, GLAND = "phantom_018", 4, "4"
IN_GLAND, IN_VESSEL = (-0.227, 0.141), (0.284, -0.004)
LARGE, SMALL = (2560, 1440), (1280, 720)
# Of a picture's 256 colors as many are the most frequent colorful ones, other colorful ones, what
# is left, and all grays; most of it is not colorful.
SHARE, COLORFUL = 64, 40
# Milliseconds without a change.
STILL = 1000


def main() -> None:
    """Make the project where it is not there, and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder of the pictures")
    out: Path = parser.parse_args().out
    made = make_project(KEPT)
    with tempfile.TemporaryDirectory() as name:
        # Each picture is taken of the same work, which is not kept.
        project = Path(shutil.copytree(made, Path(name) / "project"))
        server = PageServer(project)
        try:
            take(server, out)
        finally:
            server.stop()


def make_project(folder: Path) -> Path:
    """The phantom project in ``folder``, with a model from each round."""
    project = make_phantom_campaign(folder.absolute())
    with Project.open(project, read_only=True) as opened:
        models = len(opened.models.all())
    for number, epochs in list(enumerate(EPOCHS))[models:]:
        if number:
            annotate(project)
        run("train", project, *TRAINING, "--epochs", str(epochs))
        run("rank", project, "--device", "cpu")
    return project


def annotate(project: Path) -> None:
    """Accept the series of a round, as somebody would leave them who corrects everything."""
    with Project.open(project, read_only=True) as opened:
        names = [record.name for record in opened.pool()][:SERIES_PER_ROUND]
    labels = project.parent / "series" / "labels"
    run("annotate", project, *names, "--labels", str(labels), "--annotator", "anna")


def run(command: str, project: Path, *options: str) -> None:
    """One command of ``saim``; the end of this program when it fails."""
    if saim([command, str(project), *options]):
        sys.exit(f"saim {command} failed")


def take(server: PageServer, out: Path) -> None:
    """All pictures, in the order in which somebody sees it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            # Fonts look alike everywhere then. Root has no sandbox; the pages are our own.
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--font-render-hinting=none"],
        )
        annotator = open_page(browser, server, SMALL)
        correct(annotator)
        save(annotator, out / "web-annotating.png")
        annotator.page.get_by_role("tab", name="Progress").click()
        annotator.page.locator("[data-curve]").wait_for()
        save(annotator, out / "web-progress.png")
        annotator.page.close()
        annotator = open_page(browser, server, LARGE)
        save(annotator, out / "web-large.png")
        browser.close()


def open_page(browser: Browser, server: PageServer, size: tuple[int, int]) -> Annotator:
    """The page in a window of ``size`` (width, height)."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    annotator = Annotator(context.new_page(), server)
    annotator.open()
    return annotator


def correct(annotator: Annotator) -> None:
    """Let the model propose ``SLICE``, and click where it is wrong."""
    if annotator.next() != SERIES:
        sys.exit(f"{SERIES} does not come first any more; choose other places to click at")
    for key in (*"D" * annotator.state("accepted")[1], *"S" * (SLICE - 1), "P", GLAND):
        annotator.key(key.lower())
    for place, background in ((IN_GLAND, False), (IN_VESSEL, True)):
        annotator.click(annotator.main, *in_view(annotator, *place), ctrl=background)
    eventually(
        lambda: kept_interactions(annotator.server.project, SERIES), lambda all: len(all) == 2
    )
    annotator.settle()
    # Nothing lies under the pointer.
    annotator.page.mouse.move(0, 0)


def in_view(annotator: Annotator, right: float, down: float) -> tuple[float, float]:
    """A place from the middle of the main view, in parts of its width and height instead."""
    box = annotator.view(annotator.main).bounding_box()
    assert box is not None
    side = min(box["width"], box["height"])
    return 0.5 + right * side / box["width"], 0.5 + down * side / box["height"]


def save(annotator: Annotator, path: Path) -> None:
    """The page as soon as nothing moves in it, with few colors, so that the file is small."""
    shown: list[bytes] = [b""]

    def look() -> bool:
        annotator.page.wait_for_timeout(STILL)
        shown.append(annotator.page.screenshot(animations="disabled"))
        return shown[-1] == shown[-2]

    eventually(look, bool)
    with Image.open(BytesIO(shown[-1])) as opened:
        picture = opened.convert("RGB")
    picture.quantize(palette=palette(picture), dither=Image.Dither.NONE).save(path, optimize=True)


def palette(picture: Image.Image) -> Image.Image:
    """An image whose palette fits ``picture``, also buttons and small segments."""
    pixels = np.asarray(picture).reshape(-1, 3)
    colorful = np.ptp(pixels, axis=1) > COLORFUL
    colors, counts = np.unique(pixels[colorful], axis=0, return_counts=True)
    grays = np.linspace(0, 255, SHARE).astype(np.uint8)[:, None].repeat(3, axis=1)
    made = Image.new("P", (1, 1))
    made.putpalette(
        np.concatenate(
            [
                colors[np.argsort(-counts, kind="stable")[:SHARE]],
                typical(colors),
                typical(pixels[~colorful]),
                grays,
            ]
        ).tobytes()
    )
    return made


def typical(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A few colors that stand for ``pixels`` (P, 3)."""
    few = Image.fromarray(pixels[None]).quantize(SHARE)
    return np.asarray(few.getpalette(), np.uint8).reshape(-1, 3)[:SHARE]


if __name__ == "__main__":
    main()
