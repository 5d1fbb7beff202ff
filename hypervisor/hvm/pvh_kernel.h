/* SPDX-License-Identifier: BSD-2-Clause */
/* What a kernel that starts as a PVH guest asks for (xen/elfnote.h). Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/elf.h"
#include "lib/types.h"

struct pvh_kernel {
    struct elf_view elf;
    uint64_t entry;       /* physical address of its first instruction */
    uint64_t first, end;  /* physical bytes that its segments lie in, whole pages */
};

/* Read the file: NULL, or why it cannot be a PVH dom0, in words. */
const char *must_check pvh_kernel_read(struct pvh_kernel *k, const void *file, size_t bytes);
