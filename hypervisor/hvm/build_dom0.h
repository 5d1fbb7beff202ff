/* SPDX-License-Identifier: BSD-2-Clause */
/* Building domain 0 as a PVH guest whose memory lies at its machine addresses. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "hvm/pvh_kernel.h"
#include "lib/types.h"

struct domain;
struct dom0_source;

/* Bytes behind the kernel that the builder needs, beside the kernel's own place: kept out of the
 * heap together with that (memmap_reserve). */
#define PVH_BUILD_BYTES (6 * 4096ULL)

/*
 * Fill @d (translated, empty, with vCPU 0) from @source, whose kernel is @k. Frames from @k->first
 * on, PVH_BUILD_BYTES more than the kernel, hold nothing that is needed and become the domain's; so
 * does the ramdisk, which lies elsewhere and below 4 GiB.
 * Returns NULL, or what is wrong in words. Boot CPU; nothing is undone on failure, which ends the
 * boot.
 */
const char *must_check pvh_build_dom0(struct domain *d, const struct pvh_kernel *k,
                                      const struct dom0_source *source);
