#!/bin/sh
# LibreOffice without a document: the one that launch.sh starts hands its file over and is gone.
exec soffice --nodefault --norestore --nologo --nolockcheck
