"""The tab of the model: its training, and its versions."""

from __future__ import annotations

from SAIMWeb.trame_host.campaign_page import CampaignPage
from SAIMWeb.trame_host.ui.models_panel import models_panel
from SAIMWeb.trame_host.ui.training_panel import training_panel

__all__ = ["model_panel"]


def model_panel(campaign: CampaignPage) -> None:
    """How the model is made, and which one is used."""
    training_panel(campaign)
    models_panel(campaign)
