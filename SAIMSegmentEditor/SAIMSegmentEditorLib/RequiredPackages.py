"""Python packages that Slicer does not bring along, installed when the user agrees."""

import importlib

import slicer
from slicer.i18n import tr as _

from SAIMCore.errors import SaimError
from SAIMCore.installing import ANNOTATING, missing_packages

TORCH = ("torch", "torchvision")


class NotInstalledError(SaimError):
    """Something is missing still, although nothing failed: the user declined, say."""


class RequiredPackages:
    """``packages`` of ``SAIMCore.installing``: what the effect or the panel needs."""

    def __init__(self, packages=ANNOTATING):
        self._packages = packages

    def missing(self):
        """The packages that cannot be imported here."""
        importlib.invalidate_caches()
        return missing_packages(self._packages)

    def downloadSize(self, packages):
        """Megabytes that installing ``packages`` downloads, roughly."""
        return sum(package.megabytes for package in packages)

    def install(self):
        """Ask the user, and install what is missing.

        PyTorch comes through the extension of that name, which knows the computer's graphics card;
        versions are never pinned here, and Slicer's own packages stay as they are. Raises
        NotInstalledError when the user declines or the extension is missing, and what pip raises.
        """
        wanted = self.missing()
        others = [package.requirement for package in wanted if package.module not in TORCH]
        if len(others) < len(wanted):
            self._installTorch(next(p for p in wanted if p.module in TORCH))
        if others:
            self._installOthers(others)
        # pip_ensure installs nothing in tests, so what counts is what can be imported now.
        left = [package.requirement for package in self.missing()]
        if left:
            raise NotInstalledError(_("Still missing: {names}").format(names=", ".join(left)))

    def _installTorch(self, package):
        try:
            import PyTorchUtils
        except ModuleNotFoundError as error:
            raise NotInstalledError(
                _(
                    "The extension PyTorch is needed. Install it in the Extensions Manager, "
                    "restart Slicer, and try again."
                )
            ) from error
        requirement = package.requirement.partition("torch")[2] if package.module == "torch" else ""
        logic = PyTorchUtils.PyTorchUtilsLogic()
        if logic.installTorch(askConfirmation=True, torchVersionRequirement=requirement) is None:
            raise NotInstalledError(_("PyTorch was not installed."))

    def _installOthers(self, requirements):
        try:
            from slicer.packaging import pip_ensure
        except ImportError:
            self._installAfterQuestion(requirements)
            return
        try:
            pip_ensure(requirements, requester="SAIM")
        except RuntimeError as error:
            # That the user declined; what pip itself could not do is a CalledProcessError.
            sentence = _("The packages were not installed ({reason}).")
            raise NotInstalledError(sentence.format(reason=error)) from error

    def _installAfterQuestion(self, requirements):
        """For Slicer 5.10 and others without ``pip_ensure``."""
        question = _("SAIM needs these Python packages: {names}. Install them now?")
        if not slicer.util.confirmOkCancelDisplay(question.format(names=", ".join(requirements))):
            raise NotInstalledError(_("The packages were not installed."))
        slicer.util.pip_install(requirements)
