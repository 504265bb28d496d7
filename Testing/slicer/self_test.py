"""How self tests are run by Slicer's own test machinery, besides ``run.py``.

Import the module, not the classes: unittest would take those for tests of the file that has them.
"""

import unittest

from slicer.ScriptedLoadableModule import ScriptedLoadableModuleTest


class ModuleTest(ScriptedLoadableModuleTest):
    """The test of a module: started from the module's panel it runs all of its methods."""

    def runTest(self):
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(type(self))
        result = unittest.TextTestRunner().run(suite)
        self.assertTrue(result.wasSuccessful())


class FurtherTest(ScriptedLoadableModuleTest):
    """Tests beside those of the module, which run with ``run.py`` alone."""

    def runTest(self):
        """Nothing by itself."""
