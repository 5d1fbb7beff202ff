/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory map of a domain whose memory lies at its machine addresses. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/xen.h"

#include <xen/arch-x86/hvm/start_info.h>

/* Frames that belong to the domain. */
struct pvh_run {
    uint64_t first, count;
};

/* As many entries as kernels take from a loader (Linux, zero page). */
#define PVH_MAP_MAX 128

struct pvh_map {
    unsigned int count; /* more than PVH_MAP_MAX: it is in too many pieces */
    struct hvm_memmap_table_entry entry[PVH_MAP_MAX];
};

/* Sort @runs by address and join neighbours; how many there are then. */
size_t pvh_runs_join(struct pvh_run *runs, size_t count);

/*
 * The next @bytes from @base on are of @type in the machine's map: what of RAM is not in @runs
 * (sorted) is reserved; @acpi holds tables, in whosever memory. Ranges come by rising address.
 */
void pvh_map_add(struct pvh_map *m, uint64_t base, uint64_t bytes, uint32_t type,
                 const struct pvh_run *runs, size_t count, const struct pvh_run *acpi);
