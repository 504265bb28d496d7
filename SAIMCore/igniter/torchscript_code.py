"""What the code in a TorchScript file may do: compute, and nothing outside of the network.

It is read twice. As text before PyTorch has seen it, for loading a file runs parts of it
(``__setstate__``, constants of classes); and as the operations that PyTorch made of it, before
any of them is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch

from SAIMCore.errors import CheckpointError, reason_of

__all__ = ["READING_FAILURES", "read_code", "refuse_code", "refuse_operations"]

# What PyTorch raises for files that are damaged: it quotes what is no text, and misses entries.
READING_FAILURES = (RuntimeError, ValueError, LookupError, OverflowError, MemoryError)

# Of all operations that PyTorch 2.15 and torchvision register. Left out are those of other
# processes (c10d, symm_mem, ...), of files (image, debugprims) and of raw memory (inductor).
_NAMESPACES = frozenset({
    "_quantized", "aten", "mkl", "mkldnn", "mkldnn_prepacked", "onednn", "prim", "prims",
    "profiler", "quantization", "quantized", "sparse", "torchvision",
})  # fmt: skip
# Operations of these namespaces that reach for files and processes, and classes that do.
_REFUSED = frozenset({
    "save", "from_file", "rpc_sync", "rpc_async", "rpc_remote",
    "c10d", "dist_rpc", "_nnapi", "__backends__",
})  # fmt: skip

# As PyTorch writes code: strings in these quotes alone, no comments, no joined lines. With nothing
# else in it, there is no doubt about where its strings are.
_STRING = re.compile(r'"((?:[^"\\\n]|\\[^\n])*)"')
_NEVER_WRITTEN = re.compile(r"[\"'#\\]")
_NAME = re.compile(rf"\.\s*({'|'.join(sorted(_REFUSED))})\b", re.ASCII)
# No variable has the names of these two, and in any other way they could give an operation another
# name. An attribute that is no Python name, like those of the layers in a list, is got by getattr.
_GETATTR = re.compile(r'\bgetattr\((?!ops\b)[\w.]+, "([^"\\]*)"\)', re.ASCII)
# Where ops is followed by a colon, it is the name of an attribute.
_OTHER_USE = re.compile(
    rf"\bgetattr\b|(?<![\w.])ops\b(?! :|\.(?:{'|'.join(sorted(_NAMESPACES))})\.\w)", re.ASCII
)


def read_code(path: Path) -> list[str]:
    """The texts of the code in the archive ``path``; none where it is no TorchScript.

    Nothing of it is run. Raises CheckpointError when it cannot be read.
    """
    try:
        return _read(path)
    except (*READING_FAILURES, OSError) as error:
        raise CheckpointError(
            f"{path} is truncated or damaged ({reason_of(error)}); give a complete file"
        ) from error


def refuse_code(path: Path, code: str) -> None:
    """Raise CheckpointError when ``code``, a text of ``path``, names what reaches for more.

    Also when it is not written as PyTorch writes it, where a name could be hidden.
    """
    strange = _NEVER_WRITTEN.search(_STRING.sub("", code))
    if strange or '"""' in code:
        raise _may_hide(path, strange[0] if strange else '"""')
    named = _NAME.search(_STRING.sub('""', code))
    if named:
        raise _reaches_out(path, named[1])
    found, got = _STRING.sub(_without_sentences, code), 1
    while got:
        for attribute in _GETATTR.findall(found):
            if attribute in _REFUSED:
                raise _reaches_out(path, attribute)
        found, got = _GETATTR.subn("_", found)
    unusual = _OTHER_USE.search(_STRING.sub('""', found))
    if unusual:
        raise _may_hide(path, unusual[0])


def refuse_operations(path: Path, functions: Iterable[Any]) -> None:
    """Raise CheckpointError when one of ``functions`` does anything else than compute.

    functions: all that PyTorch made of the code in the file ``path``, each with its graph.
    """
    for function in functions:
        for operation in _operations(function.graph):
            namespace, _, name = operation.partition("::")
            if namespace not in _NAMESPACES or name in _REFUSED:
                raise _reaches_out(path, operation)


def _read(path: Path) -> list[str]:
    """As PyTorch's own reader finds it: where a name is there twice, others may find the other."""
    with path.open("rb") as file:
        reader: Any = torch._C.PyTorchFileReader(file)
        names = [name for name in reader.get_all_records() if name.lower().startswith("code/")]
        # Long names are cut in the list; those have no record, or that of another one.
        records = {name.lower(): reader.get_record(name) for name in names}
    if len(records) < len(names):
        raise RuntimeError("two parts of its code have the same name")
    strange = [name for name in records if not name.endswith((".py", ".debug_pkl"))]
    if strange:
        raise RuntimeError(f"{strange[0][:80]} is no part of a TorchScript file")
    return [
        content.decode("utf-8", "replace")
        for name, content in records.items()
        if name.endswith(".py")
    ]


def _without_sentences(string: re.Match[str]) -> str:
    """A string of code; one that stands for no plain name, like a sentence, as a backslash."""
    return '"\\\\"' if re.search(r"[\\(]", string[1]) else string[0]


def _operations(graph: Any) -> Iterator[str]:
    """Names of the operations in ``graph`` and in all that is nested in it."""
    waiting = [graph]
    while waiting:
        for node in waiting.pop().nodes():
            yield node.kind()
            waiting.extend(node.blocks())
            for name in node.attributeNames():
                if node.kindOf(name) == "g":
                    waiting.append(node.g(name))
                elif node.kindOf(name) == "gs":
                    waiting.extend(node.gs(name))


def _reaches_out(path: Path, operation: str) -> CheckpointError:
    return CheckpointError(
        f"{path} uses the operation {operation}, which reads or writes files or does something "
        "else than compute, and is refused; use a network from a source that you trust"
    )


def _may_hide(path: Path, what: str) -> CheckpointError:
    return CheckpointError(
        f"the code in {path} uses {what} as PyTorch never writes it, which may hide an operation, "
        "and is refused; use a network from a source that you trust, or export it once more"
    )
