"""What defines a network: all that is needed to build it again with other weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from SAIMCore.errors import ConfigurationError
from SAIMCore.memory import DEFAULT_DEPTH, InteractionMemory, create_memory

__all__ = ["SIZE_MULTIPLE", "NetworkConfig"]

# Height and width of the input must be multiples of this: the encoder halves them five times.
SIZE_MULTIPLE = 32
DECODER_STEPS = 5


@dataclass(frozen=True)
class NetworkConfig:
    """A network for ``num_classes`` classes (background included).

    ``memory_variant`` and ``memory_depth`` are those of ``SAIMCore.memory``; ``decoder`` is a name
    in ``NETWORKS``, ``encoder`` one of segmentation-models-pytorch; ``decoder_channels`` are the
    feature channels after each of the five upsampling steps.

    Raises ConfigurationError when a value is out of range or a name is unknown, so that every
    configuration that exists can be built. Weights are no part of it.
    """

    num_classes: int
    memory_variant: str = "sequential"
    memory_depth: int = DEFAULT_DEPTH
    decoder: str = "unet"
    encoder: str = "resnet34"
    decoder_channels: tuple[int, ...] = (256, 128, 64, 32, 16)

    def __post_init__(self) -> None:
        create_memory(self.memory_variant, self.num_classes, self.memory_depth)
        if len(self.decoder_channels) != DECODER_STEPS or min(self.decoder_channels) < 1:
            raise ConfigurationError(
                f"decoder_channels must be {DECODER_STEPS} positive numbers, one per upsampling "
                f"step; found {', '.join(str(count) for count in self.decoder_channels) or 'none'}"
            )
        # Imported here: the registry's modules need this one, and building blocks are slow to load.
        from SAIMCore.networks.factory import check_network

        check_network(self)

    @property
    def memory(self) -> InteractionMemory:
        """The interaction memory that lays out the network's input."""
        return create_memory(self.memory_variant, self.num_classes, self.memory_depth)

    @property
    def in_channels(self) -> int:
        """Input channels: the image and the memory."""
        return 1 + self.memory.channels

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"decoder_channels": list(self.decoder_channels)}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> NetworkConfig:
        """Read what ``to_json`` wrote.

        Raises ConfigurationError for an unknown or missing field or a value that cannot work.
        """
        unknown = sorted(set(entry) - {field.name for field in fields(cls)})
        if unknown:
            raise ConfigurationError(
                f"the network description has the unknown field {unknown[0]!r}; "
                "it may come from a newer version of SAIM"
            )
        try:
            values = {
                name: (
                    tuple(int(count) for count in value)
                    if name == "decoder_channels"
                    else int(value)
                    if name in ("num_classes", "memory_depth")
                    else str(value)
                )
                for name, value in entry.items()
            }
            return cls(**values)  # type: ignore[arg-type]
        except (TypeError, ValueError) as error:
            raise ConfigurationError(
                f"the network description is not complete ({error}); give at least num_classes"
            ) from error
