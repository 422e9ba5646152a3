#!/bin/sh
# The page for who keeps the service, each state of it on every screen.
#
#	PICTURES	a folder for a picture of each
SCREENS=every exec "$(dirname "$0")/../flow/gateway-admin-page.t"
