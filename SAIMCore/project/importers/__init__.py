"""Importers: one file for each way in which images, labels and splits arrive."""

from __future__ import annotations
