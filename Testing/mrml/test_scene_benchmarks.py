"""The benchmarks of the scene run on tiny sizes and say what they should; how fast is not asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import slicer

from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BENCHMARKS, BenchmarkOptions
from SAIMCore.errors import ConfigurationError, SaimError
from SAIMCore.interactions import Click
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.session.interactive import InteractiveSession
from Testing.benchmarks import command
from Testing.benchmarks.command import main, run_any
from Testing.benchmarks.scene.click import TIMES_AS_OFTEN
from Testing.benchmarks.scene.driving import driven
from Testing.benchmarks.scene.options import SCENE_BENCHMARKS
from Testing.benchmarks.scene.subjects import FLAT, series, staged
from Testing.benchmarks.scene.write import CASES
from Testing.mrml.disk_predictor import DiskPredictor

SMALL = ("--device", "cpu", "--encoder", "resnet18", "--size", "64", "--repeats", "2")


def documents(name: str, **changes: Any) -> list[dict[str, Any]]:
    options = {"device": "cpu", "repeats": 2, "size": 64, "encoder": "resnet18", **changes}
    found = [figure.to_json() for figure in run_any(name, BenchmarkOptions(**options))]
    return json.loads(json.dumps(found))


def check(document: dict[str, Any], unit: str, target: dict[str, float]) -> None:
    assert document["unit"] == unit
    assert document["target"] == target
    assert document["conditions"]["size"] == 64
    assert document["conditions"]["slices"] == 60
    assert document["conditions"]["classes"] == 5
    if document["spread"] is not None:
        assert document["spread"][0] <= document["value"] <= document["spread"][1]


def test_a_click_is_measured_with_and_without_the_editors_history() -> None:
    found = documents("scene-click")
    assert len(found) == 6
    for document in found:
        answered = "answer" in document["name"]
        check(document, "ms", {"at_most": 40.0 if answered else 10.0})
        assert document["repeats"] == 2 * TIMES_AS_OFTEN
        if "less in a session" in document["name"]:
            assert document["measured_ms"] > 0 < document["reference_ms"]
        else:
            assert document["value"] > 0
    assert sum("with the editor's history" in document["name"] for document in found) == 3


def test_writing_is_measured_on_the_fast_path_and_on_all_slow_ones() -> None:
    found = documents("scene-write")
    assert len(found) == len(CASES)
    for number, document in enumerate(found):
        check(document, "ms", {"at_most": 60.0 if number else 10.0})
        assert document["repeats"] == 2
        assert document["value"] > 0
    layers = {document["name"]: document["conditions"]["layers"] for document in found}
    assert layers["one slice, 4 classes in a shared layer"] == 1
    # What these are about: a layer that is moved or made by the write itself.
    assert layers["one slice, over other segments, the first time"] == 2
    assert layers["one slice, nested classes, the first time"] == 2


def test_undo_is_measured_in_time_and_in_memory() -> None:
    *timed, memory = documents("scene-undo")
    assert len(timed) == 4
    for document in timed:
        check(document, "ms", {"at_most": 20.0})
        assert document["value"] > 0
    check(memory, "ratio", {"at_most": 1.0})
    assert memory["value"] == pytest.approx(memory["measured_kib"] / memory["reference_kib"])
    assert memory["reference_kib"] == 64 * 64 * 5 / 1024
    # Masks before and after, a bit for each pixel of four classes, and what holds them.
    assert 2 * 4 * 64 * 64 / 8 / 1024 <= memory["measured_kib"] < 8


def test_a_series_is_measured_in_throughput() -> None:
    (document,) = documents("scene-series", repeats=1)
    check(document, "ratio", {"at_least": 0.85})
    assert document["value"] == pytest.approx(document["reference_ms"] / document["measured_ms"])
    assert document["conditions"]["batch"] == 16


@pytest.mark.parametrize("name", ["scene-click", "scene-series"])
def test_a_size_that_no_network_takes_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="positive multiple of 32, found 100"):
        documents(name, size=100)


def test_what_cannot_be_shown_ends_a_benchmark(scene: slicer.vtkMRMLScene) -> None:
    made = staged(scene, 64)
    session = InteractiveSession(DiskPredictor(FLAT), series(64), "phantom")
    annotation = SeriesAnnotation(session, made.segments, made.grid)
    with driven(annotation, scene) as host:
        host.click(Click(3, 5, 5, 1))
        assert len(host.own) == len(host.until_shown) == 1
        assert 0 < host.until_shown[0] <= host.own[0]
        host.effect.toggle_accepted(3)
        with pytest.raises(SaimError, match="slice 3 is accepted"):
            host.effect.segment_slice(3)
            host.settle()


def test_the_scene_alone_is_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(SCENE_BENCHMARKS, ("scene-write", *SMALL, "--json")) == 0
    document = json.loads(capsys.readouterr().out)
    assert {figure["benchmark"] for figure in document["figures"]} == {"scene-write"}
    assert document["met"] is all(figure["met"] for figure in document["figures"])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would be measured; every benchmark has one figure."""
    names: list[str] = []

    def measure(name: str, options: BenchmarkOptions) -> Iterator[Figure]:
        names.append(name)
        yield Figure(name, f"the {name}", 1.0, "ms", 1.2, details={"conditions": {"size": 64}})

    monkeypatch.setattr(command, "run_any", measure)
    return names


ALL = {**BENCHMARKS, **SCENE_BENCHMARKS}


def test_the_engine_and_the_scene_are_one_document(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(ALL, ("--device", "cpu", "--json")) == 0
    assert asked == list(ALL)
    found = json.loads(capsys.readouterr().out)["figures"]
    assert [figure["benchmark"] for figure in found] == list(ALL)


def test_people_see_one_table(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(ALL, ("--device", "cpu"))
    shown = capsys.readouterr().out
    assert all(f"the {name}" in shown for name in ALL)


def test_one_benchmark_can_be_asked_for(asked: list[str]) -> None:
    main(ALL, ("scene-undo", "--device", "cpu"))
    main(ALL, ("rank", "--device", "cpu"))
    assert asked == ["scene-undo", "rank"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("dance",), "invalid choice: 'dance'"),
        (("scene-click", "--device", "abacus"), "unknown device 'abacus'"),
        (("click", "--device", "cpu", "--size", "100"), "positive multiple of 32, found 100"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(
    arguments: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(ALL, arguments)
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err
