"""The tab of the model: its training, its versions, and what proposes before it."""

from __future__ import annotations

from SAIMWeb.trame_host.campaign_page import CampaignPage
from SAIMWeb.trame_host.ui.igniter_panel import igniter_panel
from SAIMWeb.trame_host.ui.models_panel import models_panel
from SAIMWeb.trame_host.ui.training_panel import training_panel

__all__ = ["model_panel"]


def model_panel(campaign: CampaignPage) -> None:
    """How the model is made, which one is used, and who proposes."""
    training_panel(campaign)
    models_panel(campaign)
    igniter_panel(campaign)
