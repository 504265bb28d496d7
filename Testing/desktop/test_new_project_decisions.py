"""The dialog that makes a project: classes, split and check."""

from __future__ import annotations

from pathlib import Path

from Testing.desktop.project_maker import CHECK, CLASSES, PHANTOM, PROJECT, ProjectMaker
from Testing.desktop.stand_in.objects import bare

ANNOTATED, POOL, VALIDATION, TEST, EXCLUDED = range(5)


class TestClasses:
    """The second page."""

    def test_names_that_cannot_be_are_said(self, maker: ProjectMaker, phantom: Path) -> None:
        maker.choose_folders(phantom / "images")
        maker.ui.classesEdit.text = "liver,liver"
        maker.next()
        assert maker.page == CLASSES
        assert maker.message

    def test_nothing_at_all_is_said(self, maker: ProjectMaker, phantom: Path) -> None:
        maker.choose_folders(phantom / "images")
        maker.next()
        assert "nothing says which classes there are" in maker.message.casefold()
        assert not maker.ui.nextButton.enabled

    def test_the_labels_can_name_them(self, maker: ProjectMaker, phantom: Path) -> None:
        maker.choose_folders(phantom / "images", phantom / "labels")
        maker.ui.labelsButton.click()
        maker.settle()
        assert maker.ui.classesEdit.text == "background,class 1,class 2,class 3,class 4"

    def test_a_damaged_labelmap_is_named(self, maker: ProjectMaker, phantom: Path) -> None:
        sorted((phantom / "labels").iterdir())[2].write_bytes(b"no labels")
        maker.choose_folders(phantom / "images", phantom / "labels")
        maker.ui.labelsButton.click()
        maker.settle()
        assert "phantom_003" in maker.message
        assert maker.ui.classesEdit.text == ""


class TestSplit:
    """The third page."""

    def statuses(self, maker: ProjectMaker) -> list[str]:
        return maker.cells(maker.ui.splitTable, 3)

    def test_it_is_proposed(self, planned: ProjectMaker) -> None:
        assert set(self.statuses(planned)) == {"annotated (training)", "validation", "test"}
        assert planned.ui.planLabel.text.startswith("No splits were given, so 4 labeled series")

    def test_a_file_says_it(self, planned: ProjectMaker, phantom: Path) -> None:
        proposed = self.statuses(planned)
        planned.ui.fileButton.click()
        assert not planned.ui.nextButton.enabled
        planned.ui.splitsPath.currentPath = str(phantom / "splits.json")
        planned.settle()
        assert "unannotated (pool)" in self.statuses(planned)
        assert planned.ui.nextButton.enabled
        planned.ui.proposedButton.click()
        planned.settle()
        assert self.statuses(planned) == proposed

    def test_a_group_that_is_not_there_is_said(self, planned: ProjectMaker, phantom: Path) -> None:
        planned.ui.groupEdit.text = "small"
        planned.ui.fileButton.click()
        planned.ui.splitsPath.currentPath = str(phantom / "splits.json")
        planned.settle()
        assert "no group of splits 'small'" in planned.message
        assert not planned.ui.nextButton.enabled
        planned.ui.groupEdit.text = ""
        bare(planned.ui.groupEdit).editingFinished.emit()
        planned.settle()
        assert planned.message == ""
        assert planned.ui.nextButton.enabled

    def test_single_series_can_be_used_otherwise(self, planned: ProjectMaker) -> None:
        planned.use_as(POOL, 0, 2)
        planned.use_as(EXCLUDED, 5)
        statuses = self.statuses(planned)
        assert [statuses[row] for row in (0, 2, 5)] == [
            "unannotated (pool)",
            "unannotated (pool)",
            "excluded",
        ]
        planned.next(CHECK)
        planned.ui.backButton.click()
        assert self.statuses(planned) == statuses

    def test_series_without_labels_are_for_the_pool(
        self, maker: ProjectMaker, phantom: Path
    ) -> None:
        maker.choose_folders(phantom / "images")
        maker.name_classes(PHANTOM)
        maker.use_as(TEST, 0)
        assert "'phantom_001' has no labels" in maker.message
        assert self.statuses(maker) == ["unannotated (pool)"] * 6


class TestCheck:
    """The fourth page."""

    def test_what_is_wrong_is_said_and_can_be_left_out(
        self, planned: ProjectMaker, phantom: Path
    ) -> None:
        (phantom / "images" / "phantom_004.nii.gz").write_bytes(b"no image")
        planned.next(CHECK)
        assert planned.cells(planned.ui.checkTable, 0)[0] == "phantom_004"
        assert "phantom_004.nii.gz" in planned.cells(planned.ui.checkTable, 3)[0]
        assert planned.ui.sentenceLabel.text.startswith("1 series cannot be used as they are")
        assert not planned.ui.nextButton.enabled
        planned.ui.leaveOutButton.click()
        assert "phantom_004" not in planned.cells(planned.ui.checkTable, 0)
        assert planned.ui.sentenceLabel.text == "All series can be used."
        assert not planned.ui.leaveOutButton.enabled
        planned.next(PROJECT)

    def test_what_was_corrected_can_be_used(self, planned: ProjectMaker, phantom: Path) -> None:
        file = phantom / "images" / "phantom_004.nii.gz"
        content = file.read_bytes()
        file.write_bytes(b"no image")
        planned.next(CHECK)
        file.write_bytes(content)
        planned.ui.checkAgainButton.click()
        planned.settle()
        assert planned.ui.nextButton.enabled

    def test_it_can_be_stopped(self, planned: ProjectMaker) -> None:
        planned.ui.nextButton.click()
        assert not planned.ui.progressFrame.isHidden()
        assert not planned.ui.pages.enabled
        planned.ui.cancelButton.click()
        planned.settle()
        assert planned.ui.sentenceLabel.text == "Stopped; nothing was made."
        assert planned.ui.progressFrame.isHidden()
        assert planned.cells(planned.ui.checkTable, 3) == ["not read yet"] * 6
        assert not planned.ui.nextButton.enabled
        planned.ui.checkAgainButton.click()
        planned.settle()
        assert planned.ui.nextButton.enabled
