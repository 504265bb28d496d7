"""Phantoms: seeded, written as real files, with something to learn in them."""

from __future__ import annotations

import json
from pathlib import Path

import cc3d
import numpy as np
import pytest

from SAIMCore.data.geometry import to_slices
from SAIMCore.data.phantom import Phantom, make_phantom
from SAIMCore.data.reading import read_labelmap, read_series
from SAIMCore.data.sources import find_series
from SAIMCore.errors import ConfigurationError, ProjectError

SIZE = (64, 56, 10)
COUNT = 12


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Phantom:
    return make_phantom(tmp_path_factory.mktemp("phantom") / "demo", COUNT, 3, size=SIZE)


@pytest.fixture(scope="module")
def stacks(phantom: Phantom) -> list[tuple[np.ndarray, np.ndarray]]:
    """Intensities and class indices of every series, (S, H, W)."""
    found = []
    for source in find_series(phantom.images):
        volume = read_series(source)
        axis = volume.geometry.acquisition_axis
        path = phantom.labels / source.path.name
        labels = read_labelmap(path, volume.geometry, phantom.classes)
        found.append((to_slices(volume.array, axis), to_slices(labels, axis)))
    return found


def test_every_series_is_a_readable_pair_on_one_grid(
    phantom: Phantom, stacks: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    assert [source.name for source in find_series(phantom.images)] == list(phantom.names)
    for intensities, labels in stacks:
        assert intensities.shape == labels.shape == (SIZE[2], SIZE[1], SIZE[0])


def test_slices_are_thick_off_the_origin_and_in_many_planes(phantom: Phantom) -> None:
    grids = [read_series(source).geometry for source in find_series(phantom.images)]
    for grid in grids:
        assert grid.stack_spacing[0] >= 3 * min(grid.spacing)
        assert np.abs(grid.origin).min() > 0
        assert np.linalg.det(np.reshape(grid.direction, (3, 3))) == pytest.approx(1, abs=1e-5)
    assert len({grid.acquisition_axis for grid in grids}) > 1
    oblique = [
        np.abs(np.abs(grid.direction) - np.round(np.abs(grid.direction))).max() > 0.01
        for grid in grids
    ]
    assert any(oblique)
    assert not all(oblique)


def test_every_structure_is_there_and_as_large_as_it_should_be(
    phantom: Phantom, stacks: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    assert phantom.classes.names == ("background", "organ", "lesion", "node", "gland")
    shares = np.array([[np.mean(labels == index) for index in range(5)] for _, labels in stacks])
    assert (shares > 0).all()
    organ, lesion, node, gland = shares[:, 1:].mean(axis=0)
    assert 0.02 < organ < 0.15
    assert max(lesion, node, gland) < organ / 3
    # No two anatomies are the same.
    assert len({tuple(row) for row in shares.tolist()}) == COUNT


def test_the_lesion_lies_within_the_organ_and_the_nodes_are_several(
    phantom: Phantom, stacks: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    assert phantom.classes[2].within == "organ"
    instances = []
    for _, labels in stacks:
        lesion = labels == phantom.classes.index("lesion")
        grown = np.zeros_like(lesion)
        grown[:, 1:-1, 1:-1] = (
            lesion[:, :-2, 1:-1] | lesion[:, 2:, 1:-1] | lesion[:, 1:-1, :-2] | lesion[:, 1:-1, 2:]
        )
        around = labels[grown & ~lesion]
        assert np.mean(around == phantom.classes.index("organ")) > 0.8
        nodes = labels == phantom.classes.index("node")
        instances.append(cc3d.connected_components(nodes.astype(np.uint8), return_N=True)[1])
    assert np.median(instances) >= 2


def test_intensity_separates_the_structures_on_average_but_not_voxel_by_voxel(
    stacks: list[tuple[np.ndarray, np.ndarray]],
) -> None:
    scales, overlaps = [], []
    for intensities, labels in stacks:
        organ, lesion = intensities[labels == 1], intensities[labels == 2]
        assert lesion.mean() > organ.mean()
        overlaps.append(np.percentile(organ, 98) > np.percentile(lesion, 2))
        assert np.mean(intensities[labels == 0] > np.percentile(organ, 10)) > 0.02
        scales.append(organ.mean())
    assert np.mean(overlaps) > 0.5
    assert max(scales) > 1.8 * min(scales)


def test_the_noise_of_air_is_that_of_a_magnitude_image(
    stacks: list[tuple[np.ndarray, np.ndarray]],
) -> None:
    for intensities, _ in stacks:
        corner = intensities[:, :4, :4]
        assert corner.min() >= 0
        assert corner.mean() / corner.std() == pytest.approx(1.91, abs=0.6)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    tmp_path: Path, phantom: Phantom
) -> None:
    small = make_phantom(tmp_path / "again", 4, 3, size=SIZE)
    for part in ("images", "labels"):
        for name in small.names:
            again = (small.folder / part / f"{name}.nii.gz").read_bytes()
            assert again == (phantom.folder / part / f"{name}.nii.gz").read_bytes()
    other = make_phantom(tmp_path / "other", 4, 4, size=SIZE)
    first = f"{other.names[0]}.nii.gz"
    assert (other.images / first).read_bytes() != (small.images / first).read_bytes()


def test_the_splits_file_names_every_series_once(phantom: Phantom) -> None:
    content = json.loads(phantom.splits_file.read_text())
    assert content["classes"] == {
        "0": "background", "1": "organ", "2": "lesion", "3": "node", "4": "gland"
    }  # fmt: skip
    assert content["within"] == {"lesion": "organ"}
    assert list(content["splits"]) == ["test", "validation", "train_initial", "pool"]
    assert all(content["splits"].values())
    listed = [name for members in content["splits"].values() for name in members]
    assert sorted(listed) == list(phantom.names)
    assert {split: tuple(members) for split, members in content["splits"].items()} == phantom.splits


def test_progress_is_told_for_every_series(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    make_phantom(
        tmp_path / "demo",
        4,
        size=(32, 32, 4),
        progress=lambda done, all_: told.append((done, all_)),
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_stop_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_phantom(tmp_path / "demo", 4, size=(32, 32, 4), progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="at least 4 series"):
        make_phantom(tmp_path / "demo", 3)
    with pytest.raises(ConfigurationError, match="8 x 8 pixels and 16 slices is too small"):
        make_phantom(tmp_path / "demo", 4, size=(8, 8, 16))
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(ProjectError, match="not empty"):
        make_phantom(tmp_path, 4, size=(32, 32, 4))
