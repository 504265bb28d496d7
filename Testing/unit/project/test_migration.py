"""Databases of an earlier SAIM: migrated after a backup, read as they are, never lost."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.project import migration
from SAIMCore.project.importers.plan import ImportPlan
from SAIMCore.project.migration import AddedColumn
from SAIMCore.project.project import Project
from SAIMCore.project.schema import SCHEMA_VERSION

RunScript = Callable[..., "subprocess.CompletedProcess[str]"]

# As SAIM made them before series could be skipped and had checksums.
VERSION_1 = """
CREATE TABLE schema (version INTEGER NOT NULL, PRIMARY KEY (version));
CREATE TABLE classes (id INTEGER NOT NULL, content JSON NOT NULL, PRIMARY KEY (id));
CREATE TABLE series (
    id INTEGER NOT NULL, name VARCHAR NOT NULL, path VARCHAR NOT NULL, files JSON NOT NULL,
    patient VARCHAR, geometry JSON NOT NULL, status VARCHAR NOT NULL, reason VARCHAR,
    reference VARCHAR, pinned BOOLEAN NOT NULL, added VARCHAR NOT NULL,
    PRIMARY KEY (id), UNIQUE (name)
);
CREATE INDEX ix_series_status ON series (status);
CREATE TABLE annotations (
    id INTEGER NOT NULL, series_id INTEGER NOT NULL, number INTEGER NOT NULL,
    current BOOLEAN NOT NULL, annotator VARCHAR NOT NULL, minutes FLOAT NOT NULL,
    clicks INTEGER NOT NULL, model_version VARCHAR, class_voxels JSON NOT NULL,
    restored_from INTEGER, created VARCHAR NOT NULL,
    PRIMARY KEY (id), UNIQUE (series_id, number), FOREIGN KEY(series_id) REFERENCES series (id)
);
CREATE UNIQUE INDEX one_current_annotation ON annotations (series_id) WHERE current;
CREATE TABLE scores (
    id INTEGER NOT NULL, series_id INTEGER NOT NULL, strategy VARCHAR NOT NULL,
    model_version VARCHAR NOT NULL, value FLOAT NOT NULL, created VARCHAR NOT NULL,
    PRIMARY KEY (id), UNIQUE (series_id, strategy, model_version),
    FOREIGN KEY(series_id) REFERENCES series (id)
);
CREATE TABLE interactions (
    id INTEGER NOT NULL, series_id INTEGER NOT NULL, slice_index INTEGER NOT NULL,
    class_index INTEGER NOT NULL, kind VARCHAR NOT NULL, content JSON NOT NULL,
    annotator VARCHAR NOT NULL, model_version VARCHAR, created VARCHAR NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY(series_id) REFERENCES series (id)
);
CREATE INDEX ix_interactions_series_id ON interactions (series_id);
CREATE TABLE sessions (
    id INTEGER NOT NULL, series_id INTEGER NOT NULL, annotator VARCHAR NOT NULL, file VARCHAR,
    seconds_active FLOAT NOT NULL, started VARCHAR NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY(series_id) REFERENCES series (id)
);
CREATE INDEX ix_sessions_series_id ON sessions (series_id);
CREATE TABLE rounds (
    number INTEGER NOT NULL, status VARCHAR NOT NULL, run_folder VARCHAR NOT NULL,
    model_version VARCHAR, options JSON NOT NULL, sentence VARCHAR, started VARCHAR NOT NULL,
    finished VARCHAR, PRIMARY KEY (number)
);
CREATE TABLE models (
    id INTEGER NOT NULL, version VARCHAR NOT NULL, round INTEGER, folder VARCHAR NOT NULL,
    validation JSON, test JSON, parent VARCHAR, current BOOLEAN NOT NULL, created VARCHAR NOT NULL,
    published VARCHAR,
    PRIMARY KEY (id), UNIQUE (version), FOREIGN KEY(round) REFERENCES rounds (number)
);
CREATE UNIQUE INDEX one_current_model ON models (current) WHERE current;
"""

# Kills its process after the first change that a migration makes.
MIGRATE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from SAIMCore.project.project import Project

@event.listens_for(Engine, "after_cursor_execute")
def die(connection, cursor, statement, *_):
    if statement.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

Project.open(Path(sys.argv[1]))
"""
KILLED = -9


@pytest.fixture
def old(project: Project) -> Path:
    """The folder of ``project``, with its database as version 1 would have made it."""
    project.set_status("pool_c", "excluded", "motion")
    project.close()
    database = project.folder / "saim.sqlite"
    newer = database.rename(database.with_name("newer.sqlite"))
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(VERSION_1)
        connection.execute("ATTACH DATABASE ? AS newer", [str(newer)])
        for (table,) in connection.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name != 'schema'"
        ).fetchall():
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
            connection.execute(
                f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}"
            )
        connection.execute("INSERT INTO schema VALUES (1)")
    newer.unlink()
    return project.folder


def version(database: Path) -> int:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT version FROM schema").fetchone()[0])


def columns(database: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return {row[1] for row in connection.execute("PRAGMA table_info(series)")}


def backup(folder: Path) -> Path:
    return folder / "saim.sqlite.version-1.backup"


def test_all_steps_lead_to_the_present_version() -> None:
    assert len(migration.STEPS) == SCHEMA_VERSION - 1


def test_a_migrated_database_has_the_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    with Project.open(old) as project:
        Project.create(tmp_path / "new", ImportPlan(project.classes)).close()
    assert columns(old / "saim.sqlite") == columns(tmp_path / "new" / "saim.sqlite")
    assert version(old / "saim.sqlite") == SCHEMA_VERSION


def test_an_old_database_is_migrated_when_it_is_opened_for_writing(
    old: Path, labels: np.ndarray
) -> None:
    with Project.open(old) as project:
        assert project.warnings == ()
        assert len(project.series()) == 6
        record = project.series_named("pool_c")
        assert (record.status, record.reason) == ("excluded", "motion")
        assert {(entry.skipped, entry.checksum) for entry in project.series()} == {(False, None)}
        assert np.array_equal(project.annotations.load("first"), labels)
        project.annotations.accept("pool_b", labels, "bob")
    with Project.open(old) as again:
        assert again.series_named("pool_b").status == "annotated"


def test_the_backup_is_the_whole_old_database_in_one_file(old: Path) -> None:
    # What only the write-ahead log holds: another connection keeps it from being emptied.
    with contextlib.closing(sqlite3.connect(old / "saim.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE series SET reason = 'only in the log' WHERE name = 'pool_a'")
        connection.commit()
        Project.open(old).close()
    alone = old.parent / "alone.sqlite"
    alone.write_bytes(backup(old).read_bytes())
    assert version(alone) == 1
    with contextlib.closing(sqlite3.connect(alone)) as connection:
        reasons = dict(connection.execute("SELECT name, reason FROM series").fetchall())
        assert len(reasons) == 6
        assert reasons["pool_a"] == "only in the log"
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert [path.name for path in old.glob("*.backup*")] == [backup(old).name]


def test_a_database_of_today_is_not_backed_up(project: Project) -> None:
    project.close()
    Project.open(project.folder).close()
    assert list(project.folder.glob("*.backup")) == []


def test_a_restored_backup_is_migrated_again(old: Path) -> None:
    Project.open(old).close()
    (old / "saim.sqlite").write_bytes(backup(old).read_bytes())
    with Project.open(old) as project:
        assert len(project.series()) == 6
    assert version(backup(old)) == 1


def test_an_old_database_that_is_only_read_stays_as_it_is(old: Path, labels: np.ndarray) -> None:
    before = (old / "saim.sqlite").read_bytes()
    with Project.open(old, read_only=True) as reader:
        assert len(reader.series()) == 6
        assert {(entry.skipped, entry.checksum) for entry in reader.series()} == {(False, None)}
        assert [record.name for record in reader.pool()] == ["pool_a", "pool_b"]
        assert np.array_equal(reader.annotations.load("first"), labels)
        with pytest.raises(ProjectError, match="open read-only"):
            reader.pin("pool_b")
    assert (old / "saim.sqlite").read_bytes() == before
    assert not backup(old).exists()


def test_who_reads_an_old_database_sees_it_migrated_and_changed_by_another(old: Path) -> None:
    with Project.open(old, read_only=True) as reader:
        assert not reader.series_named("pool_b").pinned
        with Project.open(old) as writer:
            writer.pin("pool_b")
            assert reader.series_named("pool_b").pinned
    with Project.open(old, read_only=True) as again:
        assert again.series_named("pool_b").pinned


@pytest.mark.parametrize("moment", ["ALTER TABLE", "UPDATE schema"])
def test_a_kill_in_the_middle_leaves_the_old_version_whole(
    old: Path, run_script: RunScript, moment: str
) -> None:
    assert run_script(MIGRATE_AND_DIE, old, moment).returncode == KILLED
    assert version(old / "saim.sqlite") == 1
    assert not columns(old / "saim.sqlite") & {"skipped", "checksum"}
    assert version(backup(old)) == 1
    with Project.open(old) as project:
        assert len(project.series()) == 6
    assert version(old / "saim.sqlite") == SCHEMA_VERSION
    assert list(old.glob(".saim-writing-*")) == []


def test_a_step_that_fails_leaves_the_old_version_whole(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = AddedColumn("no such table", "skipped", "BOOLEAN", "FALSE")
    with monkeypatch.context() as patch:
        patch.setattr(migration, "STEPS", ((*migration.STEPS[0], wrong),))
        with pytest.raises(ProjectError, match=r"the database saim\.sqlite failed"):
            Project.open(old)
    assert version(old / "saim.sqlite") == 1
    assert not columns(old / "saim.sqlite") & {"skipped", "checksum"}
    Project.open(old).close()


def test_without_a_place_for_the_backup_nothing_is_changed(old: Path) -> None:
    backup(old).mkdir()
    with pytest.raises(ProjectError, match=r"version-1\.backup"):
        Project.open(old)
    assert version(old / "saim.sqlite") == 1
    backup(old).rmdir()
    Project.open(old).close()


def test_a_disk_without_space_for_the_backup_is_named(old: Path, run_script: RunScript) -> None:
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from SAIMCore.errors import ProjectError\n"
        "from SAIMCore.project.project import Project\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    Project.open(Path(sys.argv[1]))\n"
        "except ProjectError as error:\n"
        "    print(error)\n"
    )
    result = run_script(code, old)
    assert result.returncode == 0, result.stderr
    assert "free some space" in result.stdout
    assert version(old / "saim.sqlite") == 1
    assert not backup(old).exists()
    Project.open(old).close()
