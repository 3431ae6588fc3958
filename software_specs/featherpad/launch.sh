#!/bin/sh
# Qt takes the caret's blinking from kdeglobals, and reads that only on a KDE desktop.
export XDG_CURRENT_DESKTOP=KDE KDE_FULL_SESSION=true KDE_SESSION_VERSION=6
exec featherpad --standalone "$@"
