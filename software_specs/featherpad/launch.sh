#!/bin/sh
exec featherpad "$@"
