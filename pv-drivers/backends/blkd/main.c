/* SPDX-License-Identifier: BSD-2-Clause */
/* zendo-blkd, see zendo-blkd(8). */
#include "pv-drivers/backends/blkd/worker.h"

int main(int argc, char **argv)
{
    return daemon_main(&worker_kind, argc, argv);
}
