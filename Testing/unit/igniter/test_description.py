"""The TOML file beside a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from SAIMCore.errors import ConfigurationError
from SAIMCore.igniter.description import IgniterDescription, description_file
from SAIMCore.igniter.normalization import IntensityNormalization

MakeDescription = Callable[..., IgniterDescription]

GOOD = """
kind = "2d"
output = "logits"
classes = ["background", "liver", "spleen"]
input_size = [256, 128]
spacing = [1.5, 1]
orientation = "LPS"

[normalization]
method = "window"
lower = -160
upper = 240
"""


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(GOOD, encoding="utf-8")
    found = IgniterDescription.read(path)
    assert found.kind == "2d"
    assert found.classes == ("background", "liver", "spleen")
    assert found.input_size == (256, 128)
    assert found.spacing == (1.5, 1.0)
    assert found.normalization == IntensityNormalization("window", -160, 240)
    assert (found.channels, found.multiple, found.values) == (1, None, None)
    assert found.label_values == (0, 1, 2)


def test_the_example_of_the_docstring_is_one() -> None:
    text = IgniterDescription.__doc__
    assert text is not None
    lines = text.partition("CT slices::\n")[2].partition("\n    Raises")[0]
    example = "\n".join(line.removeprefix("        ") for line in lines.splitlines())
    folder = pytest.importorskip("tomllib", reason="tomllib comes with Python 3.11")
    assert IgniterDescription.from_table(folder.loads(example)).classes[1] == "liver"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"input_size": (64, 32), "multiple": 32, "spacing": (0.5, 0.25), "orientation": "PIR"},
        {"kind": "3d", "input_size": (8, 16, 24), "multiple": None, "padding_value": -1.0},
        {"output": "labels", "values": (0, 5, 9), "channels": 3},
        {"normalization": IntensityNormalization("zscore", mean=1.5, std=2.5)},
        {"trained_layers": ("head", "decoder.4")},
    ],
)
def test_what_was_written_is_read(
    description: MakeDescription, tmp_path: Path, changes: dict
) -> None:
    about = description(**changes)
    about.write(tmp_path / "model.toml")
    assert IgniterDescription.read(tmp_path / "model.toml") == about


def test_the_file_lies_beside_the_network() -> None:
    assert description_file(Path("a/liver.v2.onnx")) == Path("a/liver.v2.toml")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('kind = "2d"', 'kind = "2.5d"', r"kind is '2.5d'; give one of \"2d\", \"3d\""),
        ('kind = "2d"', "", r'kind is missing; add it: one of "2d", "3d"'),
        ('kind = "2d"', 'kind = "2d"\nsize = 3', r"the key size is unknown; known are kind, outp"),
        ('kind = "2d"', 'kind = "3d"', r"input_size is \[256, 128\]; a 3d network needs 3 numbers"),
        ('"logits"', "1", r"output is 1; give one of \"logits\", \"probabilities\", \"labels\""),
        ('"background", ', "", r'classes is \[.*\]; give at least two names, "background" first'),
        ('"spleen"', '"liver"', r"classes has 'liver', which is repeated"),
        ('"spleen"', '"spleen "', r"classes has 'spleen ', which is repeated, empty or begins"),
        ('"spleen"', "3", r"classes is \['background', 'liver', 3\]; give a list of texts"),
        ("[256, 128]", "[256]", r"input_size is \[256\]; a 2d network needs 2 numbers: rows, col"),
        ("[256, 128]", "[256, 0]", r"input_size is \[256, 0\]; give numbers of at least 1"),
        ("[256, 128]", "256", r"input_size is 256; give a list of whole numbers \(rows, columns\)"),
        ("[256, 128]", "[256, 128.5]", r"input_size is .*; give a list of whole numbers"),
        ("input_size = [256, 128]", "", r"input_size \(rows, columns\) is missing; add it, or"),
        ("[256, 128]", "[256, 120]\nmultiple = 32", r"sides are not all multiples of multiple, 32"),
        ("[256, 128]", "[256, 128]\nmultiple = 0", r"multiple is 0; give at least 1"),
        ("[256, 128]", "[256, 128]\nchannels = 0", r"channels is 0; give at least 1"),
        ("[256, 128]", "[256, 128]\nchannels = true", r"channels is True; give a whole number"),
        ("[256, 128]", "[256, 128]\npadding_value = nan", r"padding_value is nan; give a number"),
        ("[1.5, 1]", "[1.5, -1]", r"spacing is \[1.5, -1.0\]; give millimeters above 0"),
        ("[1.5, 1]", "[1.5, 1, 1]", r"spacing is \[1.5, 1.0, 1.0\]; a 2d network needs 2 numbers"),
        ('"LPS"', '"LPR"', r"orientation is 'LPR'; give three letters"),
        ('"LPS"', '"axial"', r"orientation is 'axial'; give three letters"),
        ('"LPS"', "7", r"orientation is 7; give text in quotes"),
        ('"LPS"', '"LPS"\nvalues = [0, 1, 2]', r"values is \[0, 1, 2\], but the output is \"logi"),
        ("[normalization]", "[normalisation]", r"the key normalisation is unknown"),
        ("lower = -160", "lower = 260", r"normalization.lower is 260 and normalization.upper is"),
        ("upper = 240", "upper = ", r"is no TOML file \("),
    ],
)
def test_each_mistake_is_one_sentence_that_names_the_file(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    assert old in GOOD
    path = tmp_path / "model.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        IgniterDescription.read(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_missing_section_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(GOOD.partition("[normalization]")[0], encoding="utf-8")
    with pytest.raises(ConfigurationError, match="normalization is missing; add it: a section"):
        IgniterDescription.read(path)
    path.write_text('normalization = "none"\n' + GOOD.partition("[norm")[0], encoding="utf-8")
    with pytest.raises(ConfigurationError, match="normalization is 'none'; make it a section"):
        IgniterDescription.read(path)


def test_a_missing_file_says_what_it_must_state(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"model.toml does not exist; write it beside"):
        IgniterDescription.read(tmp_path / "model.toml")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ((0, 5), "values is .* for 3 classes; give one for each"),
        ((0, 5, 5), "give one for each, all different"),
        ((1, 2, 3), "the background's 0 first"),
        ((0, 5, -1), "none negative"),
        ((0, 5, 70000), "values has 70000; give values up to 65535"),
    ],
)
def test_values_of_labels_must_fit_the_classes(
    description: MakeDescription, values: tuple[int, ...], sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        description(output="labels", values=values)
