#!/bin/sh
# One desktop: an X server, a window manager, a D-Bus session with accessibility, and the host's orders.
# Started by bubblewrap or by Docker as the desktop's user; when this script ends, everything in here ends.
#
#   /run/deskgym/lease    a FIFO held open by the host process: orders come in, a line each;
#                         its end means that the host is gone, even by kill -9
#   /run/deskgym/share    seen by the host too: the framebuffer, the X socket, the buses, logs
#   /run/deskgym/spec     the software's launch.sh and files/, read-only
set -eu
exec 3</run/deskgym/lease

share=/run/deskgym/share
export XDG_RUNTIME_DIR="$share/runtime" DBUS_SESSION_BUS_ADDRESS="unix:path=$share/runtime/bus"
umask 077
cp -R /run/deskgym/spec/files/. "$HOME"/
cd "$HOME"

vital() { # PROGRAM ARGUMENT...: in the background; a desktop that loses one of these is dead, never half alive
    (
        "$@" || true
        kill -KILL $$
    ) 3<&- &
}

await() { # PATH: until it exists; the host holds the deadline and ends this script by letting the lease go
    while [ ! -e "$1" ]; do sleep 0.005; done
}

if [ -n "${SCREEN:-}" ]; then
    export DISPLAY=:0
    vital Xvfb :0 -screen 0 "${SCREEN}x24" -fbdir "$share" -ac -nolisten tcp -nolisten local -s 0 -dumbSched -noreset \
        >"$share/log/xvfb" 2>&1
    await "$share/x11/X0"
fi
vital dbus-daemon --session --address="$DBUS_SESSION_BUS_ADDRESS" --nofork --nopidfile >"$share/log/dbus" 2>&1
await "$XDG_RUNTIME_DIR/bus"
if [ -n "${SCREEN:-}" ]; then
    # Its startup command runs when it manages windows: one that is mapped before may never be shown.
    vital openbox --config-file /etc/xdg/openbox/rc.xml --startup "touch $share/managed" >"$share/log/openbox" 2>&1
    vital /usr/libexec/at-spi-bus-launcher --launch-immediately --a11y=1 >"$share/log/a11y" 2>&1
    await "$share/managed"
    await "$XDG_RUNTIME_DIR/at-spi/bus_0"
fi
if [ -n "${DEVTOOLS:-}" ]; then
    vital socat "UNIX-LISTEN:$share/devtools,fork" "TCP:127.0.0.1:$DEVTOOLS" >"$share/log/socat" 2>&1
fi
: >"$share/up"

while read -r order <&3; do
    if [ -e "$share/clock/page" ]; then
        # What was just prepared bears the kernel's time; on this desktop's clock that is years ago, and never the same.
        find "$HOME" /srv -exec touch -h -d '2030-01-07 08:00' {} + 2>/dev/null || true
    fi
    setsid sh -c "$order" >>"$share/log/launch" 2>&1 </dev/null 3<&- &
done
