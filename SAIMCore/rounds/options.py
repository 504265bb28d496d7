"""What one round may do differently from the project's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from SAIMCore.errors import ConfigurationError
from SAIMCore.project.settings import ProjectSettings

__all__ = ["RoundOptions"]


@dataclass(frozen=True)
class RoundOptions:
    """None keeps the project's setting.

    fine_tune: go on from the current model's weights instead of retraining in full.
    publish: "if not worse" (default), "always" or "never".
    """

    fine_tune: bool = False
    publish: str = "if not worse"
    memory: str | None = None
    decoder: str | None = None
    encoder: str | None = None
    encoder_weights: Path | None = None
    pretrained: bool = True
    size: int | None = None
    generation: str | None = None
    epochs: int | None = None
    steps_per_epoch: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    schedule: str | None = None
    seed: int | None = None
    device: str = "auto"

    def __post_init__(self) -> None:
        choices = ("if not worse", "always", "never")
        if self.publish not in choices:
            raise ConfigurationError(
                f"publish cannot be {self.publish!r}; choose one of {', '.join(choices)}"
            )

    def to_json(self) -> dict[str, Any]:
        entry = asdict(self)
        entry["encoder_weights"] = str(self.encoder_weights) if self.encoder_weights else None
        return entry

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> RoundOptions:
        """Read what ``to_json`` wrote."""
        weights = entry.get("encoder_weights")
        return cls(**{**entry, "encoder_weights": Path(weights) if weights else None})

    def applied_to(self, settings: ProjectSettings) -> ProjectSettings:
        """The project's settings with the changes of this round."""
        # Imported here: options are made before anything else, building blocks are slow to load.
        from SAIMCore.networks.factory import decoder_for_memory

        memory = replace(settings.memory, **_given(variant=self.memory))
        network = replace(
            settings.network, **_given(encoder=self.encoder, decoder=self.decoder, size=self.size)
        )
        if self.decoder is None:
            fitting = decoder_for_memory(network.decoder, memory.variant)
            network = replace(network, decoder=fitting)
        training = replace(
            settings.training,
            **_given(
                epochs=self.epochs,
                steps_per_epoch=self.steps_per_epoch,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                schedule=self.schedule,
                seed=self.seed,
            ),
            generation=replace(settings.training.generation, **_given(kind=self.generation)),
        )
        return replace(settings, memory=memory, network=network, training=training)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
