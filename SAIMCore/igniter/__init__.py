"""Igniters: something that proposes labels for a series and is not the project's shared model.

Method: Ma et al., *Rapid Model Transfer for Medical Image Segmentation via Iterative
Human-in-the-Loop Update*, 2022, section 2.1 (the igniter network).
"""
