"""From an igniter's classes to those of a project: a table that a person writes.

As text ``liver=liver,kidneys=left kidney+right kidney,spleen=``: the igniter's class, then what it
becomes here. The same as a TOML or JSON file::

    liver = "liver"
    kidneys = ["left kidney", "right kidney"]
    spleen = []
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from SAIMCore.classes import BACKGROUND
from SAIMCore.data.tables import read_table
from SAIMCore.errors import ConfigurationError

__all__ = ["ClassMapping", "MappedClasses"]

_FILES = (".toml", ".json")
_SMALLEST = float(torch.finfo(torch.float32).tiny)


@dataclass(frozen=True)
class ClassMapping:
    """entries: each class of the igniter with the classes here that it becomes.

    None of them: it becomes background. Several: they share its probability evenly, for the
    igniter cannot tell them apart; the labels show the first of them in the project's order.
    Several classes of the igniter may become the same one, which adds them up. Background stays
    background.

    Raises ConfigurationError for a class that is mapped twice.
    """

    entries: tuple[tuple[str, tuple[str, ...]], ...]

    def __post_init__(self) -> None:
        names = [name for name, _ in self.entries]
        for name, targets in self.entries:
            if names.count(name) > 1:
                raise ConfigurationError(
                    f"the igniter's class {name!r} is mapped more than once; write all that it "
                    f"becomes behind one {name}="
                )
            repeated = [target for target in targets if targets.count(target) > 1]
            if repeated:
                raise ConfigurationError(
                    f"the igniter's class {name!r} becomes {repeated[0]!r} twice; name it once"
                )

    @classmethod
    def from_text(cls, text: str) -> ClassMapping:
        """Read what ``text`` says, or the ``.toml`` or ``.json`` file that it names.

        Raises ConfigurationError for what cannot be read.
        """
        file = Path(text.strip())
        if file.suffix.lower() in _FILES and ("=" not in text or file.is_file()):
            return cls.from_file(file)
        entries = []
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, equals, targets = part.partition("=")
            if not equals or not name.strip():
                raise ConfigurationError(
                    f"the mapping {part!r} is no class=class; write the igniter's class, '=' and "
                    "what it becomes here, nothing for background"
                )
            entries.append((name.strip(), _names(targets.split("+"))))
        return cls(tuple(entries))

    @classmethod
    def from_file(cls, path: Path) -> ClassMapping:
        """The mapping in a TOML or JSON file. Raises ConfigurationError naming the file."""
        entries = []
        for name, value in read_table(path).items():
            targets = [value] if isinstance(value, str) else value
            if not isinstance(targets, list) or not all(isinstance(one, str) for one in targets):
                raise ConfigurationError(
                    f"{path}: {name!r} becomes {value!r}; give a class in quotes, or a list of them"
                )
            entries.append((name, _names(targets)))
        try:
            return cls(tuple(entries))
        except ConfigurationError as error:
            raise ConfigurationError(f"{path}: {error}") from error

    @classmethod
    def by_name(cls, theirs: Sequence[str], ours: Sequence[str]) -> ClassMapping:
        """A mapping to begin with: classes of the same name (in any case) become each other.

        The others are left out, so that ``check`` asks for them.
        """
        known = {name.casefold(): name for name in ours}
        same = [(name, known[name.casefold()]) for name in theirs if name.casefold() in known]
        return cls(tuple((name, (own,)) for name, own in same if name != BACKGROUND))

    def to_text(self) -> str:
        """What ``from_text`` reads; names with a comma, "+" or "=" need a file."""
        return ",".join(f"{name}={'+'.join(targets)}" for name, targets in self.entries)

    def to_json(self) -> dict[str, list[str]]:
        """The content of a file that ``from_file`` reads."""
        return {name: list(targets) for name, targets in self.entries}

    def check(self, theirs: Sequence[str], ours: Sequence[str]) -> None:
        """Raise ConfigurationError unless this maps all classes ``theirs`` to some of ``ours``.

        theirs, ours: names, background first.
        """
        table = dict(self.entries)
        for name, targets in self.entries:
            if name not in theirs:
                raise ConfigurationError(
                    f"the igniter has no class {name!r}; its classes are {', '.join(theirs[1:])}"
                )
            unknown = [target for target in targets if target not in ours]
            if unknown:
                raise ConfigurationError(
                    f"the igniter's class {name!r} becomes {unknown[0]!r}, which is no class of "
                    f"this project; its classes are {', '.join(ours)}"
                )
        if table.get(BACKGROUND, (BACKGROUND,)) not in ((BACKGROUND,), ()):
            raise ConfigurationError(
                "the igniter's background becomes "
                f"{'+'.join(table[BACKGROUND])!r}; it can only become {BACKGROUND}, so leave it out"
            )
        missing = [name for name in theirs[1:] if name not in table]
        if missing:
            example = ",".join(f"{name}={ours[1]}" for name in missing[:1])
            raise ConfigurationError(
                f"the mapping lacks the igniter's class{'es' if len(missing) > 1 else ''} "
                f"{', '.join(missing)}; add what each becomes, like {example}, or {missing[0]}= "
                f"where it becomes background (the classes here are {', '.join(ours[1:])})"
            )

    def between(self, theirs: Sequence[str], ours: Sequence[str]) -> MappedClasses:
        """The mapping of probabilities, in the order of both. Raises ConfigurationError."""
        self.check(theirs, ours)
        table = dict(self.entries) | {BACKGROUND: (BACKGROUND,)}
        shares = torch.zeros(len(ours), len(theirs))
        for column, name in enumerate(theirs):
            targets = table[name] or (BACKGROUND,)
            for target in targets:
                shares[ours.index(target), column] = 1 / len(targets)
        return MappedClasses(shares, tuple(ours))


@dataclass(frozen=True, eq=False)
class MappedClasses:
    """shares: (N, N'), what of each class of the igniter each class of ours gets; columns sum to 1.

    names: ours.
    """

    shares: Tensor
    names: tuple[str, ...]

    @property
    def never(self) -> tuple[str, ...]:
        """Our classes that this igniter cannot propose."""
        return tuple(
            name for name, row in zip(self.names, self.shares, strict=True) if not row.any()
        )

    @property
    def never_likeliest(self) -> tuple[str, ...]:
        """Our classes that no answer of this igniter makes the likeliest of a pixel.

        Those in ``never``, and those whose share of nothing is larger than that of another class:
        of several that one class of the igniter becomes, all but the first.
        """
        return tuple(name for index, name in enumerate(self.names) if self._is_outdone(index))

    def _is_outdone(self, index: int) -> bool:
        """Whether another class gets as much of everything; of equals the first is shown."""
        own = self.shares[index]
        return any(
            bool((row >= own).all()) and (place < index or not torch.equal(row, own))
            for place, row in enumerate(self.shares)
            if place != index
        )

    def apply(self, probabilities: Tensor) -> Tensor:
        """Probabilities (..., N', h, w) of the igniter as (..., N, h, w) of ours; sums stay."""
        return torch.einsum("ij,...jhw->...ihw", self.shares.to(probabilities), probabilities)

    def logits(self, logits: Tensor) -> Tensor:
        """The same for logits, through which gradients pass; a class in ``never`` is far below."""
        return self.apply(logits.softmax(dim=-3)).clamp_min(_SMALLEST).log()


def _names(targets: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in (target.strip() for target in targets) if name)
