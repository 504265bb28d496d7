"""The models of a project, and which of them is the shared, current one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from SAIMCore.errors import ProjectError
from SAIMCore.project.database import Database
from SAIMCore.project.records import ModelRecord
from SAIMCore.project.schema import ModelRow

__all__ = ["MODEL_FILES", "Models"]

MODEL_FILES = ("model.safetensors", "config.json", "metrics.json")


class Models:
    """Add, publish and restore models; ``folder`` is that of the project."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database

    def add(
        self,
        version: str,
        folder: Path,
        round_number: int | None = None,
        validation: Mapping[str, Any] | None = None,
        test: Mapping[str, Any] | None = None,
        parent: str | None = None,
    ) -> ModelRecord:
        """Record the model in ``folder`` (inside the project, ``models/round-NNN``).

        It is not used before it is published. Raises ProjectError when the version is taken, the
        folder lies outside the project, or a file of the model is missing or empty.
        """
        relative = self._relative(folder)
        self._require_complete(version, relative)
        with self._database.writing() as session:
            if session.scalar(select(ModelRow.id).where(ModelRow.version == version)):
                raise ProjectError(
                    f"the project already has a model {version!r}; give another version"
                )
            row = ModelRow(
                version=version,
                round=round_number,
                folder=relative,
                validation=None if validation is None else dict(validation),
                test=None if test is None else dict(test),
                parent=parent,
                created=self._database.now(),
            )
            session.add(row)
            session.flush()
            return self._record(row)

    def publish(self, version: str) -> ModelRecord:
        """Make the model ``version`` the current one, in one transaction.

        Raises ProjectError when there is no such model or its folder is not complete; the current
        model then stays.
        """
        with self._database.writing() as session:
            row = _find(session, version)
            self._require_complete(version, row.folder)
            session.execute(update(ModelRow).where(ModelRow.current).values(current=False))
            row.current, row.published = True, self._database.now()
            session.flush()
            return self._record(row)

    def restore(self, version: str) -> ModelRecord:
        """Make a model that was current before the current one again.

        Raises ProjectError as ``publish`` does, and for a model that was never published.
        """
        if self.named(version).published is None:
            raise ProjectError(
                f"model {version!r} was never published, because it was worse or was not to be; "
                f"'saim models PROJECT restore {version} --even-if-worse' publishes it all the same"
            )
        return self.publish(version)

    def current(self) -> ModelRecord | None:
        """The model that everybody uses now, or None before the first one."""
        with self._database.reading() as session:
            row = session.scalars(select(ModelRow).where(ModelRow.current)).first()
            return None if row is None else self._record(row)

    def named(self, version: str) -> ModelRecord:
        """The model ``version``. Raises ProjectError when there is none."""
        with self._database.reading() as session:
            return self._record(_find(session, version))

    def all(self) -> list[ModelRecord]:
        """All models, oldest first."""
        query = select(ModelRow).order_by(ModelRow.id)
        with self._database.reading() as session:
            return [self._record(row) for row in session.scalars(query)]

    def _relative(self, folder: Path) -> str:
        try:
            return folder.resolve().relative_to(self._folder.resolve()).as_posix()
        except ValueError as error:
            raise ProjectError(
                f"the model folder {folder} lies outside the project {self._folder}; put it into "
                "its folder 'models'"
            ) from error

    def _require_complete(self, version: str, relative: str) -> None:
        for name in MODEL_FILES:
            path = self._folder / relative / name
            if not path.is_file() or path.stat().st_size == 0:
                raise ProjectError(
                    f"model {version!r} is not complete: {path} is missing or empty; restore it "
                    "from a backup or train again"
                )

    def _record(self, row: ModelRow) -> ModelRecord:
        return ModelRecord(
            version=row.version,
            round=row.round,
            folder=self._folder / row.folder,
            validation=row.validation,
            test=row.test,
            parent=row.parent,
            created=row.created,
            published=row.published,
            current=row.current,
        )


def _find(session: Session, version: str) -> ModelRow:
    row = session.scalars(select(ModelRow).where(ModelRow.version == version)).first()
    if row is None:
        known = ", ".join(session.scalars(select(ModelRow.version).order_by(ModelRow.id)))
        raise ProjectError(f"no model {version!r}; the models are {known or 'none yet'}")
    return row
