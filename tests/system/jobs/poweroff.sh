# SPDX-License-Identifier: BSD-2-Clause
# Nothing but the way up and down.
. /lib/zendo.sh
result poweroff ok "uptime=$(uptime_now)"
