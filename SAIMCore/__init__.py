"""SAIM: one shared model that selects, annotates, is retrained and is deployed.

Importing this package costs nothing: torch and the other heavy packages are imported by the
modules that use them, never here.
"""

from __future__ import annotations

__version__ = "0.1.0"

__all__ = ["__version__"]
