#!/usr/bin/env bash
# Installs the system packages that SAIM needs and this machine lacks (Debian and its relatives).
# Called by make; it says what it does, and does nothing where nothing is missing.
set -euo pipefail

python=${1:-python3}
missing=()

# Debian and Ubuntu ship Python without what `python -m venv` needs; other Pythons have it.
if ! command -v "$python" >/dev/null 2>&1; then
    missing+=("$python" "$python-venv")
elif ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    missing+=("python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv")
fi

if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing here: ${missing[*]} (Debian's names). This system has no apt-get:" \
        "install them with its own package manager, then run make again." >&2
    exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "Missing here: ${missing[*]}. Run as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "Installing system packages: ${missing[*]}"
${as_root[@]+"${as_root[@]}"} apt-get update -qq
${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"
