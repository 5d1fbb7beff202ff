/* SPDX-License-Identifier: BSD-2-Clause */
/* The instruction decoder on arbitrary bytes: what it accepts, Zydis reads the same way. */
/* sources: hypervisor/insn/opcodes.c hypervisor/insn/decode.c */
/* libs: -lZydis */
#include "tests/unit/insn_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1); /* exactly as long: reading past it is seen */

    if (size > 1) {
        memcpy(copy, data + 1, size - 1);
        copy = realloc(copy, size - 1);
        if (insn_compare(copy, (unsigned int)(size - 1), 16u << data[0] % 3))
            abort();
    }
    free(copy);
    return 0;
}
