/* SPDX-License-Identifier: BSD-2-Clause */
/* Host stand-in for mm/layout.h: as the real one, but struct page lives where the test says. */
#pragma once

#include "../../../../hypervisor/mm/layout.h"

#undef VA_FRAMES
#define VA_FRAMES ((uintptr_t)fake_frame_table)
extern unsigned char fake_frame_table[];
