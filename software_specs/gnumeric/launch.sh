#!/bin/sh
# Preferences are read from a keyfile in the home, without dconf and its service.
export GSETTINGS_BACKEND=keyfile
exec gnumeric --no-splash "$@"
