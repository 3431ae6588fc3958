#!/bin/sh
# Run a command as root: directly if we are, else through sudo.
[ "$(id -u)" = 0 ] && exec "$@"
exec sudo --preserve-env=DESKGYM_IMAGES,DESKGYM_SPECS -- "$@"
