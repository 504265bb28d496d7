"""One class table out of several."""

from __future__ import annotations

import pytest

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ClassTableError
from SAIMCore.project.importers.agreement import agreed_classes


def table(*names: str) -> ClassTable:
    return ClassTable.from_names(["background", *names])


def test_the_first_table_wins_and_may_use_other_names() -> None:
    mine, theirs = table("liver", "spleen"), table("organ 1", "organ 2")
    assert agreed_classes({"mine": mine, "none": None, "theirs": theirs}) == mine


def test_the_order_of_the_classes_may_differ() -> None:
    mine = ClassTable.from_names(["background", "liver=63", "spleen=2"])
    theirs = ClassTable.from_values({0: "background", 2: "spleen", 63: "liver"})
    assert agreed_classes({"mine": mine, "theirs": theirs}) == mine


def test_no_table_and_other_values_are_refused() -> None:
    with pytest.raises(ClassTableError, match="nothing says which classes there are"):
        agreed_classes({"mine": None})
    with pytest.raises(ClassTableError, match="have other label values than those of theirs"):
        agreed_classes({"mine": table("liver"), "theirs": table("liver", "spleen")})


def test_exchanged_names_are_refused() -> None:
    with pytest.raises(ClassTableError, match="'liver' has the label value 2 in mine but 1 in the"):
        agreed_classes({"mine": table("spleen", "liver"), "theirs": table("liver", "spleen")})


def test_nesting_is_taken_from_the_other_table_when_the_names_agree() -> None:
    nested = table("liver", "tumor<liver")
    assert agreed_classes({"mine": table("liver", "tumor"), "theirs": nested}) == nested
    mine = table("organ", "lesion")
    assert agreed_classes({"mine": mine, "theirs": nested}) == mine
    mine = table("liver<tumor", "tumor")
    assert agreed_classes({"mine": mine, "theirs": nested}) == mine, "what is given stays"
