/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk's target in xl.cfg, which reaches us as `params`: PATH, or FORMAT[,OPTION...]:WHERE
 *   FORMAT  raw (a file or block device), or what QEMU reads: qcow2, vpc, vhdx, vmdk, qed
 *   OPTION  iops=N, mbps=N (MiB/s): limits; persistent=0: do not offer to keep grants mapped
 * The format is never guessed from the bytes of a disk: they are the guest's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct target {
    char format[16], where[1024];
    uint64_t iops, bytes; /* in a second, 0: no limit */
    bool persistent;
};

/* False and a reason when it is not such a text. */
bool target_parse(struct target *t, const char *text, const char **why);
