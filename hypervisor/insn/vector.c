/* SPDX-License-Identifier: BSD-2-Clause */
/* Moves between memory and SSE or AVX registers. */
#include "insn/private.h"

#include "lib/string.h"

/* May this be executed at all (SDM vol. 2, 2.4 and 2.6: exception types 1, 4 and 5)? */
static enum insn_result available(const struct insn *i, struct insn_cpu *c)
{
    uint64_t cr0 = 0, cr4 = 0, xcr0 = 0;
    enum insn_result result;
    bool there;

    if (!c->ops->register_read || !c->ops->vector_read || !c->ops->vector_write)
        return INSN_UNSUPPORTED;
    result = c->ops->register_read(c, INSN_CR0, &cr0);
    if (result == INSN_OK)
        result = c->ops->register_read(c, INSN_CR4, &cr4);
    if (result == INSN_OK && i->vex && cr4 & CR4_OSXSAVE)
        result = c->ops->register_read(c, INSN_XCR0, &xcr0);
    if (result != INSN_OK)
        return result;
    if (i->vex)
        there = c->mode == INSN_PROTECTED && (~xcr0 & (XSTATE_SSE | XSTATE_AVX)) == 0;
    else
        there = !(cr0 & CR0_EM) && cr4 & CR4_OSFXSR;
    if (!there)
        return insn_fault(c, VEC_UD, 0);
    return cr0 & CR0_TS ? insn_fault(c, VEC_NM, 0) : INSN_OK;
}

enum insn_result insn_vector(const struct insn *i, struct insn_cpu *c)
{
    bool store = i->op == INSN_VECTOR_STORE;
    enum insn_result result = available(i, c);
    struct insn_place place;
    uint8_t data[32] = {0};

    if (result == INSN_OK)
        result = insn_locate(c, i, i->segment, insn_offset(i, c->regs), i->width, store, &place);
    if (result != INSN_OK)
        return result;
    if (store) {
        c->ops->vector_read(c, i->reg, data);
        return insn_write(c, &place, data);
    }
    result = insn_read(c, &place, data);
    if (result == INSN_OK) /* what a load does not fill becomes 0; above 16 bytes only with VEX */
        c->ops->vector_write(c, i->reg, data, i->vex ? 32 : 16);
    return result;
}
