/* SPDX-License-Identifier: BSD-2-Clause */
/* zendo-netd, see zendo-netd(8). */
#include "pv-drivers/backends/netd/worker.h"

int main(int argc, char **argv)
{
    return daemon_main(&worker_kind, argc, argv);
}
