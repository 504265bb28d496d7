"""What this machine has for SAIM, what is missing, and how to get it (``saim doctor``).

Collecting facts never raises for something that is absent: absence is a finding. Heavy packages
are asked for their version only; torch alone is imported, to ask it for its device, and VTK draws a
picture in a process of its own.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from SAIMCore.errors import CheckpointError
from SAIMCore.graphics import examine_graphics
from SAIMCore.installing import install_command, python_command

if TYPE_CHECKING:
    from packaging.requirements import Requirement

__all__ = ["Finding", "Status", "diagnose"]

Status = Literal["ok", "warning", "missing"]

DISTRIBUTION = "saim"
CHECKOUT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 10)
OPTIONAL_EXTRAS = {
    "export": "ONNX export",
    "distributed": "training on several machines with accelerate",
    "web": "annotating in the browser",
}

GIB = 1024**3
# A ResNet34 network in training at 512 x 512, batch 4, takes about 3 GiB; a cached series of
# 512 x 512 x 300 takes 0.3 GiB, a trained model with its resumable state 0.3 GiB.
LITTLE_MEMORY = 4 * GIB
LITTLE_DISK = 5 * GIB


@dataclass(frozen=True)
class Finding:
    """One fact: ``detail`` is what was found, ``remedy`` what to do about it (empty if nothing).

    "missing": SAIM does not work without it. "warning": a part of SAIM does not, or is slow.
    """

    name: str
    status: Status
    detail: str
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def diagnose(folder: Path | None = None) -> list[Finding]:
    """All findings; ``folder`` (default: the present one) is where projects would be kept."""
    return [
        _python(),
        *_packages(),
        _device(),
        _memory(),
        _disk(folder or Path.cwd()),
        _graphics(),
        _test_browser(),
        _starting_weights(),
    ]


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        return Finding("Python", "missing", version, f"install Python {wanted} or newer")
    return Finding("Python", "ok", f"{version} ({platform.system()} {platform.machine()})")


def _packages() -> list[Finding]:
    """One finding per dependency and one per extra, from what the installed package declares."""
    try:
        from packaging.requirements import Requirement

        declared = [Requirement(text) for text in metadata.requires(DISTRIBUTION) or []]
    except ImportError as error:  # PackageNotFoundError, of saim itself, is one of these
        return [
            Finding(
                "packages",
                "warning",
                f"the versions cannot be compared with what SAIM needs ({error})",
                f'run: {python_command()} -m pip install -e "{CHECKOUT}"',
            )
        ]
    needed = [requirement for requirement in declared if _applies(requirement, "")]
    findings = [_package(requirement) for requirement in needed]
    for extra, purpose in OPTIONAL_EXTRAS.items():
        optional = [requirement for requirement in declared if _applies(requirement, extra)]
        findings.append(_extra(purpose, [r for r in optional if r not in needed]))
    return findings


def _applies(requirement: Requirement, extra: str) -> bool:
    """Whether this Python on this system needs it, when ``extra`` is asked for ("": no extra)."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _package(requirement: Requirement) -> Finding:
    version = _installed_version(requirement.name)
    wanted = f"{requirement.name}{requirement.specifier}"
    remedy = f"run: {install_command(wanted)}"
    if version is None:
        return Finding(requirement.name, "missing", f"not installed ({wanted} needed)", remedy)
    if not requirement.specifier.contains(version, prereleases=True):
        return Finding(requirement.name, "missing", f"{version} ({wanted} needed)", remedy)
    return Finding(requirement.name, "ok", version)


def _extra(purpose: str, requirements: list[Requirement]) -> Finding:
    findings = [_package(requirement) for requirement in requirements]
    detail = ", ".join(f"{found.name} {found.detail}" for found in findings)
    if all(found.status == "ok" for found in findings):
        return Finding(purpose, "ok", detail)
    # Not "saim[...]": a checkout is installed under that name, but pip would look for it on PyPI.
    lacking = [
        f"{requirement.name}{requirement.specifier}"
        for requirement, found in zip(requirements, findings, strict=True)
        if found.status != "ok"
    ]
    return Finding(purpose, "warning", detail, f"run: {install_command(*lacking)}")


def _installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _device() -> Finding:
    """Where networks would run."""
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: a shared library that does not load
        return Finding(
            "device", "missing", f"torch cannot be imported ({error})", "reinstall torch"
        )
    cpu = (
        f"CPU with {os.cpu_count()} cores ({torch.backends.cpu.get_cpu_capability()}, "
        f"{torch.get_num_threads()} threads)"
    )
    if torch.cuda.is_available():
        gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
        listed = ", ".join(f"{gpu.name} {gpu.total_memory / GIB:.0f} GiB" for gpu in gpus)
        return Finding("device", "ok", f"CUDA {torch.version.cuda}: {listed}; {cpu}")
    if torch.backends.mps.is_available():
        return Finding("device", "ok", f"Apple GPU (MPS); {cpu}")
    if shutil.which("nvidia-smi"):
        return Finding(
            "device",
            "warning",
            f"{cpu}; there is an NVIDIA driver, but torch {torch.__version__} sees no GPU",
            "install the torch that fits the driver: https://pytorch.org/get-started/locally",
        )
    return Finding("device", "ok", f"{cpu}; no GPU")


def _memory() -> Finding:
    try:
        import psutil
    except ImportError:
        remedy = f"run: {install_command('psutil')}"
        return Finding("memory", "warning", "unknown without psutil", remedy)
    memory = psutil.virtual_memory()
    detail = f"{memory.available / GIB:.1f} of {memory.total / GIB:.1f} GiB free"
    if memory.available < LITTLE_MEMORY:
        advice = "close other programs, or train with a smaller --size or encoder"
        return Finding("memory", "warning", detail, advice)
    return Finding("memory", "ok", detail)


def _disk(folder: Path) -> Finding:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(
            "disk", "warning", f"{folder} cannot be read ({error})", "choose another one"
        )
    detail = f"{free / GIB:.1f} GiB free in {folder}"
    if free < LITTLE_DISK:
        return Finding("disk", "warning", detail, "free some space or keep projects elsewhere")
    return Finding("disk", "ok", detail)


def _graphics() -> Finding:
    """What drawing without a screen needs; the page's server would crash where it is absent."""
    name = "graphics libraries"
    found = examine_graphics()
    if found.remedy:
        detail = f"{found.detail}; only annotating in the browser needs them"
        return Finding(name, "warning", detail, found.remedy)
    return Finding(name, "ok", found.detail)


def _test_browser() -> Finding:
    """Debian's Chromium, which nobody needs who annotates: any browser does for that."""
    name = "Chromium"
    found = shutil.which("chromium")
    if found is None:
        detail = "not found; only the tests of the page use it, you annotate in any browser"
        return Finding(name, "ok", detail)
    return Finding(name, "ok", f"{found}, for the tests of the page")


def _starting_weights() -> Finding:
    """Whether a first training would start from ImageNet weights (default encoder)."""
    name = "ImageNet weights"
    try:
        from SAIMCore.networks.config import NetworkConfig
        from SAIMCore.networks.encoder_weights import WEIGHTS_VARIABLE, load_encoder_weights
        from SAIMCore.networks.factory import create_network
    except (ImportError, OSError) as error:
        return Finding(name, "warning", f"unknown ({error})", "install the missing packages first")
    config = NetworkConfig(num_classes=2, memory_variant="none")
    try:
        report = load_encoder_weights(create_network(config), config)
    except CheckpointError as error:
        return Finding(name, "warning", str(error), f"correct or unset {WEIGHTS_VARIABLE}")
    if report.found:
        return Finding(name, "ok", report.sentence)
    fetch = (
        "import segmentation_models_pytorch as smp; "
        f"smp.encoders.get_encoder('{config.encoder}', weights='imagenet')"
    )
    remedy = f'with a network run: {python_command()} -c "{fetch}"'
    return Finding(name, "warning", report.sentence, remedy)
