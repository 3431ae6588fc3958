#!/bin/sh
# No splash, no recovery; first-run dialogs, tips and autocorrection are off in registrymodifications.xcu.
exec soffice --calc --norestore --nologo --nolockcheck "$@"
