"""The class table."""

from __future__ import annotations

import numpy as np
import pytest

from SAIMCore.classes import ClassDefinition, ClassTable
from SAIMCore.errors import ClassTableError


@pytest.fixture
def pelvis() -> ClassTable:
    """Label values with gaps; the cyst lies within the tumor within the uterus."""
    return ClassTable.from_json(
        [
            {"name": "background", "value": 0},
            {"name": "bladder", "value": 7},
            {"name": "uterus", "value": 3},
            {"name": "tumor", "value": 300, "within": "uterus"},
            {"name": "cyst", "value": 5, "within": "tumor"},
        ]
    )


def test_names_are_numbered_in_their_order() -> None:
    table = ClassTable.from_names(["background", " liver ", "spleen"])
    assert table.names == ("background", "liver", "spleen")
    assert [entry.value for entry in table] == [0, 1, 2]
    assert table.foreground == (1, 2)


def test_a_name_may_say_within_which_class_it_lies() -> None:
    table = ClassTable.from_names(["background", "tumor < uterus", "uterus"])
    assert table[1].within == "uterus"
    assert table[2].within is None


def test_a_name_may_give_its_label_value_and_color() -> None:
    table = ClassTable.from_names(["liver=63", "tumor < liver = 2 #aa3322", "cyst=9"])
    assert [(entry.name, entry.value) for entry in table] == [
        ("background", 0), ("liver", 63), ("tumor", 2), ("cyst", 9),
    ]  # fmt: skip
    assert table[2].within == "liver"
    assert table[2].color == (0xAA, 0x33, 0x22)
    assert table[1].color == ClassTable.from_names(["background", "liver"])[1].color


def test_a_background_among_values_is_0() -> None:
    for background in ("background", "background=0"):
        table = ClassTable.from_names([background, "liver=63"])
        assert [entry.value for entry in table] == [0, 63]


def test_values_of_a_data_set_are_sorted_and_0_becomes_the_background() -> None:
    table = ClassTable.from_values({4: "spleen", 0: "nothing", 2: "liver"})
    assert table.names == ("background", "liver", "spleen")
    assert [entry.value for entry in table] == [0, 2, 4]


def test_colors_differ_even_for_many_classes() -> None:
    table = ClassTable.from_values({value: f"class {value}" for value in range(15)})
    assert len({entry.color for entry in table}) == 15


def test_json_gives_the_same_table_back(pelvis: ClassTable) -> None:
    assert ClassTable.from_json(pelvis.to_json()) == pelvis
    assert hash(ClassTable.from_json(pelvis.to_json())) == hash(pelvis)


def test_values_become_indices_and_back(pelvis: ClassTable) -> None:
    values = np.array([[0, 7, 3], [300, 5, 300]], dtype=np.uint16)
    indices = pelvis.to_indices(values)
    assert indices.dtype == np.uint8
    assert indices.tolist() == [[0, 1, 2], [3, 4, 3]]
    assert pelvis.to_values(indices).dtype == np.uint16
    assert np.array_equal(pelvis.to_values(indices), values)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.int64, np.float32, np.float64])
def test_every_type_of_voxel_is_understood(dtype: type) -> None:
    table = ClassTable.from_names(["background", "liver"])
    assert table.to_indices(np.array([0, 1, 1], dtype=dtype)).tolist() == [0, 1, 1]


def test_small_values_are_written_as_bytes() -> None:
    table = ClassTable.from_names(["background", "liver"])
    assert table.to_values(np.array([1], dtype=np.uint8)).dtype == np.uint8


def test_an_empty_array_has_no_indices() -> None:
    table = ClassTable.from_names(["background", "liver"])
    assert table.to_indices(np.zeros((0, 3), dtype=np.int16)).shape == (0, 3)


def test_the_most_classes_that_fit_are_told_apart() -> None:
    table = ClassTable.from_values({value: f"class {value}" for value in range(255)})
    values = np.arange(255, dtype=np.uint8)
    assert np.array_equal(table.to_indices(values), values)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (np.array([0, 9, 8], dtype=np.uint8), "8, 9"),
        (np.array([-1], dtype=np.int16), "-1"),
        # In 16 bits this would be 1.
        (np.array([65537], dtype=np.int64), "65537"),
        (np.array([0.5]), "0.5"),
        (np.array([np.nan]), "nan"),
    ],
)
def test_values_that_no_class_has_are_named(values: np.ndarray, named: str) -> None:
    table = ClassTable.from_names(["background", "liver"])
    with pytest.raises(ClassTableError, match=f"label values? {named} not in the class table"):
        table.to_indices(values)


def test_a_structure_is_the_union_of_a_class_and_all_within_it(pelvis: ClassTable) -> None:
    labels = np.array([0, 1, 2, 3, 4], dtype=np.uint8)
    assert pelvis.members(2) == (2, 3, 4)
    assert pelvis.structure(labels, 2).tolist() == [False, False, True, True, True]
    assert pelvis.structure(labels, 3).tolist() == [False, False, False, True, True]
    assert pelvis.structure(labels, 1).tolist() == [False, True, False, False, False]


def test_the_structure_of_the_background_is_the_background(pelvis: ClassTable) -> None:
    assert pelvis.members(0) == (0,)


def test_a_class_is_found_by_its_name(pelvis: ClassTable) -> None:
    assert pelvis.index("tumor") == 3
    with pytest.raises(ClassTableError, match="no class 'liver'; the classes are background, bl"):
        pelvis.index("liver")


def test_colors_do_not_count_for_the_structure_but_nesting_does(pelvis: ClassTable) -> None:
    rows = pelvis.to_json()
    rows[1]["color"] = [1, 2, 3]
    assert pelvis.same_structure(ClassTable.from_json(rows))
    assert pelvis != ClassTable.from_json(rows)
    del rows[3]["within"]
    assert not pelvis.same_structure(ClassTable.from_json(rows))


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["background"], "needs 2 to 255 classes with the background, found 1"),
        (["liver", "spleen"], "the first class must be 'background' with value 0"),
        (["background", "liver", "liver"], "class name 'liver' appears more than once"),
        (["background", ""], "class '' with value 1: give a name"),
        (["background<liver", "liver"], "found 'background' with value 0 within 'liver'"),
        (["background", "tumor<uterus"], "within 'uterus', which is no foreground class"),
        (["background", "tumor<background"], "within 'background', which is no foreground class"),
        (["background", "tumor<tumor"], "lie within each other: tumor"),
        (["background", "a<b", "b<a"], "lie within each other: a < b"),
        (["liver=one"], "'liver=one' has no whole number after '='"),
        (["liver=-1"], "'liver=-1' has no whole number after '='"),
        (["liver=63", "spleen"], "'spleen' has no label value while others have one"),
        (["liver=63", "background"], "the first class must be 'background'"),
        (["liver=63", "spleen=63"], "label value 63 appears more than once"),
        (["background=1", "liver=2"], "found 'background' with value 1"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(names: list[str], sentence: str) -> None:
    with pytest.raises(ClassTableError, match=sentence):
        ClassTable.from_names(names)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"name": "liver"}, "class 1 of the class table cannot be read"),
        ({"value": 1}, "class 1 of the class table cannot be read"),
        ({"name": "liver", "value": "one"}, "class 1 of the class table cannot be read"),
        ({"name": "liver", "value": 1, "within": ["b"]}, "must be the name of a class, found"),
        ({"name": "liver", "value": 1.5}, "1.5 is no whole number"),
        ({"name": "liver", "value": True}, "True is no whole number"),
        ({"name": "liver", "value": 1, "color": [1, 2]}, "a color of three numbers"),
        ({"name": "liver", "value": 1, "color": [0, 0, 256]}, "red, green and blue from 0 to 255"),
        ({"name": "liver", "value": 0}, "label value 0 appears more than once"),
        ({"name": "liver", "value": -1}, "a value from 0 to 65535"),
        ({"name": "liver", "value": 65536}, "a value from 0 to 65535"),
    ],
)
def test_an_incomplete_row_is_refused(row: dict[str, object], sentence: str) -> None:
    with pytest.raises(ClassTableError, match=sentence):
        ClassTable.from_json([{"name": "background", "value": 0}, row])


def test_more_classes_than_fit_are_refused() -> None:
    with pytest.raises(ClassTableError, match="found 256"):
        ClassTable.from_values({value: f"class {value}" for value in range(256)})


def test_a_table_shows_values_and_names() -> None:
    table = ClassTable(
        [ClassDefinition("background", 0, (0, 0, 0)), ClassDefinition("a", 2, (1, 1, 1))]
    )
    assert repr(table) == "ClassTable(0=background, 2=a)"
