"""Which segment of a segmentation belongs to which class, whatever their order and numbers."""

from __future__ import annotations

import slicer
import vtk

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ClassTableError

__all__ = ["ClassSegments"]

# Tags are saved with the segmentation (.seg.nrrd) and survive renaming, reordering and undo.
CLASS_TAG = "SAIM.Class"
LOCK_TAG = "SAIM.Locked"
# The value of CLASS_TAG for a segment that the user took out of the table.
NO_CLASS = "-"
# category ~ type ~ modifier ~ ..., each "scheme ^ code ^ meaning".
_TERMINOLOGY_TYPE = 2


class ClassSegments:
    """The segments of ``node`` that belong to the classes of a table, the background aside.

    A class belongs to the segment that was assigned to it, else to the one of its name, else to
    the one whose terminology type has its name (letter case does not matter); of several to the
    first. No segment belongs to two classes. The segmentation is read anew at every call, since
    the user may rename, add and remove segments at any time.
    """

    def __init__(self, node: slicer.vtkMRMLSegmentationNode, classes: ClassTable) -> None:
        self.node = node
        self.classes = classes

    @property
    def ids(self) -> dict[int, str]:
        """Segment IDs by class index, of the classes that have a segment."""
        found: dict[int, str] = {}
        for fits in (_assigned_to, _named, _meaning):
            for class_index in self.classes.foreground:
                if class_index in found:
                    continue
                name = self.classes[class_index].name
                for segment_id in self.node.GetSegmentation().GetSegmentIDs():
                    if segment_id not in found.values() and fits(self._segment(segment_id), name):
                        found[class_index] = segment_id
                        break
        return dict(sorted(found.items()))

    def class_of(self, segment_id: str) -> int | None:
        """The class of a segment, None for a foreign one."""
        return next((index for index, known in self.ids.items() if known == segment_id), None)

    def ensure(self) -> dict[int, str]:
        """``ids`` of all classes; the segments of those that have none yet are made.

        A new segment has the class's name and color. From then on each belongs to its class
        whatever its name becomes.
        """
        found = self.ids
        for class_index, segment_id in found.items():
            segment, name = self._segment(segment_id), self.classes[class_index].name
            if _tag(segment, CLASS_TAG) != name:
                segment.SetTag(CLASS_TAG, name)
        for class_index in self.classes.foreground:
            if class_index not in found:
                found[class_index] = self._make(class_index)
        return dict(sorted(found.items()))

    def assign(self, segment_id: str, class_index: int | None) -> None:
        """Make a segment that of a class, instead of the one that it had; None takes it out.

        Raises ClassTableError for a segment or a class that does not exist, and for the background,
        which is no segment.
        """
        if self._segment(segment_id) is None:
            raise ClassTableError(
                f"the segmentation {self.node.GetName()!r} has no segment {segment_id!r}"
            )
        if class_index is not None and class_index not in self.classes.foreground:
            raise ClassTableError(
                f"a segment cannot be class {class_index}; give 1 to {len(self.classes) - 1}"
            )
        previous = None if class_index is None else self.ids.get(class_index)
        if previous is not None and previous != segment_id:
            self._segment(previous).SetTag(CLASS_TAG, NO_CLASS)
        name = NO_CLASS if class_index is None else self.classes[class_index].name
        self._segment(segment_id).SetTag(CLASS_TAG, name)

    def depth(self, class_index: int) -> int:
        """In how many classes a class lies; those of equal depth exclude each other."""
        depth, within = 0, self.classes[class_index].within
        while within is not None:
            depth, within = depth + 1, self.classes[self.classes.index(within)].within
        return depth

    def locked(self, segment_id: str) -> bool:
        """Whether the user locked the segment, so that no voxel of it may change."""
        return _tag(self._segment(segment_id), LOCK_TAG) == "1"

    def set_locked(self, segment_id: str, locked: bool) -> None:
        """Lock or unlock a segment."""
        self._segment(segment_id).SetTag(LOCK_TAG, "1" if locked else "0")

    def visible(self, segment_id: str) -> bool:
        """Whether the segment is shown; without display node all are."""
        display = self.node.GetDisplayNode()
        return display is None or bool(
            display.GetVisibility() and display.GetSegmentVisibility(segment_id)
        )

    def _segment(self, segment_id: str) -> slicer.vtkSegment:
        return self.node.GetSegmentation().GetSegment(segment_id)

    def _make(self, class_index: int) -> str:
        entry = self.classes[class_index]
        color = [part / 255 for part in entry.color]
        segment_id: str = self.node.GetSegmentation().AddEmptySegment("", entry.name, color)
        self._segment(segment_id).SetTag(CLASS_TAG, entry.name)
        return segment_id


def _tag(segment: slicer.vtkSegment, name: str) -> str | None:
    value = vtk.reference("")
    return str(value) if segment.GetTag(name, value) else None


def _assigned_to(segment: slicer.vtkSegment, name: str) -> bool:
    return _tag(segment, CLASS_TAG) == name


def _free(segment: slicer.vtkSegment) -> bool:
    return _tag(segment, CLASS_TAG) is None


def _named(segment: slicer.vtkSegment, name: str) -> bool:
    return _free(segment) and segment.GetName().casefold() == name.casefold()


def _meaning(segment: slicer.vtkSegment, name: str) -> bool:
    fields = segment.GetTerminology().split("~") if segment.HasTerminology() else []
    kind = fields[_TERMINOLOGY_TYPE] if len(fields) > _TERMINOLOGY_TYPE else ""
    return _free(segment) and kind.rpartition("^")[2].casefold() == name.casefold()
