"""The classes that a project's annotations were filed with, kept apart from ``project.toml``.

Voxels are counted and networks are built by the position of a class, so an edit of the settings
that adds, removes, renames or moves a class would give all of them another meaning.
"""

from __future__ import annotations

from sqlalchemy import inspect, select

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.project.database import Database
from SAIMCore.project.schema import ClassesRow

__all__ = ["check_filed_classes"]


def check_filed_classes(database: Database, classes: ClassTable) -> None:
    """Raise ProjectError when the project was made with other classes than ``classes``.

    A project that does not say with which it was made (an early one) takes these, unless it is open
    read-only. Colors may differ.
    """
    filed = _filed(database)
    if filed is None:
        if not database.read_only:
            _file(database, classes)
    elif not filed.same_structure(classes):
        raise ProjectError(
            f"project.toml has the classes {_described(classes)}, but the project was made with "
            f"{_described(filed)}; write these back, or make a new project for other classes"
        )


def _filed(database: Database) -> ClassTable | None:
    with database.reading() as session:
        if not inspect(session.connection()).has_table(ClassesRow.__tablename__):
            return None
        content = session.scalars(select(ClassesRow.content)).first()
    return None if content is None else ClassTable.from_json(content)


def _file(database: Database, classes: ClassTable) -> None:
    with database.writing() as session:
        ClassesRow.metadata.create_all(
            session.connection(), [ClassesRow.metadata.tables["classes"]]
        )
        session.add(ClassesRow(content=classes.to_json()))


def _described(classes: ClassTable) -> str:
    return ", ".join(
        f"{entry.value}={entry.name}" + (f" within {entry.within}" if entry.within else "")
        for entry in classes
    )
