"""Interactive segmentation of one series: ``session.interactive.InteractiveSession``."""
