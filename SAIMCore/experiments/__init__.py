"""Experiments on labeled data: the emulated scenario, ablations, and their reports."""
