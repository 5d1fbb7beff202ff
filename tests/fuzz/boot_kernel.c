/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel files: bzImage heads, all decompressors, ELF notes. */
/* sources: boot/common/kernel.c boot/common/unpack.c boot/common/xz.c */
/* libs: -lz -llz4 -lzstd */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "boot/common/kernel.h"

#define MOST_BYTES (1U << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* The first byte chooses what the rest is: a whole file, an ELF, or a payload of some packing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct kernel_file kernel;
    unsigned choice;
    void *elf;

    if (bytes < 3)
        return 0;
    choice = data[0] % 8;
    if (choice == 0) {
        if (kernel_open(data + 1, bytes - 1, &kernel) || kernel.elf_bytes > MOST_BYTES ||
            kernel.scratch_bytes > 64 * MOST_BYTES)
            return 0;
    } else if (choice == 1) {
        kernel_check_dom0(data + 1, bytes - 1);
        return 0;
    } else {
        memset(&kernel, 0, sizeof kernel);
        kernel.packing = (enum kernel_packing)(choice - 2);
        kernel.payload = data + 3;
        kernel.payload_bytes = bytes - 3;
        kernel.elf_bytes = kernel.packing == KERNEL_BARE ? bytes - 3 : data[1] | data[2] << 8;
    }
    elf = malloc(kernel.elf_bytes + !kernel.elf_bytes);
    if (!kernel_unpack(&kernel, elf))
        kernel_check_dom0(elf, kernel.elf_bytes);
    free(elf);
    return 0;
}
