/* SPDX-License-Identifier: BSD-2-Clause */
/* Host stand-in for mm/hvmap.h: one page of low memory, for the trampoline. */
#pragma once

#include "mm/frame.h"

void *direct_va(paddr_t p);
mfn_t hvmap_idle_l4(void);
paddr_t hvmap_trampoline_cr3(void);
