"""The emulated scenario: the whole SAIM loop on labeled series, with the virtual user annotating.

Method: SAIM (Mikhailov et al., 2023), section 4.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from SAIMCore.acquisition import strategy_named
from SAIMCore.campaign.pool_order import ordered_pool
from SAIMCore.errors import ProjectError, TrainingError
from SAIMCore.experiments.classical import ClassicalTraining, classical_rounds
from SAIMCore.experiments.collection import collect
from SAIMCore.experiments.options import EmulationOptions
from SAIMCore.experiments.result import EmulationResult
from SAIMCore.experiments.state import EmulationState, RoundState
from SAIMCore.metrics import SegmentationScores
from SAIMCore.predictor import Predictor
from SAIMCore.project.checks import check_classes_present
from SAIMCore.project.filing import IMPORTED
from SAIMCore.project.project import Project
from SAIMCore.rounds.runner import TrainingRound
from SAIMCore.scoring import NO_MODEL, ScoringProgress, score_pool
from SAIMCore.virtual_annotation import annotate_with_virtual_user

__all__ = ["ANNOTATOR", "emulate"]

ANNOTATOR = "virtual user"

Report = Callable[[dict[str, Any]], None]


def emulate(
    project: Project, options: EmulationOptions, report: Report = lambda event: None
) -> EmulationResult:
    """Run the emulated scenario on ``project``, or go on with the one in ``options.folder``.

    Round 0 trains on what is annotated. Every further round selects series of the pool, lets the
    virtual user annotate them with the shared model, retrains on everything and publishes, until
    all rounds are done or the pool is empty. What was killed goes on where it was.

    ``report`` gets the worker's events, {"event": "stage", "stage", "round", "rounds"} when a step
    begins, {"event": "progress", "name", "done", "total"} within it, and {"event": "round", ...}
    after each training. An exception that it raises ends the emulation like a kill.

    The project belongs to the emulation from then on: the virtual user's labels are its accepted
    annotations, and every model becomes its shared one.

    Raises ProjectError when the project does not suit (work that the emulation did not do, series
    of the pool without reference labels, an empty pool, no test series), and whatever the steps
    raise.
    """
    return _Emulation(project, options, report).run()


class _Emulation:
    def __init__(self, project: Project, options: EmulationOptions, report: Report) -> None:
        self._project = project
        self._options = options
        self._report = report
        self._strategy = strategy_named(options.strategy)
        self._state = EmulationState.open(project, options)
        if not self._state.begun:
            _check_project(project, self._state.pool)
            self._state.save()
        possible = -(-len(self._state.pool) // options.query_size)
        self._rounds = max(min(options.rounds, possible), len(self._state.rounds) - 1)
        self._predictor: Predictor | None = None

    def run(self) -> EmulationResult:
        for number in range(self._rounds + 1):
            self._select(number)
            self._annotate(number)
            self._train(number)
        if self._options.classical:
            for number in classical_rounds(self._rounds):
                self._train_classically(number)
        return collect(self._project, self._state, self._options)

    # -- the steps of a round -------------------------------------------------------------------

    def _select(self, number: int) -> None:
        """Fix the queue of round ``number``; the initial training has none."""
        if number < len(self._state.rounds):
            return
        queue: list[str] = []
        if number > 0:
            self._begin("select", number)
            queue = self._best(number)
        self._state.rounds.append(RoundState(queue))
        self._state.save()

    def _best(self, number: int) -> list[str]:
        needs_model = self._strategy.slice_scores is not None
        predictor = self._shared_model(number) if needs_model else None
        version, seed = predictor.version if predictor else NO_MODEL, self._options.seed

        def scored(progress: ScoringProgress) -> None:
            self._progress(progress.name, progress.done, progress.total)

        score_pool(self._project, predictor, self._strategy, seed=seed, report=scored)
        ranked = ordered_pool(self._project, self._strategy, version, seed)
        return [entry.name for entry in ranked[: self._options.query_size]]

    def _annotate(self, number: int) -> None:
        queue = self._state.rounds[number].queue
        in_pool = {record.name for record in self._project.pool()}
        open_series = [name for name in queue if name in in_pool]
        if open_series:
            self._begin("annotate", number)
        for name in queue:
            if name in in_pool:
                self._annotate_series(number, name)
                self._progress(name, queue.index(name) + 1, len(queue))
            if name not in self._state.annotations:
                self._measure(name)

    def _annotate_series(self, number: int, name: str) -> None:
        predictor, options = self._shared_model(number), self._options
        outcome = annotate_with_virtual_user(
            self._project,
            predictor,
            name,
            self._project.load_reference(name),
            options.clicks,
            options.seed,
        )
        self._project.annotations.accept(
            name,
            outcome.labels,
            ANNOTATOR,
            options.minutes(outcome.clicks, len(outcome.clicks_per_slice)),
            outcome.clicks,
            predictor.version,
        )
        # Later than the acceptance: a kill in between must not log the clicks twice.
        self._project.interactions.add(name, outcome.interactions, ANNOTATOR, predictor.version)

    def _measure(self, name: str) -> None:
        """Note how well the accepted annotation of ``name`` agrees with its reference labels."""
        record = self._project.series_named(name)
        assert record.annotation is not None
        accepted = self._project.annotations.load(name)
        scores = SegmentationScores(self._project.classes)
        scores.add(accepted, self._project.load_reference(name))
        self._state.annotations[name] = {
            "clicks": record.annotation.clicks,
            "slices": record.num_slices,
            **scores.scores().to_json(),
        }
        self._state.save()

    def _train(self, number: int) -> None:
        entry = self._state.rounds[number]
        if entry.model is None:
            self._begin("train", number)
            if entry.after is None:
                entry.after = self._last_project_round()
                self._state.save()
            entry.project_round, entry.model = self._trained(number, entry.after)
            self._state.save()
            self._predictor = None
        test = self._project.models.named(entry.model).test
        self._report(
            {"event": "round", "round": number, "rounds": self._rounds, "model": entry.model,
             "test": test}
        )  # fmt: skip

    def _trained(self, number: int, after: int) -> tuple[int, str]:
        """Number and model of the project's round that followed round ``after``; trained if new."""
        for record in self._project.rounds.all():
            if record.number > after and record.model_version is not None:
                return record.number, record.model_version
        options = self._options.round_options
        if number == 0:
            options = replace(options, fine_tune=False)
        outcome = TrainingRound(self._project, self._report).run(options)
        if outcome.model is None:
            raise KeyboardInterrupt
        return outcome.round.number, outcome.model.version

    def _last_project_round(self) -> int:
        return max((record.number for record in self._project.rounds.all()), default=0)

    def _train_classically(self, number: int) -> None:
        project_round = self._state.rounds[number].project_round
        assert project_round is not None
        training = ClassicalTraining(self._project, project_round)
        if training.metrics() is None:
            self._begin("classical", number)
            training.run(self._options.training.device, self._report)

    # -- what the steps share -------------------------------------------------------------------

    def _shared_model(self, number: int) -> Predictor:
        """The model that the round before ``number`` published."""
        version = self._state.rounds[number - 1].model
        assert version is not None
        if self._predictor is None or self._predictor.version != version:
            folder = self._project.models.named(version).folder
            device = self._options.training.device
            self._predictor = Predictor.load(folder, device, self._project.classes)
        return self._predictor

    def _begin(self, stage: str, number: int) -> None:
        self._report({"event": "stage", "stage": stage, "round": number, "rounds": self._rounds})

    def _progress(self, name: str, done: int, total: int) -> None:
        self._report({"event": "progress", "name": name, "done": done, "total": total})


def _check_project(project: Project, pool: list[str]) -> None:
    """Everything that would otherwise show after hours."""
    _check_unused(project)
    if not pool:
        raise ProjectError(
            "the pool is empty, so nothing is left to annotate; make a project in which some "
            "labeled series are in the pool: 'saim init --initial 5' annotates only five of them "
            "at the start (or a splits file names them)"
        )
    missing = [name for name in pool if project.series_named(name).reference is None]
    if missing:
        raise ProjectError(
            f"{len(missing)} series of the pool have no reference labels (such as {missing[0]!r}), "
            "which the virtual user needs; make the project with their labels, or exclude them"
        )
    if not project.series("test"):
        raise ProjectError(
            "no series has the status test, so the emulated scenario cannot be measured; make a "
            "project with test series"
        )
    running = project.rounds.running()
    if running is not None:
        raise TrainingError(
            f"round {running.number} is not finished; finish it with 'saim train "
            f"{project.folder}' before the emulation"
        )
    check_classes_present(project.training_series(), project.classes)


def _check_unused(project: Project) -> None:
    """Nobody's work may end up under the virtual user's labels and models."""
    models = project.models.all()
    annotated = [
        record
        for record in project.series()
        if record.annotation is not None and record.annotation.annotator != IMPORTED
    ]
    found = []
    if models:
        found.append(f"models ({models[0].version}{', ...' if len(models) > 1 else ''})")
    if annotated:
        who = sorted({record.annotation.annotator for record in annotated if record.annotation})
        found.append(f"{len(annotated)} annotations by {', '.join(who)}")
    if found:
        raise ProjectError(
            f"the project {project.folder} has {' and '.join(found)} that no emulation in this "
            "report folder made; an emulation accepts the virtual user's labels, uses up the pool "
            "and publishes its models, so make a project for it with 'saim init' (or give the "
            "--report folder of the emulation to go on with)"
        )
