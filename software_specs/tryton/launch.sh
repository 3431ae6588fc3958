#!/bin/sh
# The desktop's user, at every reset: the server on the database that setup prepared, then the browser on it.
set -eu

mkdir -p /srv/tryton
[ -f /srv/tryton/demo.sqlite ] || cp /opt/tryton/demo.sqlite /srv/tryton/demo.sqlite

# The server answers one request after another, each a moment later. On the desktop's own clock that moment passes when
# the page has done with the answer before, so which of its simultaneous questions is answered first is no matter of luck.
python3 -I - >/tmp/trytond.log 2>&1 <<'PY' &
from gevent import monkey

monkey.patch_all()

import gevent
from gevent.lock import Semaphore
from gevent.pywsgi import WSGIServer
from trytond.config import config

config.update_etc("/opt/tryton/trytond.conf")

from trytond.pool import Pool
from trytond.wsgi import app

Pool.start()
Pool("demo").init()
turn = Semaphore()


def answer(environ, start_response):
    with turn:
        gevent.sleep(0.001)
        response = app(environ, start_response)
        try:
            return list(response)
        finally:
            getattr(response, "close", bool)()  # an empty one, such as 304, is a mere list


WSGIServer(("127.0.0.1", 8000), answer, log=None).serve_forever()
PY

# It listens when its modules are loaded; a server that died, or 30 s without an answer, end this script.
python3 -I - $! <<'PY'
import os, socket, sys, time

deadline = time.monotonic() + 30
while True:
    try:
        socket.create_connection(("127.0.0.1", 8000)).close()
        break
    except ConnectionRefusedError:
        os.kill(int(sys.argv[1]), 0)
        if time.monotonic() > deadline:
            sys.exit("trytond does not answer")
        time.sleep(0.02)
PY

# HEADLESS is set where there is no X server: the page is the whole screen then.
window=--kiosk
[ -z "${HEADLESS:-}" ] || window="--headless=new --hide-scrollbars --window-size=$(echo "$HEADLESS" | tr x ,)"

# The flags of its own web tests that make it draw the same picture twice; and a Math.random with a seed.
# A browser that was closed comes back: there is no other way to the desk.
while :; do
    # shellcheck disable=SC2086
    chromium $window --no-sandbox --test-type --no-first-run --no-default-browser-check --disable-gpu \
        --disable-background-networking --disable-component-update --disable-sync --disable-extensions \
        --disable-features=Translate,OptimizationHints,MediaRouter --disable-smooth-scrolling --disable-pinch \
        --disable-partial-raster --num-raster-threads=1 --disable-threaded-animation --js-flags=--random-seed=1 \
        --overscroll-history-navigation=0 --password-store=basic --force-device-scale-factor=1 --lang=en-US \
        --remote-debugging-port=9222 --user-data-dir="$HOME/.config/chromium" --app='http://127.0.0.1:8000/#demo'
done
