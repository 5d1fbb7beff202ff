/* SPDX-License-Identifier: BSD-2-Clause */
#include "p2m/quick.h"

#include "cpu/regs.h"
#include "domain/domain.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "p2m/p2m.h"

static off_path void forget(struct quick *q, uint32_t generation)
{
    q->generation = generation;
    for (unsigned int i = 0; i < QUICK_FRAMES; i++)
        q->frame[i].gfn = 0;
}

static off_path char *look_up(struct vcpu *v, uint64_t gfn)
{
    struct quick *q = v->quick;
    struct p2m_entry e = p2m_lookup(v->domain->p2m, gfn);
    char *at;

    if (e.type != P2M_RAM || !mfn_valid(e.mfn))
        return NULL;
    at = frame_map(e.mfn);
    q->frame[gfn % QUICK_FRAMES].gfn = gfn;
    q->frame[gfn % QUICK_FRAMES].at = at;
    return at;
}

/* As quick_frame(), with the generation looked at already. */
static inline char *frame(struct vcpu *v, uint64_t gfn)
{
    const struct quick *q = v->quick;

    if (likely(gfn && q->frame[gfn % QUICK_FRAMES].gfn == gfn))
        return q->frame[gfn % QUICK_FRAMES].at;
    return look_up(v, gfn);
}

static inline void check_generation(struct vcpu *v)
{
    uint32_t generation = READ_ONCE(v->domain->p2m->generation);

    if (unlikely(v->quick->generation != generation))
        forget(v->quick, generation);
}

char *quick_frame(struct vcpu *v, uint64_t gfn)
{
    check_generation(v);
    return frame(v, gfn);
}

/* The entry for @gva in the table that @entry points to; 0 if there is none. */
static inline uint64_t next(struct vcpu *v, uint64_t entry, uint64_t gva, unsigned int shift)
{
    const char *table = frame(v, (entry & PTE_FRAME_MASK) >> PAGE_SHIFT);

    return likely(table) ? READ_ONCE(((const uint64_t *)table)[gva >> shift & 511]) : 0;
}

bool quick_translate(struct vcpu *v, const struct walk_mode *m, uint64_t gva, bool write,
                     uint64_t *gpa)
{
    const uint64_t need = PTE_P | PTE_A | (write ? PTE_RW : 0);
    uint64_t reserved = PTE_FRAME_MASK & ~0ULL << m->physical_bits, all, any, e;
    unsigned int shift;

    if (unlikely(!(m->efer & EFER_LMA)))
        return false;
    if (!(m->efer & EFER_NXE))
        reserved |= PTE_NX;
    check_generation(v);
    e = next(v, m->cr3, gva, 39);
    if (unlikely(e & PTE_PS))
        return false;
    all = any = e;
    for (shift = 30; shift >= 12; shift -= 9) {
        if (unlikely((all & need) != need || (any & reserved)))
            return false;
        e = next(v, e, gva, shift);
        all &= e;
        any |= e;
        if (shift > 12 && (e & PTE_PS))
            break;
    }
    if (shift < 12)
        shift = 12;
    if (shift == 30 || (shift == 21 && (e & 0x1fe000))) /* rare, or reserved */
        return false;
    if ((all & need) != need || (any & reserved) || (write && !(e & PTE_D)))
        return false;
    if ((all & PTE_US) && (m->cr4 & (CR4_SMAP | CR4_PKE))) /* a program's page */
        return false;
    *gpa = (e & PTE_FRAME_MASK & ~0ULL << shift) | (gva & ~(~0ULL << shift));
    return true;
}
