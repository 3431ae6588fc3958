#!/bin/sh
# Install Debian's Docker engine and start it, unless one answers already; for CI and for trying things out.
# The engine keeps its data under /var/lib/docker and its log in /var/log/dockerd.log.
set -eu
here=$(dirname "$0")
answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

answers && exit 0
if ! command -v dockerd >/dev/null 2>&1 || ! command -v docker-init >/dev/null 2>&1; then
    sh "$here/as_root.sh" apt-get -qq update
    sh "$here/as_root.sh" env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --yes --no-install-recommends docker.io iptables tini >/dev/null
fi
sh "$here/as_root.sh" sh -c 'setsid dockerd >/var/log/dockerd.log 2>&1 </dev/null &'
for _ in $(seq 100); do
    if answers; then exit 0; fi
    sleep 0.3
done
echo "the Docker engine does not come up:" >&2
tail -n 20 /var/log/dockerd.log >&2
exit 1
