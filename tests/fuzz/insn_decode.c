/* SPDX-License-Identifier: BSD-2-Clause */
/* The instruction decoder on arbitrary bytes: what it accepts, Capstone reads the same way. */
/* sources: hypervisor/insn/decode.c hypervisor/insn/execute.c */
/* libs: -lcapstone */
#include "tests/unit/insn_check.h"

#include "insn/execute.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cpu_user_regs regs = {.rax = 0x0123456789abcdef, .rcx = 0xfedcba9876543210};
    uint8_t *copy = malloc(size ? size : 1); /* exactly as long: reading past it is seen */
    const char *difference;
    struct insn i;

    memcpy(copy, data, size);
    if (insn_decode(copy, (unsigned int)size, &i) == INSN_OK) {
        struct insn_effect e = insn_execute(&i, &regs, ~0ULL);

        (void)insn_address(&i, &regs, 0);
        insn_retire(&i, &e, &regs);
        difference = insn_compare(copy, (unsigned int)size);
        if (difference) {
            fprintf(stderr, "differs from Capstone: %s\n", difference);
            abort();
        }
    }
    free(copy);
    return 0;
}
