from pathlib import Path
import pytest
from Testing.desktop.test_campaign_igniter import *
from Testing.desktop.stand_in.objects import bare
def test_shot(untrained, labelmaps):
    choose_folder(untrained, labelmaps)
    untrained.window.resize(420, 1300)
    untrained.host.process()
    untrained.window.grab().save("/tmp/Q/panel.png")
