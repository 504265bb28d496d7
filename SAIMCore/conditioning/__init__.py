"""Scribble-conditioned inference: corrections for a network that takes no interactions.

Method: Sambaturu et al., *Efficient and Generic Interactive Segmentation Framework to Correct
Mispredictions during Clinical Evaluation of Medical Images*, 2021.
"""
