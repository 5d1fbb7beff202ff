/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest kernel wrote to one of its live L1 tables, which it may only read: do what the
 * instruction meant through pte_set_leaf(), as if the table were ordinary memory whose contents
 * are checked. Anything else about the fault is the guest's own.
 */
#include "abi/errno.h"
#include "console/log.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "insn/execute.h"
#include "lib/bits.h"
#include "mm/hvmap.h"
#include "p2m/copy.h"
#include "p2m/guest_word.h"
#include "pv/bounce.h"
#include "pv/pte_update.h"
#include "pv/pv.h"
#include "pv/type.h"

#define VECTOR_DB 1                    /* SDM vol. 3, table 6-1 */
#define DR6_SINGLE_STEP (1ULL << 14) /* SDM vol. 3, 17.2.3 */

/* Page-fault error code (SDM vol. 3, 4.7). */
#define FAULT_PRESENT 1
#define FAULT_WRITE 2
#define FAULT_USER 4

/* As many bytes as an instruction may have, in two words that overlap. */
static inline bool fetch_words(uint8_t bytes[INSN_MAX_BYTES], uint64_t rip)
{
    const unsigned int second = INSN_MAX_BYTES - sizeof(uint64_t);
    uint64_t low, high;

    if (!guest_range_ok(rip, INSN_MAX_BYTES) || !guest_get(&low, rip) ||
        !guest_get(&high, rip + second))
        return false;
    __builtin_memcpy(bytes, &low, sizeof(low));
    __builtin_memcpy(bytes + second, &high, sizeof(high));
    return true;
}

/* Read the instruction at @rip without touching the next page unless it really goes on there. */
static enum insn_result fetch(uint64_t rip, struct insn *out)
{
    uint8_t bytes[INSN_MAX_BYTES];
    unsigned int first = min((unsigned int)(PAGE_BYTES - (rip & ~PAGE_MASK)),
                             (unsigned int)sizeof(bytes));
    enum insn_result result;

    if (likely(first == sizeof(bytes)) ? !fetch_words(bytes, rip)
                                       : copy_from_guest(bytes, rip, first))
        return INSN_UNSUPPORTED;
    result = insn_decode(bytes, first, 64, out);
    if (result != INSN_SHORT)
        return result;
    if (copy_from_guest(bytes + first, rip + first, sizeof(bytes) - first))
        return INSN_UNSUPPORTED;
    return insn_decode(bytes, sizeof(bytes), 64, out);
}

/* The whole entry after bytes [offset, offset + width) became @part. */
static uint64_t merge(uint64_t entry, uint64_t part, unsigned int offset, unsigned int width)
{
    uint64_t mask = bits_low(8 * width) << (8 * offset);

    return (entry & ~mask) | ((part << (8 * offset)) & mask);
}

/* Run @i, whose operand lies @offset bytes into the entry, until the processor's own setting of A
 * and D does not get in between. @d's lock held. */
static int run(struct domain *d, struct cpu_user_regs *regs, const struct insn *i,
               uint64_t *entry, unsigned int offset)
{
    struct insn_effect e;
    int error = 0;

    do {
        uint64_t old = READ_ONCE(*entry);

        insn_compute(i, regs, old >> (8 * offset), &e);
        if (e.writes_rm)
            error = pte_set_leaf(d, entry, merge(old, e.rm, offset, i->width), d,
                                 PTE_IF_EQUAL, old);
    } while (error == -EAGAIN);
    if (!error)
        insn_retire(i, &e, regs);
    return error;
}

/* The table that @va is in, if writing there is to be emulated: MFN_NONE when not. */
static mfn_t written_table(struct vcpu *v, uint64_t va)
{
    uint64_t *leaf = pte_find_leaf(v->pv->l4_kernel, va);
    mfn_t mfn = MFN_NONE;
    uint64_t entry;

    if (!leaf)
        return mfn;
    entry = READ_ONCE(*leaf);
    frame_unmap(leaf);
    if (!(entry & PTE_P) || (entry & PTE_RW))
        return mfn;
    if (pte_table_type(v->domain, pte_mfn(entry)) == PAGE_L1)
        mfn = pte_mfn(entry);
    return mfn;
}

/* Carry out the instruction of @v that wrote at @va, in @table; lock held. */
static int emulate(struct vcpu *v, uint64_t va, mfn_t table)
{
    unsigned int offset = va & 7;
    struct insn i;
    uint64_t *entry;
    int error;

    if (fetch(v->regs.rip, &i) != INSN_OK || !insn_is_simple(&i) || !i.memory ||
        i.to != INSN_RM || i.segment >= INSN_FS || insn_offset(&i, &v->regs) != va ||
        offset + i.width > sizeof(*entry))
        return -EINVAL;
    entry = (uint64_t *)frame_map(table) + (va & ~PAGE_MASK) / sizeof(*entry);
    error = run(v->domain, &v->regs, &i, entry, offset);
    frame_unmap(entry);
    return error;
}

bool pv_pt_write_fault(struct vcpu *v, uint64_t va, uint32_t error_code)
{
    struct domain *d = v->domain;
    bool is_table;
    mfn_t table;
    int error = 0;

    if (!v->pv->in_kernel || (error_code & ~FAULT_USER) != (FAULT_PRESENT | FAULT_WRITE))
        return false;
    /* The instruction is read under the lock, too, so that the table is still one afterwards: a PV
     * guest's memory is there or the access fails. */
    pv_update_lock(d);
    table = written_table(v, va);
    is_table = !mfn_eq(table, MFN_NONE);
    if (is_table)
        error = emulate(v, va, table);
    pv_update_unlock(d);
    if (error)
        log_guest(LOG_DEBUG, "d%u: write to its page table at %#llx by %#llx refused: %d", d->id,
                  (unsigned long long)va, (unsigned long long)v->regs.rip, error);
    if (!is_table || error)
        return false;
    if (v->regs.rflags & X86_TF) {
        v->debugreg[6] |= DR6_SINGLE_STEP;
        pv_bounce_trap(v, VECTOR_DB, 0);
    }
    return true;
}
