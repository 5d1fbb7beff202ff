/* SPDX-License-Identifier: BSD-2-Clause */
/* Our decoder against Capstone's on the same bytes. */
#pragma once

#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "insn/decode.h"

static csh insn_capstone(void)
{
    static csh handle;

    if (!handle) {
        if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle))
            abort();
        cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
    }
    return handle;
}

static unsigned int insn_op_of(unsigned int id)
{
    switch (id) {
    case X86_INS_MOV:
    case X86_INS_MOVABS:
        return INSN_MOV;
    case X86_INS_XCHG:
        return INSN_XCHG;
    case X86_INS_CMPXCHG:
        return INSN_CMPXCHG;
    case X86_INS_AND:
        return INSN_AND;
    case X86_INS_OR:
        return INSN_OR;
    case X86_INS_XOR:
        return INSN_XOR;
    case X86_INS_BTS:
        return INSN_BTS;
    case X86_INS_BTR:
        return INSN_BTR;
    case X86_INS_BTC:
        return INSN_BTC;
    default:
        return INSN_NONE;
    }
}

/* Capstone's name of an address register as our number; *@rip for RIP-relative. */
static unsigned int insn_reg_of(x86_reg reg, bool *rip)
{
    static const x86_reg wide[16] = {
        X86_REG_RAX, X86_REG_RCX, X86_REG_RDX, X86_REG_RBX, X86_REG_RSP, X86_REG_RBP,
        X86_REG_RSI, X86_REG_RDI, X86_REG_R8,  X86_REG_R9,  X86_REG_R10, X86_REG_R11,
        X86_REG_R12, X86_REG_R13, X86_REG_R14, X86_REG_R15};
    static const x86_reg narrow[16] = {
        X86_REG_EAX, X86_REG_ECX, X86_REG_EDX,  X86_REG_EBX,  X86_REG_ESP,  X86_REG_EBP,
        X86_REG_ESI, X86_REG_EDI, X86_REG_R8D,  X86_REG_R9D,  X86_REG_R10D, X86_REG_R11D,
        X86_REG_R12D, X86_REG_R13D, X86_REG_R14D, X86_REG_R15D};

    *rip = reg == X86_REG_RIP || reg == X86_REG_EIP;
    for (unsigned int i = 0; i < 16; i++)
        if (reg == wide[i] || reg == narrow[i])
            return i;
    return INSN_NO_REG;
}

/* The first operand in memory, NULL: none. */
static const cs_x86_op *insn_memory_of(const cs_insn *c)
{
    const cs_x86 *x = &c->detail->x86;

    for (unsigned int i = 0; i < x->op_count; i++)
        if (x->operands[i].type == X86_OP_MEM)
            return &x->operands[i];
    return NULL;
}

static const char *insn_compare_memory(const struct insn *ours, const cs_x86_op *theirs)
{
    bool rip, none;
    unsigned int base = insn_reg_of(theirs->mem.base, &rip);
    unsigned int index = insn_reg_of(theirs->mem.index, &none);

    if (ours->rip_relative != rip || ours->base != base || ours->index != index)
        return "address registers";
    if (index != INSN_NO_REG && 1 << ours->scale != theirs->mem.scale)
        return "scale";
    if (ours->disp != theirs->mem.disp)
        return "displacement";
    if (ours->width != theirs->size)
        return "operand size";
    return NULL;
}

/* NULL if the two agree about @bytes, else what about. */
static const char *insn_compare(const uint8_t *bytes, unsigned int count)
{
    struct insn ours;
    enum insn_result result = insn_decode(bytes, count, &ours);
    cs_insn *theirs = NULL;
    size_t n = cs_disasm(insn_capstone(), bytes, count, 0, 1, &theirs);
    const char *difference = NULL;

    if (result == INSN_OK) {
        if (!n || theirs->size != ours.length)
            difference = "length";
        else if (insn_op_of(theirs->id) != ours.op)
            difference = "operation";
        else if (ours.to_memory != (insn_memory_of(theirs) != NULL))
            difference = "memory or register";
        else if (ours.to_memory)
            difference = insn_compare_memory(&ours, insn_memory_of(theirs));
        if (difference)
            fprintf(stderr, "%s %s\n", n ? theirs->mnemonic : "-", n ? theirs->op_str : "");
    }
    if (n)
        cs_free(theirs, n);
    return difference;
}
