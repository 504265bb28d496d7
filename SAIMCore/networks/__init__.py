"""The segmentation networks: their configuration, registry, and starting weights.

A new architecture is one file here and one entry in ``NETWORKS`` (``factory.py``).
"""
