#!/bin/sh
# Install the few packages a Debian or Ubuntu host needs; does nothing where they are there already.
# usage: host.sh PYTHON
set -eu
python=${1:-python3}

missing=
need() { # COMMAND PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need bwrap bubblewrap
need nsenter util-linux
need mmdebstrap mmdebstrap
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing="$missing debian-archive-keyring"
ldconfig -p | grep -q 'libxcb\.so\.1 ' || missing="$missing libxcb1"
"$python" -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "deskgym needs Python 3.11 or later: make PYTHON=python3.11 ..." >&2
    exit 1
}
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null 2>&1 || {
    echo "please install:$missing" >&2
    exit 1
}
here=$(dirname "$0")
echo "installing:$missing"
sh "$here/as_root.sh" apt-get -qq update
# shellcheck disable=SC2086
sh "$here/as_root.sh" env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends $missing >/dev/null
