/* SPDX-License-Identifier: BSD-2-Clause */
/* Hostile operations on the small machine, each made from a few bytes; for models and fuzzers. */
#pragma once

#include "tests/unit/pv_world.h"

struct pv_op {
    uint8_t kind, frame, index, value, flags, preempt;
};

enum pv_op_kind {
    OP_PIN,
    OP_UNPIN,
    OP_UPDATE,       /* mmu_update of an entry */
    OP_UPDATE_OTHER, /* the same, naming another owner of the frame or the table */
    OP_POKE,         /* the guest writes an entry in memory it may write */
    OP_KERNEL_L4,
    OP_USER_L4,
    OP_VA,
    OP_GIVE_BACK,
    OP_TAKE,
    OP_GRANT_MAP,
    OP_GRANT_UNMAP,
    OP_DESCRIPTOR,
    OP_FILL,
    OP_SWITCH,
    OP_KINDS,
};

/* Interesting entry numbers: both ends, the hypervisor's slots, and neighbours for progress. */
static const uint16_t op_index[8] = {0, 1, 2, 255, 256, 271, 272, 511};

static uint64_t op_entry(const struct pv_op *o)
{
    static const uint64_t flags[8] = {
        0,
        PTE_P,
        PTE_P | PTE_RW,
        PTE_P | PTE_RW | PTE_US | PTE_A,
        PTE_P | PTE_RW | PTE_G | PTE_D | PTE_NX,
        PTE_P | PTE_PS,
        PTE_P | PTE_RW | PTE_PCD | PTE_PWT,
        PTE_RW | PTE_US,
    };
    uint64_t mfn = o->value % (FRAMES + 2);

    if (mfn >= FRAMES)
        mfn = mfn == FRAMES ? DEVICE_OK + 1 : DEVICE_END + 1;
    return pte_make(MFN(mfn), flags[o->flags % 8]);
}

/* Would the guest's memory model let domain @d store to frame @mfn, by a live mapping or a stale
 * one? Anything but a table may be mapped writable by its owner. */
static bool op_may_poke(const struct domain *d, uint64_t mfn)
{
    uint64_t w = fake_frames[mfn].type;

    if (page_owner_id(mfn_page(MFN(mfn))) != d->id || !(fake_frames[mfn].count & PAGE_REFS_MASK))
        return false;
    return word_state(w) == WORD_IDLE || word_type(w) == PAGE_WRITABLE;
}

static void op_take(struct domain *d, uint64_t mfn)
{
    unsigned int n = d->id;

    if (mfn < 1 + 15 * n || mfn >= SHARED_FRAME(n) || !world_free[mfn])
        return;
    world_free[mfn] = false;
    page_assign(mfn_page(MFN(mfn)), d->id, 0);
}

static void op_descriptor(struct domain *d, uint64_t mfn)
{
    struct page *pg = mfn_page(MFN(mfn));

    if (!page_get(pg, d))
        return;
    if (!page_type_get(pg, PAGE_DESCRIPTOR))
        page_type_put(pg);
    page_put(pg);
}

static void op_give_back(struct domain *d, uint64_t mfn)
{
    struct page *pg = mfn_page(MFN(mfn));

    if (!page_get(pg, d))
        return;
    if (!(pg->count & PAGE_XENHEAP))
        (void)!page_release_allocated(pg);
    page_put(pg);
}

/* Grants of the other domain's frames (any frame may be granted, also a table: then read-only). */
static void op_grant(struct domain *d, const struct pv_op *o, bool map)
{
    uint64_t frame = o->value % FRAMES, machine;
    uint32_t flags = GNTMAP_host_map | GNTMAP_contains_pte | (o->flags & 1 ? GNTMAP_readonly : 0);
    struct page *pg = mfn_page(MFN(frame));
    domid_t owner;

    machine = (uint64_t)(o->frame % FRAMES) << PAGE_SHIFT | op_index[o->index % 8] * 8;
    if (!map) {
        (void)pv_grant_mapper.unmap(d, machine, MFN(frame), flags);
        return;
    }
    if (!page_get_any(pg, &owner)) /* what the grant entry would hold */
        return;
    (void)pv_grant_mapper.map(d, machine, MFN(frame), flags, 0);
    page_put(pg);
}

static void op_va(const struct pv_op *o)
{
    static const uint64_t vas[8] = {0,
                                    PAGE_BYTES,
                                    1ULL << 21,
                                    1ULL << 39,
                                    0xffff800000000000,
                                    0xffff880000000000,
                                    0xfffffffffffff000,
                                    0x8000000000000000};

    if (mfn_eq(vcpu_current()->pv->l4_kernel, MFN_NONE))
        return; /* a vCPU without a page table does not run */
    (void)hc_update_va_mapping(vas[o->index % 8], op_entry(o), o->frame % 8);
}

static void op_run(const struct pv_op *o)
{
    struct domain *d = vcpu_current()->domain;
    uint64_t frame = o->frame % FRAMES;
    uint64_t machine = frame << PAGE_SHIFT | op_index[o->index % 8] * 8;

    switch (o->kind % OP_KINDS) {
    case OP_PIN:
        (void)world_mmuext(MMUEXT_PIN_L1_TABLE + o->flags % 4, frame, 0,
                           o->index & 1 ? (o->value & 1) : DOMID_SELF);
        break;
    case OP_UNPIN:
        (void)world_mmuext(MMUEXT_UNPIN_TABLE, frame, 0,
                           o->index & 1 ? (o->value & 1) : DOMID_SELF);
        break;
    case OP_UPDATE:
        (void)world_mmu_update(machine | (o->flags & 8 ? MMU_PT_UPDATE_PRESERVE_AD : 0),
                               op_entry(o), DOMID_SELF);
        break;
    case OP_UPDATE_OTHER: {
        static const uint32_t fd[4] = {0, 1, DOMID_IO, DOMID_XEN};

        (void)world_mmu_update(machine, op_entry(o),
                               fd[(o->flags >> 3) & 3] | (o->flags & 32 ? 2u << 16 : 0));
        break;
    }
    case OP_POKE:
        if (op_may_poke(d, frame))
            world_table(frame)[op_index[o->index % 8]] = op_entry(o);
        break;
    case OP_KERNEL_L4:
        (void)world_mmuext(MMUEXT_NEW_BASEPTR, frame, 0, DOMID_SELF);
        break;
    case OP_USER_L4:
        (void)world_mmuext(MMUEXT_NEW_USER_BASEPTR, frame, 0, DOMID_SELF);
        break;
    case OP_VA:
        op_va(o);
        break;
    case OP_GIVE_BACK:
        op_give_back(d, frame);
        break;
    case OP_TAKE:
        op_take(d, frame);
        break;
    case OP_GRANT_MAP:
    case OP_GRANT_UNMAP:
        op_grant(d, o, o->kind % OP_KINDS == OP_GRANT_MAP);
        break;
    case OP_DESCRIPTOR:
        op_descriptor(d, frame);
        break;
    case OP_FILL:
        (void)world_mmuext(o->flags & 1 ? MMUEXT_CLEAR_PAGE : MMUEXT_COPY_PAGE, frame,
                           o->value % FRAMES, DOMID_SELF);
        break;
    case OP_SWITCH:
        world_run_as(o->frame & 1);
        break;
    }
}

/* Run @o, preempted where it says; now and then the gate is passed. */
static void op_do(const struct pv_op *o)
{
    world_preempt_in = o->preempt & 0x80 ? -1 : o->preempt % 8;
    op_run(o);
    world_preempt_in = -1;
    if (o->preempt & 0x40)
        world_drain();
}
