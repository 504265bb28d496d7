"""What is proposed for a series, kept as its session before an annotator has opened it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.campaign.drafts import Drafts
from SAIMCore.data.atomic import disk_errors_named
from SAIMCore.errors import InvalidLabelmapError, SaimError
from SAIMCore.igniter.proposer import go_on, tell_nobody
from SAIMCore.project.journal import session_path
from SAIMCore.rounds.proposer import Proposer, Proposing

if TYPE_CHECKING:
    from SAIMCore.igniter.mapped import MappedIgniter
    from SAIMCore.predictor import Predictor
    from SAIMCore.project.project import Project
    from SAIMCore.session.interactive import InteractiveSession
    from SAIMCore.session.round_answers import SessionModel

__all__ = ["Proposals"]


class Proposals:
    """Writes what the igniter or the current model says of series of ``project``.

    Nobody has said anything in such a session (``proposals_only``), and it never counts as an
    annotation. To be used in one thread: the last model and the igniter stay loaded.
    """

    def __init__(self, project: Project, device: str = "auto") -> None:
        self._project = project
        self._device = device
        self._model: tuple[Path, Predictor] | None = None
        self._igniter: tuple[object, MappedIgniter] | None = None

    def no_proposal(self, name: str) -> str | None:
        """Why the igniter proposes nothing for a series; None where it does. Raises its errors."""
        return self._opened_igniter().no_proposal(name)

    def write(
        self,
        name: str,
        proposer: Proposer,
        progress: Callable[[int, int], None] = tell_nobody,
        should_stop: Callable[[], bool] = go_on,
    ) -> bool:
        """Keep what ``proposer`` says of the series ``name``; whether anything was written.

        Nothing is where it is annotated, or somebody has worked on it, or all was proposed before.
        Where the igniter has no proposal, the current model has. When ``should_stop`` ends it, what
        there is by then is kept.

        Raises InvalidLabelmapError where nobody has a proposal, ProjectError when it cannot be
        written, and what the model or igniter and reading the series raise.
        """
        project = self._project
        if proposer.kind is Proposing.NOBODY or self._has_labels(name):
            return False
        session = self._session_without_work(name, self._session_model(name, proposer))
        if session is None or session.segment_series(progress, should_stop) is None:
            return False
        project.require_writable()
        file = session_path(project, name)
        with disk_errors_named(file.parent):
            file.parent.mkdir(exist_ok=True)
        # It is no step that the annotator took, so there is none to undo.
        session.save(file, with_history=False)
        return True

    def _has_labels(self, name: str) -> bool:
        if self._project.series_named(name).annotation is not None:
            return True
        return Drafts(self._project).path(name).exists()

    def _session_without_work(self, name: str, model: SessionModel) -> InteractiveSession | None:
        """The session of the series; None when an annotator has done something in it."""
        from SAIMCore.session.interactive import InteractiveSession

        slices = self._project.cached(name, model.preprocessing).slices
        file = session_path(self._project, name)
        if not file.exists():
            return InteractiveSession(model, slices, name)
        try:
            session = InteractiveSession.restore(file, model, slices, name)
        except SaimError:
            # Whoever opens the series is told, and it is kept aside.
            return None
        return session if session.proposals_only else None

    def _session_model(self, name: str, proposer: Proposer) -> SessionModel:
        """What proposes for the series ``name``. Raises InvalidLabelmapError where nothing does."""
        from SAIMCore.project.igniter import igniter_series
        from SAIMCore.session.igniter_model import IgniterModel

        model = self._project.models.current()
        if proposer.kind is Proposing.IGNITER:
            igniter = self._opened_igniter()
            reason = igniter.no_proposal(name)
            if reason is None:
                return IgniterModel(
                    igniter,
                    igniter_series(self._project, name),
                    self._project.settings.preprocessing,
                )
            if model is None:
                raise InvalidLabelmapError(reason)
        assert model is not None
        return self._predictor(model.folder)

    def _opened_igniter(self) -> MappedIgniter:
        from SAIMCore.project.igniter import igniter_stamp, open_project_igniter
        from SAIMCore.project.igniter_record import note_igniter_version

        project, settings = self._project, self._project.settings
        chosen = settings.igniter
        stamp = None if chosen is None else igniter_stamp(project.folder, chosen)
        if self._igniter is None or self._igniter[0] != stamp:
            self._igniter = None
            igniter = open_project_igniter(project.folder, settings, self._device)
            assert chosen is not None
            assert stamp is not None
            note_igniter_version(project, chosen, igniter.version)
            self._igniter = stamp, igniter
        return self._igniter[1]

    def _predictor(self, folder: Path) -> Predictor:
        from SAIMCore.predictor import Predictor

        if self._model is None or self._model[0] != folder:
            self._model = None
            self._model = folder, Predictor.load(folder, self._device, self._project.classes)
        return self._model[1]
