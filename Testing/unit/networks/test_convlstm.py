from __future__ import annotations

import torch

from SAIMCore.networks.convlstm import ConvLSTM


def step_by_step(lstm: ConvLSTM, feature: torch.Tensor, rounds: torch.Tensor) -> torch.Tensor:
    """The textbook recurrence: every step convolves everything, states start as zeros."""
    hidden = cell = torch.zeros_like(feature)
    for entry in rounds.chunk(lstm.depth, dim=1):
        gates = lstm.from_feature(feature) + lstm.from_state(torch.cat((entry, hidden), dim=1))
        write, keep, show, candidate = gates.chunk(4, dim=1)
        cell = keep.sigmoid() * cell + write.sigmoid() * candidate.tanh()
        hidden = show.sigmoid() * cell.tanh()
    return feature + hidden


def test_the_shortcuts_change_nothing() -> None:
    torch.manual_seed(0)
    lstm = ConvLSTM(channels=4, round_channels=6, depth=3)
    feature, rounds = torch.randn(2, 4, 8, 8), torch.rand(2, 18, 8, 8)

    torch.testing.assert_close(lstm(feature, rounds), step_by_step(lstm, feature, rounds))


def test_the_forget_gate_starts_open_and_all_others_neutral() -> None:
    bias = ConvLSTM(channels=4, round_channels=6, depth=3).from_feature.bias

    assert bias is not None
    assert bias.tolist() == [0.0] * 4 + [1.0] * 4 + [0.0] * 8


def test_the_correction_stays_within_one_whatever_the_rounds() -> None:
    lstm = ConvLSTM(channels=4, round_channels=6, depth=3)

    feature = torch.randn(1, 4, 8, 8)
    hidden = lstm(feature, torch.full((1, 18, 8, 8), 1e6)) - feature

    assert hidden.isfinite().all()
    assert hidden.abs().max() <= 1 + 1e-5


def test_the_oldest_round_reaches_the_answer() -> None:
    lstm = ConvLSTM(channels=4, round_channels=6, depth=3)
    rounds = torch.zeros(1, 18, 8, 8, requires_grad=True)

    lstm(torch.randn(1, 4, 8, 8), rounds).sum().backward()

    assert rounds.grad is not None
    assert rounds.grad[:, :6].any()
