#!/bin/sh
# Preferences are gsettings of the keyfile kind, so they live in the home and vanish with it.
exec mousepad --disable-server "$@"
