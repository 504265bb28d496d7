"""From an igniter's classes to those of a project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from SAIMCore.errors import ConfigurationError
from SAIMCore.igniter.class_mapping import ClassMapping

THEIRS = ("background", "liver", "kidneys", "vessels", "veins", "spleen")
OURS = ("background", "left kidney", "right kidney", "liver", "vessel", "bone")
TEXT = "liver=liver, kidneys=left kidney + right kidney,vessels=vessel,veins=vessel,spleen="


def shares(theirs: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(theirs, 4, 5, generator=generator).softmax(dim=0)


def test_one_becomes_several_several_one_and_none_background() -> None:
    mapped = ClassMapping.from_text(TEXT).between(THEIRS, OURS)
    found = shares(6)
    answer = mapped.apply(found)
    background, liver, kidneys, vessels, veins, spleen = found
    expected = torch.stack(
        [
            background + spleen,
            kidneys / 2,
            kidneys / 2,
            liver,
            vessels + veins,
            torch.zeros_like(liver),
        ]
    )
    torch.testing.assert_close(answer, expected)
    torch.testing.assert_close(answer.sum(dim=0), torch.ones(4, 5))
    assert mapped.never == ("bone",)


def test_a_batch_is_mapped_like_its_slices() -> None:
    mapped = ClassMapping.from_text(TEXT).between(THEIRS, OURS)
    batch = torch.stack([shares(6), shares(6).flip(1)])
    torch.testing.assert_close(mapped.apply(batch)[1], mapped.apply(batch[1]))


def test_classes_of_the_same_name_stay_exactly_what_they_are() -> None:
    mapping = ClassMapping.by_name(("background", "Liver", "spleen"), ("background", "liver"))
    assert mapping.entries == (("Liver", ("liver",)),)
    mapped = ClassMapping.from_text("liver=liver").between(
        ("background", "liver"), ("background", "liver")
    )
    assert torch.equal(mapped.apply(shares(2)), shares(2))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("liver=organ,spleen=tumor,kidney=bone", ()),
        ("liver=organ+tumor,spleen=bone,kidney=", ("tumor",)),
        ("liver=tumor+organ,spleen=tumor,kidney=", ("organ", "bone")),
        ("liver=organ+tumor,spleen=tumor+organ,kidney=", ("tumor", "bone")),
        ("liver=organ+tumor,spleen=organ+bone,kidney=", ("tumor", "bone")),
    ],
)
def test_classes_that_another_one_always_outdoes_are_known(
    text: str, hidden: tuple[str, ...]
) -> None:
    ours = ("background", "organ", "tumor", "bone")
    mapped = ClassMapping.from_text(text).between(("background", "liver", "spleen", "kidney"), ours)
    assert mapped.never_likeliest == hidden
    assert set(mapped.never) <= set(hidden)
    # Whatever the igniter answers, they are nowhere the likeliest.
    noise = torch.randn(4, 300, 300, generator=torch.Generator().manual_seed(0)) * 2
    shown = mapped.apply(noise.softmax(dim=0)).argmax(dim=0).unique().tolist()
    assert [name for index, name in enumerate(ours) if index not in shown] == list(hidden)


def test_logits_become_logits_of_the_mapped_probabilities() -> None:
    mapped = ClassMapping.from_text(TEXT).between(THEIRS, OURS)
    logits = torch.randn(6, 4, 5, generator=torch.Generator().manual_seed(1)).requires_grad_()
    found = mapped.logits(logits)
    expected = mapped.apply(logits.softmax(dim=0))
    torch.testing.assert_close(found.softmax(dim=0), expected)
    found[3].sum().backward()
    assert logits.grad is not None
    assert torch.isfinite(found).all()
    assert torch.isfinite(logits.grad).all()


def test_a_file_says_the_same(tmp_path: Path) -> None:
    expected = ClassMapping.from_text(TEXT)
    toml, other = tmp_path / "classes.toml", tmp_path / "a=b.json"
    toml.write_text(
        'liver = "liver"\nkidneys = ["left kidney", "right kidney"]\nvessels = "vessel"\n'
        'veins = ["vessel"]\nspleen = []\n',
        encoding="utf-8",
    )
    other.write_text(json.dumps(expected.to_json()), encoding="utf-8")
    assert ClassMapping.from_text(str(toml)) == expected
    assert ClassMapping.from_text(str(other)) == expected
    assert ClassMapping.from_text(expected.to_text()) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("liver", r"the mapping 'liver' is no class=class; write the igniter's class, '='"),
        ("=liver", r"the mapping '=liver' is no class=class"),
        ("liver=liver,liver=bone", r"class 'liver' is mapped more than once; write all"),
        ("liver=bone+bone", r"class 'liver' becomes 'bone' twice; name it once"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        ClassMapping.from_text(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "liver=liver",
            r"lacks the igniter's classes kidneys, vessels, veins, spleen; add what each becomes, "
            r"like kidneys=left kidney, or kidneys= where it becomes background "
            r"\(the classes here are left kidney, right kidney, liver, vessel, bone\)",
        ),
        (f"{TEXT[:-8]}", r"lacks the igniter's class spleen; add what each becomes, like spleen="),
        (f"{TEXT},stomach=", r"no class 'stomach'; its classes are liver, kidneys, vessels, veins"),
        (
            TEXT.replace("=liver", "=livr"),
            r"class 'liver' becomes 'livr', which is no class of this project; its classes are "
            r"background, left kidney",
        ),
        (f"{TEXT},background=liver", r"background becomes 'liver'; it can only become background"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(text: str, sentence: str) -> None:
    mapping = ClassMapping.from_text(text)
    with pytest.raises(ConfigurationError, match=sentence):
        mapping.check(THEIRS, OURS)
    with pytest.raises(ConfigurationError, match=sentence):
        mapping.between(THEIRS, OURS)


@pytest.mark.parametrize("entry", ["background=background", "background="])
def test_background_may_be_named_as_what_it_is(entry: str) -> None:
    ClassMapping.from_text(f"{TEXT},{entry}").check(THEIRS, OURS)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.json", "[1]", "holds a list; give a JSON object"),
        ("a.json", "{", "is no JSON file"),
        ("a.toml", "liver", "is no TOML file"),
        ("a.toml", "liver = 3", "'liver' becomes 3; give a class in quotes, or a list of them"),
        ("a.toml", 'liver = ["a", "a"]', "a.toml: the igniter's class 'liver' becomes 'a' twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, content: str, sentence: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        ClassMapping.from_text(str(path))
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent.toml cannot be read"):
        ClassMapping.from_text(str(tmp_path / "absent.toml"))
