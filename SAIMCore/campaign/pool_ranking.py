"""Scoring the pool in the background, so that the queue fills while somebody annotates."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SAIMCore.errors import ProjectError, SaimError
from SAIMCore.rounds.background_task import BackgroundTask, TaskControl
from SAIMCore.scoring import NO_MODEL, ScoringOutcome, ScoringProgress, score_pool

if TYPE_CHECKING:
    from SAIMCore.acquisition import Strategy
    from SAIMCore.igniter.mapped import MappedIgniter
    from SAIMCore.project.project import Project

__all__ = ["PoolRanking", "RankingState"]

# So many series that cannot be read are told one by one.
TOLD = 3


@dataclass(frozen=True)
class RankingState:
    """How far the scoring is. ``unreadable``: why series have no score, by their names."""

    running: bool = False
    done: int = 0
    total: int = 0
    sentence: str = ""
    unreadable: tuple[tuple[str, str], ...] = ()

    @property
    def without_score(self) -> str:
        """A sentence on the series in ``unreadable``."""
        reasons = [reason for _, reason in self.unreadable[:TOLD]]
        if len(self.unreadable) > TOLD:
            reasons.append(f"and so on; there are {len(self.unreadable)} of them")
        return "; ".join(reasons)


class PoolRanking:
    """Scores the pool of ``project`` with its current model, in a thread of ``executor``.

    Before the first model, its igniter scores. strategy, model_version: by what it scores, or did
    so last.

    Scores are stored as they are made: after ``cancel``, or the end of the program, ``start`` goes
    on where it was.
    """

    def __init__(self, project: Project, executor: Executor) -> None:
        self._project = project
        self._executor = executor
        self._task: BackgroundTask[ScoringProgress, ScoringOutcome] | None = None
        self.state = RankingState()
        self.strategy = ""
        self.model_version = NO_MODEL

    def start(self, strategy: Strategy, device: str = "auto") -> None:
        """Score what the current model has not scored yet.

        What is under way, for another model or strategy perhaps, ends after its present series
        first. Raises ProjectError when the strategy needs a model and there is neither one nor an
        igniter, or when the project is open read-only.
        """
        self._project.require_writable()
        model = self._project.models.current()
        igniter = self._project.settings.igniter
        if model is None and igniter is None and strategy.slice_scores is not None:
            raise ProjectError(
                f"there is no model yet, and the order {strategy.name!r} needs one; train the "
                "first model, set an igniter, or choose the order 'random'"
            )
        folder = model.folder if model is not None and strategy.slice_scores is not None else None

        def score(control: TaskControl[ScoringProgress]) -> ScoringOutcome:
            # Imported here, since they load torch.
            from SAIMCore.predictor import Predictor
            from SAIMCore.project.igniter import igniter_before_model

            if control.cancelled():
                return ScoringOutcome(stopped=True)
            scorer: Predictor | MappedIgniter | None = None
            if folder is not None:
                scorer = Predictor.load(folder, device, self._project.classes)
            elif strategy.slice_scores is not None:
                scorer = igniter_before_model(self._project, device)
                if scorer is None:
                    # A model was published, or the igniter removed, meanwhile.
                    return ScoringOutcome(stopped=True)
            if scorer is not None:
                self.model_version = scorer.version
            return score_pool(
                self._project,
                scorer,
                strategy,
                report=control.report,
                should_stop=control.cancelled,
            )

        self.cancel()
        self.strategy = strategy.name
        self.model_version = NO_MODEL if model is None else model.version
        # The executor has one thread, so it waits for the one before.
        self._task = BackgroundTask(self._executor, score)
        self.state = RankingState(running=True, sentence="Ranking: loading the model.")

    def cancel(self) -> None:
        """Stop after the present series."""
        if self._task is not None:
            self._task.cancel()

    def poll(self, timeout: float = 0.0) -> list[ScoringProgress]:
        """Wait up to ``timeout`` seconds for the end; what was scored since the last call.

        Raises what the scoring raised (a damaged model, a full disk); scores made before are kept.
        """
        if self._task is None:
            return []
        done = self._task.wait(timeout)
        reports = self._task.new_reports()
        if reports:
            self.state = _under_way(reports[-1])
        if done:
            task, self._task = self._task, None
            self.state = RankingState(sentence="Ranking ended by an error.")
            self.state = _ended(task.result())
        return reports

    def end(self) -> None:
        """Stop, and wait until it has."""
        if self._task is not None:
            self._task.cancel()
            self._task.wait()
            self._task = None
            self.state = RankingState()


def _under_way(report: ScoringProgress) -> RankingState:
    return RankingState(
        True, report.done, report.total, f"Ranking: {report.done} of {report.total} series scored."
    )


def _ended(outcome: ScoringOutcome) -> RankingState:
    if outcome.stopped:
        return RankingState(sentence="Ranking stopped; what was scored is kept.")
    unreadable = tuple(_named(outcome.unreadable.items()))
    if unreadable:
        return RankingState(
            sentence=f"Ranking done; {len(unreadable)} series could not be read.",
            unreadable=unreadable,
        )
    return RankingState(sentence="Ranking done.")


def _named(errors: Iterable[tuple[str, SaimError]]) -> Iterable[tuple[str, str]]:
    return ((name, str(error)) for name, error in errors)
