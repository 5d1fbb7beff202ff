/* SPDX-License-Identifier: BSD-2-Clause */
/* Creating the control domain at boot. */
#pragma once

struct boot_handover;
struct options;

/* Keep what a PVH dom0 needs at certain addresses out of the heap, which is empty yet. */
void dom0_reserve(const struct boot_handover *handover, const struct options *options);

/* Create, fill and start dom0; gives the loader's memory back. Panics with the reason when dom0
 * cannot be built. */
void start_dom0(const struct boot_handover *handover, const struct options *options);
