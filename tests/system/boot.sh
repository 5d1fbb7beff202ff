#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Boot the hypervisor by hand and show its console: see boot.py --help.
exec python3 "$(dirname "$0")/boot.py" "$@"
