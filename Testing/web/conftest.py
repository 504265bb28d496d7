"""Campaigns on small phantoms, the program behind the page, servers of it, and browsers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from SAIMCore.data.phantom import make_phantom
from SAIMCore.errors import ConfigurationError
from SAIMCore.graphics import require_graphics
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from Testing.unit.campaign.stand_ins import publish_model
from Testing.web.annotator import Annotator
from Testing.web.page_bench import PageBench
from Testing.web.page_server import PageServer
from Testing.web.workbench import Workbench

SIZE, COUNT = (48, 48, 6), 20
CHROMIUM = shutil.which("chromium") or "chromium"
# What the system lacks costs the tests that need it, and no others; make setup says what it is.
LEFT_OUT = ""
if shutil.which(CHROMIUM) is None:
    LEFT_OUT = "Testing/web: there is no Chromium, so nothing is tested in a browser"
    collect_ignore_glob = ["test_browser_*.py"]
try:
    require_graphics()
except ConfigurationError as error:
    # VTK would end the tests' process.
    LEFT_OUT = f"Testing/web: the page is not tested: {error}"
    collect_ignore_glob = ["test_browser_*.py", "test_offscreen_*.py"]
# What browsers showed when a test failed.
PICTURES = Path(__file__).resolve().parents[2] / "build" / "web-tests"
FAILED = pytest.StashKey[bool]()
HOLD = """
import sys
from pathlib import Path
from SAIMCore.project.project import Project
with Project.open(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def pytest_report_header() -> str:
    """Say what is not tested."""
    return LEFT_OUT


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a small model whose answers are arbitrary, and always the same."""
    folder = tmp_path_factory.mktemp("web")
    phantom = make_phantom(folder / "series", COUNT, size=SIZE)
    plan = plan_import(phantom.images, phantom.labels, splits=str(phantom.splits_file))
    with Project.create(folder / "project", plan, name="Phantoms") as project:
        publish_model(project)
    return folder / "project"


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    folder = tmp_path / "project"
    shutil.copytree(template, folder)
    return folder


@pytest.fixture
def workbench(project: Path) -> Iterator[Workbench]:
    """The program behind the page, with views that nobody sees."""
    made = Workbench(project)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared_workbench(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workbench]:
    """One for the tests of a module, with a series open."""
    folder = tmp_path_factory.mktemp("workbench") / "project"
    shutil.copytree(template, folder)
    made = Workbench(folder)
    made.open_next()
    yield made
    made.close()


@pytest.fixture
def open_workbench(project: Path) -> Iterator[Callable[[], Workbench]]:
    """Opens the program behind the page as often as it is called."""
    opened: list[Workbench] = []

    def make() -> Workbench:
        opened.append(Workbench(project))
        return opened[-1]

    yield make
    for workbench in opened:
        workbench.close()


@pytest.fixture
def open_bench(project: Path) -> Iterator[Callable[..., PageBench]]:
    """Opens the campaign on the page, with further arguments, as often as it is called."""
    opened: list[PageBench] = []

    def make(*arguments: Any) -> PageBench:
        opened.append(PageBench(project, *arguments))
        return opened[-1]

    yield make
    for bench in opened:
        bench.close()


@pytest.fixture
def bench(open_bench: Callable[..., PageBench]) -> PageBench:
    """The campaign on the page, without views."""
    return open_bench()


@pytest.fixture
def held_elsewhere(project: Path) -> Iterator[None]:
    """Another process has the project open for writing."""
    command = [sys.executable, "-c", HOLD, str(project)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield
        other.communicate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a screen; as long as it is there its event loop runs."""
    with sync_playwright() as playwright:
        # Root has no sandbox there; the pages are our own.
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser of its own for one test; what it showed is kept when the test fails."""
    made = browser.new_context(viewport={"width": 1280, "height": 720})
    yield made
    _keep_pictures(made, request)
    made.close()


@pytest.fixture
def labelmaps(template: Path, tmp_path: Path) -> Path:
    """A colleague's labelmaps of all series; two of the classes have names of their own."""
    folder = Path(shutil.copytree(template.parent / "series" / "labels", tmp_path / "colleague"))
    names = {"labels": {"background": 0, "Organ": 1, "cyst": 2, "node": 3, "bone": 4}}
    (folder / "dataset.json").write_text(json.dumps(names), encoding="utf-8")
    return folder


@pytest.fixture
def start_server(project: Path) -> Iterator[Callable[..., PageServer]]:
    """Starts servers of the test's project, with further arguments."""
    started: list[PageServer] = []

    def start(*arguments: str, **options: Any) -> PageServer:
        started.append(PageServer(project, *arguments, **options))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def shared_server(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    """One server for the tests of a module."""
    folder = tmp_path_factory.mktemp("shared") / "project"
    shutil.copytree(template, folder)
    server = PageServer(folder)
    yield server
    assert server.stop() == 0


@pytest.fixture
def make_annotator(context: BrowserContext) -> Callable[[PageServer], Annotator]:
    """Somebody at a server's page."""
    return lambda server: Annotator(context.new_page(), server)


@pytest.fixture
def annotator(shared_server: PageServer, context: BrowserContext) -> Annotator:
    """Somebody at the page of the module's server, with the seat."""
    made = Annotator(context.new_page(), shared_server)
    made.open()
    return made


@pytest.fixture
def other_browser(
    shared_server: PageServer, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[[], Annotator]]:
    """Somebody else, on another machine perhaps."""
    contexts: list[BrowserContext] = []

    def make() -> Annotator:
        contexts.append(browser.new_context(viewport={"width": 1000, "height": 700}))
        return Annotator(contexts[-1].new_page(), shared_server)

    yield make
    for made in contexts:
        _keep_pictures(made, request)
        made.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know whether their test failed."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def _keep_pictures(context: BrowserContext, request: pytest.FixtureRequest) -> None:
    if FAILED not in request.node.stash:
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(context.pages):
        name = re.sub(r"\W+", "-", request.node.name)
        page.screenshot(path=PICTURES / f"{name}-{number}.png")
