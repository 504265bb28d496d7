"""What the self tests that ask a network begin and end with.

Import the module, not the class: unittest would take that for a test of the file that has it.
"""

import unittest

import self_test
from editor_session import EditorSession, make_model

from SAIMCore.installing import missing_packages

LACKING = ", ".join(package.module for package in missing_packages())


@unittest.skipIf(LACKING, f"not installed: {LACKING}")
class ClickTest(self_test.FurtherTest):
    """An editor with a phantom and a tiny model, ready for clicks."""

    def setUp(self):
        self.session = EditorSession()
        self.model = make_model(self.session.folder.name)
        self.session.choose(self.model)

    def tearDown(self):
        self.session.close()
