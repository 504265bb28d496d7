"""Adapters onto MRML nodes for every host: no Qt, no window, only the scene (slicer, vtk)."""
