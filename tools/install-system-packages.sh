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
needed=${#missing[@]}

# PySide6 stands in for Slicer's Qt in Testing/desktop, and the page draws without a screen; their
# wheels for Linux leave these libraries to the system. The list of a system that can be asked has at
# least the C library.
ldconfig=$(PATH="$PATH:/usr/sbin:/sbin" command -v ldconfig || true)
present=$([ -z "$ldconfig" ] || "$ldconfig" -p 2>/dev/null || true)
if [[ $present == *"libc.so.6 "* ]]; then
    while read -r library package; do
        [[ $present == *"$library "* ]] || missing+=("$package")
    done <<'LIBRARIES'
libEGL.so.1 libegl1
libGL.so.1 libgl1
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libgthread-2.0.so.0 libglib2.0-0
libxkbcommon.so.0 libxkbcommon0
LIBRARIES
    # What OpenGL draws with in software: found by EGL itself, not by its name.
    if ! compgen -G '/usr/lib*/*/dri/swrast_dri.so' >/dev/null &&
        ! compgen -G '/usr/lib*/dri/swrast_dri.so' >/dev/null; then
        missing+=(libgl1-mesa-dri)
    fi
    # Testing/web annotates in it.
    command -v chromium >/dev/null 2>&1 || missing+=(chromium)
fi

# Ends here: what is missing cannot be installed. Only the first ones are worth stopping for.
give_up() {
    if [ "$needed" -eq 0 ]; then
        echo "$1 Only the page in the browser and the tests in Testing/desktop and Testing/web need \
them: going on without." >&2
        exit 0
    fi
    echo "$1" >&2
    exit 1
}

if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    give_up "Missing here: ${missing[*]} (Debian's names). This system has no apt-get: install them \
with its own package manager, then run make again."
fi

# Those that this system has: Ubuntu's Chromium is no package of apt's.
available() {
    for package in "$@"; do
        [ "$package" = chromium ] && ! apt-cache show chromium >/dev/null 2>&1 || echo "$package"
    done
}

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        give_up "Missing here: ${missing[*]}. Run as root: apt-get install ${missing[*]}"
    fi
    as_root=(sudo)
fi
echo "Installing system packages: ${missing[*]}"
if ! {
    ${as_root[@]+"${as_root[@]}"} apt-get update -qq &&
        ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq $(available "${missing[@]}")
}; then
    give_up "apt-get could not install: ${missing[*]}."
fi
