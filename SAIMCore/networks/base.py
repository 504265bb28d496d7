"""What every segmentation network offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from torch import Tensor, nn

if TYPE_CHECKING:
    from SAIMCore.networks.config import NetworkConfig

__all__ = ["SegmentationNetwork"]


class SegmentationNetwork(nn.Module, ABC):
    """A network that takes an image and an interaction memory and returns logits.

    A new one is a class with ``__init__`` and ``forward`` and an entry in ``NETWORKS``
    (``factory.py``). ``needs_rounds`` says that only the sequential memory fits, because the
    network reads the interaction rounds one after the other.
    """

    needs_rounds: ClassVar[bool] = False

    @abstractmethod
    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()

    @property
    def encoder(self) -> nn.Module | None:
        """The segmentation-models-pytorch encoder, whose first convolution takes all channels.

        It can start from ImageNet weights. A network without one starts as it was made.
        """
        return None

    @abstractmethod
    def forward(self, image: Tensor, memory: Tensor) -> Tensor:
        """Logits (B, N, H, W) of an image (B, 1, H, W) and its memory (B, M, H, W).

        H and W are multiples of 32; M is the number of memory channels and may be 0.
        """
