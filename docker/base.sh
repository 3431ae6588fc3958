#!/bin/sh
# Run once as root inside the base image, after its packages are installed.
set -eu

groupadd --gid 1000 user
useradd --uid 1000 --gid 1000 --home-dir /home/user --no-create-home --shell /bin/sh user

# Mount points: a read-only root cannot make them later.
mkdir -p /home/user /run/deskgym /run/user/1000 /srv /opt/deskgym

# The host speaks to the accessibility bus through a shared socket; its uid means nothing in here.
sed -i 's#<auth>EXTERNAL</auth>#<auth>EXTERNAL</auth><auth>ANONYMOUS</auth><allow_anonymous/>#' \
    /usr/share/defaults/at-spi2/accessibility.conf

# Fixed, so that no two boots differ.
echo 0123456789abcdef0123456789abcdef >/etc/machine-id
localedef -i en_US -f UTF-8 en_US.UTF-8

# The desktop's clock is compiled here, against the very C library it will be loaded beside.
apt-get install --yes --no-install-recommends gcc libc6-dev
cd /usr/src/deskgym-clock
gcc -O2 -Wall -Werror -fPIC -fvisibility=hidden -shared -Wl,-z,initfirst -o /usr/lib/deskgym/clock.so library/*.c
gcc -O2 -Wall -Werror -o /usr/lib/deskgym/keeper keeper/*.c
echo /usr/lib/deskgym/clock.so >/etc/ld.so.preload # not LD_PRELOAD: a program may start another without its environment
cd /
rm -r /usr/src/deskgym-clock
apt-get purge --yes --autoremove gcc libc6-dev
apt-get clean
