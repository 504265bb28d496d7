"""Databases of another SAIM: an older one is migrated after a backup, a newer one refused."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.errors import ProjectError
from SAIMCore.project.lock import current_writer
from SAIMCore.project.schema import SCHEMA_VERSION
from Testing.campaign.conftest import MakeProject
from Testing.unit.campaign.bench import Bench
from Testing.unit.campaign.stand_ins import Desk, Window
from Testing.unit.project.test_migration import VERSION_1


def make_old(folder: Path) -> None:
    """Make the database what version 1 would have made of it."""
    database = folder / "saim.sqlite"
    newer = database.rename(database.with_name("newer.sqlite"))
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(VERSION_1)
        connection.execute("ATTACH DATABASE ? AS newer", [str(newer)])
        tables = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name != 'schema'"
        for (table,) in connection.execute(tables).fetchall():
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
            connection.execute(
                f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}"
            )
        connection.execute("INSERT INTO schema VALUES (1)")
    newer.unlink()


def version(database: Path) -> int:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT version FROM schema").fetchone()[0])


def test_a_campaign_of_an_early_saim_goes_on(
    make_project: MakeProject, make_bench: Callable[..., Bench]
) -> None:
    folder = make_project()
    make_old(folder)
    bench = make_bench(folder)
    assert version(folder / "saim.sqlite") == SCHEMA_VERSION
    (backup,) = folder.glob("*.backup")
    assert version(backup) == 1
    assert len(bench.campaign.queue.rows) == 8
    bench.campaign.skip("phantom_005", reason="blurred")
    assert bench.pool()[-1] == "phantom_005"
    bench.campaign.next()
    bench.settle()
    assert bench.campaign.annotating.current == "phantom_006"
    # Its image has a checksum from now on.
    assert bench.project.series_named("phantom_006").checksum is not None
    assert bench.window.complaints == []


def test_a_campaign_of_a_newer_saim_is_refused_and_left_as_it_is(
    make_project: MakeProject,
) -> None:
    folder = make_project()
    with contextlib.closing(sqlite3.connect(folder / "saim.sqlite")) as connection, connection:
        connection.execute(f"UPDATE schema SET version = {SCHEMA_VERSION + 1}")
    with pytest.raises(ProjectError, match=f"format {SCHEMA_VERSION + 1}.*update SAIM"):
        Campaign(folder, Window(), Desk(), "ada", "cpu")
    assert version(folder / "saim.sqlite") == SCHEMA_VERSION + 1
    assert current_writer(folder) is None
