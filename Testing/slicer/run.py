"""Runs the self tests in the application that executes this script, and ends it: 0 or 1."""

import sys
import unittest
from pathlib import Path

import slicer


def run():
    """Whether all tests passed."""
    here = Path(__file__).resolve().parent
    sys.path[:0] = [str(here), str(here.parents[1])]
    suite = unittest.TestSuite()
    for path in sorted(here.glob("*SelfTest.py")):
        suite.addTests(unittest.defaultTestLoader.loadTestsFromName(path.stem))
    return unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful()


passed = False
try:
    passed = run()
finally:
    # Whatever happened: the application would stay open, with the error in its log.
    slicer.util.exit(0 if passed else 1)
