#!/bin/sh
# Started by the desktop's user in the home, with the task's `open` files as arguments.
exec mousepad --disable-server "$@"
