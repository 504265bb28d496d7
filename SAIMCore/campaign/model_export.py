"""A model of a project for other programs, or as a folder for another SAIM."""

from __future__ import annotations

import shutil
from concurrent.futures import Executor
from pathlib import Path

from SAIMCore.errors import ProjectError
from SAIMCore.rounds.background_task import BackgroundTask, TaskControl

__all__ = ["FORMATS", "ModelExport", "export_model"]

FORMATS = ("torchscript", "onnx", "folder")


class ModelExport:
    """``export_model`` in a thread of ``executor``, one model at a time."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._task: BackgroundTask[None, str] | None = None

    @property
    def busy(self) -> bool:
        """Whether a model is being written."""
        return self._task is not None

    def start(self, folder: Path, output: Path, kind: str, *, overwrite: bool = False) -> None:
        """Begin to write a model. Raises ProjectError while another one is being written."""
        if self._task is not None:
            raise ProjectError("another model is being exported; wait until that is done")

        def write(_: TaskControl[None]) -> str:
            return export_model(folder, output, kind, overwrite=overwrite)

        self._task = BackgroundTask(self._executor, write)

    def poll(self) -> str | None:
        """The sentence about a model that is written now; raises what writing it raised."""
        if self._task is None or not self._task.done:
            return None
        task, self._task = self._task, None
        return task.result()


def export_model(folder: Path, output: Path, kind: str, *, overwrite: bool = False) -> str:
    """Write the model in ``folder`` to ``output`` as one of ``FORMATS``; a sentence about it.

    torchscript and onnx are files, checked against PyTorch; folder is what SAIM itself reads.
    Raises ProjectError when ``output`` is there already (and ``overwrite`` does not help, as for
    folders) or cannot be written, CheckpointError for a damaged model, and what is missing for ONNX
    as ConfigurationError.
    """
    if not output.absolute().parent.is_dir():
        raise ProjectError(f"cannot write {output}: its folder does not exist; create it first")
    if kind == "folder":
        return _copy(folder, output)
    if output.is_dir() or (output.exists() and not overwrite):
        raise ProjectError(f"{output} already exists; choose another name, or have it overwritten")
    # Imported here, since it loads torch.
    from SAIMCore.export import export_onnx, export_torchscript

    export = {"torchscript": export_torchscript, "onnx": export_onnx}[kind]
    return export(folder, output).sentence


def _copy(folder: Path, output: Path) -> str:
    from SAIMCore.checkpoint import load_checkpoint
    from SAIMCore.data.atomic import atomic_folder
    from SAIMCore.project.models import MODEL_FILES

    # A damaged model must not be handed on.
    load_checkpoint(folder)
    with atomic_folder(output) as temporary:
        for name in MODEL_FILES:
            shutil.copyfile(folder / name, temporary / name)
    return f"copied {folder.name} to {output}"
