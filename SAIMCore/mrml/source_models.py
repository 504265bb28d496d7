"""What answers by a ``ModelSource``, loaded; for the worker, but for what is read in no time."""

from __future__ import annotations

from pathlib import Path

from SAIMCore.checkpoint import load_config
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.igniter.mapped import MappedIgniter
from SAIMCore.predictor import Predictor
from SAIMCore.project.igniter import igniter_stamp, open_set_igniter
from SAIMCore.project.model_source import ModelSource
from SAIMCore.project.settings import ProjectSettings

__all__ = ["SourceModels", "preprocessing_of"]


def preprocessing_of(source: ModelSource) -> PreprocessingOptions:
    """How the slices of a session must be prepared. Raises what ``load_config`` raises.

    An igniter prepares the image itself; marks grow on slices that are prepared as ever.
    """
    return (
        PreprocessingOptions()
        if source.folder is None
        else load_config(source.folder).preprocessing
    )


class SourceModels:
    """Predictors and igniters; the last one of each stays loaded.

    Both methods raise ConfigurationError for a device that does not exist.
    """

    def __init__(self) -> None:
        # What makes the loaded one another one: what was chosen, when it was written, the device.
        self._predictor: tuple[object, Predictor] | None = None
        self._igniter: tuple[object, MappedIgniter] | None = None

    def predictor(self, folder: Path, device: str) -> Predictor:
        """The model in ``folder``. Raises CheckpointError when it cannot be used."""
        weights = folder / "model.safetensors"
        written = weights.stat().st_mtime_ns if weights.exists() else None
        key = (folder, written, device)
        if self._predictor is None or self._predictor[0] != key:
            self._predictor = None
            self._predictor = key, Predictor.load(folder, device)
        return self._predictor[1]

    def igniter(self, source: ModelSource, device: str) -> MappedIgniter:
        """The igniter of the source's project. Raises what ``open_set_igniter`` raises."""
        assert source.project is not None
        assert source.igniter is not None
        key = (igniter_stamp(source.project, source.igniter), device)
        if self._igniter is None or self._igniter[0] != key:
            self._igniter = None
            settings = ProjectSettings.read(source.project)
            opened = open_set_igniter(source.project, settings, source.igniter, device)
            self._igniter = key, opened
        return self._igniter[1]
