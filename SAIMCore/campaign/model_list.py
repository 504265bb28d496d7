"""The models of a project as a list: what each was measured with, against the shared one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from SAIMCore.campaign.tables import Table
from SAIMCore.project.records import ModelRecord
from SAIMCore.rounds.comparison import CommonScores, common_scores

__all__ = ["ListedModel", "listed_models", "model_table"]

HEADERS = ("model", "validation mIoU", "test mIoU", "published (UTC)")


@dataclass(frozen=True)
class ListedModel:
    """A model and its mIoU (0 to 1, averaged over the numbers of clicks), None where not measured.

    shared: the version that everybody uses now, None when there is none. against: validation mIoU
    of this model and of that one, on what both were measured on; None where that cannot be said.
    """

    record: ModelRecord
    validation: float | None
    test: float | None
    shared: str | None
    against: CommonScores | None

    @property
    def version(self) -> str:
        return self.record.version

    @property
    def sentence(self) -> str:
        """What the model is, compared with the shared one."""
        if self.record.current:
            return f"{self.version} is the model that everybody uses now."
        if self.against is None:
            return f"{self.version} cannot be compared with {self.shared or 'another model'}."
        return (
            f"{self.version} has a validation mIoU of {_percent(self.against.new)}, the shared "
            f"model {self.shared} {_percent(self.against.old)}{self.against.where}."
        )

    @property
    def question(self) -> str:
        """What to ask before it becomes the shared model, "" when it is no worse."""
        if self.against is None or self.against.new >= self.against.old:
            return ""
        return f"{self.sentence} It is worse. Use it all the same, everywhere?"


def listed_models(models: Sequence[ModelRecord]) -> list[ListedModel]:
    """``models`` (oldest first), the newest one first, each compared with the shared one."""
    current = next((model for model in models if model.current), None)
    return [_listed(model, current) for model in reversed(models)]


def model_table(models: Sequence[ListedModel]) -> Table:
    """A row per model, mIoU in percent; the shared one is marked."""
    return Table(
        HEADERS,
        tuple(
            (
                f"{model.version} (shared)" if model.record.current else model.version,
                _percent(model.validation),
                _percent(model.test),
                model.record.published[:16] if model.record.published else "never",
            )
            for model in models
        ),
    )


def _listed(model: ModelRecord, current: ModelRecord | None) -> ListedModel:
    against = None
    if current is not None and model.validation and current.validation:
        against = common_scores(model.validation, current.validation)
    return ListedModel(
        model,
        _overall(model.validation),
        _overall(model.test),
        None if current is None else current.version,
        against,
    )


def _overall(metrics: Mapping[str, Any] | None) -> float | None:
    value = None if metrics is None else metrics.get("overall")
    return None if value is None or math.isnan(value) else float(value)


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"
