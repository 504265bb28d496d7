"""Images that go or change while a campaign is open: they are named, and the rest goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from SAIMCore.data.phantom import Phantom
from SAIMCore.rounds.options import RoundOptions
from Testing.campaign.conftest import MakeProject
from Testing.unit.campaign.bench import Bench

MakeBench = Callable[..., Bench]

POOL = ("phantom_005", "phantom_006", "phantom_007", "phantom_008")
TRAINED_ON = "phantom_001"


def gone(image: Path) -> None:
    image.unlink()


def changed(image: Path) -> None:
    """Another image of the same size, and even of the same grid."""
    content = bytearray(image.read_bytes())
    # A byte of the name of the program that wrote it, in the header of the gzip file.
    content[4] ^= 1
    image.write_bytes(content)


HARM = {gone: "cannot be read", changed: "has changed since it was added"}


@pytest.fixture
def images(phantom: Phantom) -> Iterator[Path]:
    """The folder of the images, which is as it was after the test."""
    kept = phantom.images.with_name("kept")
    shutil.copytree(phantom.images, kept)
    yield phantom.images
    shutil.rmtree(phantom.images)
    kept.rename(phantom.images)


@pytest.mark.parametrize("harm", HARM, ids=["gone", "changed"])
def test_in_the_preparation(
    make_project: MakeProject, make_bench: MakeBench, images: Path, harm: Callable[[Path], None]
) -> None:
    folder = make_project()
    bench = make_bench(folder)
    # The one behind it is prepared when it is opened.
    bench.open(POOL[0])
    image = images / f"{POOL[2]}.nii.gz"
    content = image.read_bytes()
    harm(image)
    bench.campaign.next()
    bench.settle()
    assert bench.campaign.annotating.current == POOL[1]
    bench.campaign.next()
    bench.settle()
    sentence = bench.complaint()
    assert POOL[2] in sentence
    assert HARM[harm] in sentence
    assert bench.campaign.queue.row(POOL[2]).status == "unannotated"
    bench.campaign.next()
    bench.settle()
    assert bench.campaign.annotating.current == POOL[3]
    image.write_bytes(content)
    bench.open(POOL[2])
    assert bench.window.complaints == []


@pytest.mark.parametrize("harm", HARM, ids=["gone", "changed"])
def test_in_the_ranking(
    with_model: Path, make_bench: MakeBench, images: Path, harm: Callable[[Path], None]
) -> None:
    bench = make_bench(with_model)
    image = images / f"{POOL[2]}.nii.gz"
    content = image.read_bytes()
    harm(image)
    bench.campaign.rank()
    bench.settle()
    sentence = bench.complaint()
    assert POOL[2] in sentence
    assert HARM[harm] in sentence
    assert bench.campaign.ranking.state.sentence == "Ranking done; 1 series could not be read."
    assert bench.pool()[-1] == POOL[2]
    scored = [row.name for row in bench.campaign.queue.rows if row.score is not None]
    assert sorted(scored) == [name for name in POOL if name != POOL[2]]
    image.write_bytes(content)
    bench.campaign.rank()
    bench.settle()
    assert bench.window.complaints == []
    assert bench.campaign.queue.row(POOL[2]).score is not None


def test_many_that_cannot_be_read_are_one_sentence(
    with_model: Path, make_bench: MakeBench, images: Path
) -> None:
    bench = make_bench(with_model)
    for name in POOL:
        gone(images / f"{name}.nii.gz")
    bench.campaign.rank()
    bench.settle()
    sentence = bench.complaint()
    assert all(name in sentence for name in POOL[:3])
    assert sentence.endswith("and so on; there are 4 of them")


@pytest.mark.parametrize("harm", HARM, ids=["gone", "changed"])
def test_in_the_training(
    make_project: MakeProject, make_bench: MakeBench, images: Path, harm: Callable[[Path], None]
) -> None:
    bench = make_bench(make_project())
    image = images / f"{TRAINED_ON}.nii.gz"
    content = image.read_bytes()
    harm(image)
    bench.campaign.train(RoundOptions(device="cpu"))
    bench.settle()
    state = bench.campaign.training.state
    assert state.phase == "failed"
    assert TRAINED_ON in state.sentence
    assert HARM[harm] in state.sentence
    assert bench.trainer.workers == []
    assert bench.project.rounds.all() == []
    bench.open(POOL[0])
    image.write_bytes(content)
    bench.campaign.train(RoundOptions(device="cpu"))
    bench.settle()
    assert bench.campaign.training.state.phase == "finished"
    assert bench.window.complaints == []
