/* SPDX-License-Identifier: BSD-2-Clause */
/* mmu_update, mmuext_op, update_va_mapping: commands, domains, frames, flags of entries. */
#include "tests/guest/lib/rows.h"

/* A frame of each kind. */
enum { OWN, OWN_RO, OWN_L1, OWN_L4, SHARED, HOLE, FAR, ONES, FRAME_KINDS };
static const char *const frame_names[FRAME_KINDS] = {"own",    "readonly", "l1",  "l4",
                                                     "shared", "device",   "far", "ones"};
static char *writable, *readonly;

static uint64_t frame_of(unsigned int kind)
{
    switch (kind) {
    case OWN:
        return va_mfn(writable);
    case OWN_RO:
        return va_mfn(readonly);
    case OWN_L1:
        return pte_machine(0, (uint64_t)writable, 1) >> PAGE_SHIFT;
    case OWN_L4:
        return va_mfn((void *)env.l4_va);
    case SHARED:
        return env.shared_info_mfn;
    case HOLE:
        return 0xb8; /* text mode screen */
    case FAR:
        return 0x7fffffff;
    default:
        return ~0UL >> PAGE_SHIFT;
    }
}

#define FRAMES(key, call, undo)                                                                    \
    do {                                                                                           \
        row(key);                                                                                  \
        for (unsigned int k_ = 0; k_ < FRAME_KINDS; k_++) {                                        \
            uint64_t frame = frame_of(k_);                                                         \
            long rc = (call);                                                                      \
            row_result(frame_names[k_], rc);                                                       \
            if (rc >= 0) {                                                                         \
                undo;                                                                              \
            }                                                                                      \
        }                                                                                          \
        row_end();                                                                                 \
    } while (0)

static long update(uint64_t ptr, uint64_t val, uint32_t domid)
{
    struct mmu_update u = {ptr, val};

    return hc_mmu_update(&u, 1, NULL, domid);
}

/* Set the frame's entry of the M2P table to something else for a moment. */
static long m2p_there_and_back(uint64_t frame, unsigned int kind)
{
    uint64_t old = kind <= SHARED ? ((const volatile uint64_t *)M2P_BASE)[frame] : 0;
    long rc = update((frame << PAGE_SHIFT) | MMU_MACHPHYS_UPDATE, 0x1234, DOMID_SELF);

    if (!rc)
        (void)update((frame << PAGE_SHIFT) | MMU_MACHPHYS_UPDATE, old, DOMID_SELF);
    return rc;
}

/* What may be written to the frame's first word without harm to us. */
static uint64_t harmless(uint64_t frame, unsigned int kind)
{
    if (kind == OWN_L1 || kind == OWN_L4)
        return *(const uint64_t *)mfn_va(frame);
    return kind == SHARED ? 1UL << 8 : 0; /* evtchn_upcall_mask */
}

static void updates(void)
{
    uint64_t at = pte_machine(0, (uint64_t)writable, 1), good = pte(va_mfn(writable), PTE_RW_FLAGS);
    struct mmu_update u = {at, good};
    uint32_t done = 77;
    char key[32];

    SWEEP("mmu_update.command", (void)0, update(at | v, good, DOMID_SELF), 0, 2, 3, 4, 5, 6, 7);
    DOMIDS("mmu_update.domid", (void)0, update(at, good, v));
    DOMIDS("mmu_update.pt_domid", (void)0, update(at, good, (v + 1u) << 16 | DOMID_SELF));
    SWEEP("mmu_update.count", (void)0, hc_mmu_update(&u, v, &done, DOMID_SELF) * 100 + done, 0, 1);
    SWEEP("mmu_update.bad_count", (void)0, hc_mmu_update(BAD_POINTER, v, &done, DOMID_SELF), 1, 2,
          0x7fffffff, 0x80000000, 0x80000001, 0xffffffff);
    ROW("mmu_update.done", "low", hc_mmu_update(&u, 1, BAD_POINTER, DOMID_SELF));
    ROW("mmu_update.done", "hv", hc_mmu_update(&u, 1, HV_POINTER, DOMID_SELF));
    pointers("mmu_update", &(const struct shape){__HYPERVISOR_mmu_update, 0, {0, 1, 0, DOMID_SELF}},
             &u, sizeof(u), true);
    FRAMES("mmu_update.table", update(frame << PAGE_SHIFT, harmless(frame, k_), DOMID_SELF),
           (void)0);
    FRAMES("mmu_update.m2p", m2p_there_and_back(frame, k_), (void)0);
    for (unsigned int bits = 0; bits < 64; bits++) {
        /* one more flag at a time, at the lowest level */
        uint64_t value = good ^ (1UL << bits);

        if (bits >= PAGE_SHIFT && bits < 36)
            continue; /* another frame */
        format_append(key, sizeof(key), 0, "%u", bits);
        ROW("pte.l1_bit", key, update(at, value, DOMID_SELF));
        (void)update(at, good, DOMID_SELF);
    }
}

static void upper_levels(void)
{
    struct branch b;
    uint64_t l4e = pte_machine(0, 5UL << 39, 4), l3e, l2e;
    char name[8];

    if (!branch_make(&b, 5)) {
        test_fail(__FILE__, __LINE__, "no branch");
        return;
    }
    l3e = va_mfn(b.l3) << PAGE_SHIFT;
    l2e = va_mfn(b.l2) << PAGE_SHIFT;
    for (unsigned int bit = 0; bit < 64; bit++) {
        if (bit >= PAGE_SHIFT && bit < 36)
            continue;
        format_append(name, sizeof(name), 0, "%u", bit);
        ROW("pte.l2_bit", name,
            update(l2e, pte(va_mfn(b.l1), PTE_RW_FLAGS) ^ (1UL << bit), DOMID_SELF));
        (void)update(l2e, pte(va_mfn(b.l1), PTE_RW_FLAGS), DOMID_SELF);
        ROW("pte.l3_bit", name,
            update(l3e, pte(va_mfn(b.l2), PTE_RW_FLAGS) ^ (1UL << bit), DOMID_SELF));
        (void)update(l3e, pte(va_mfn(b.l2), PTE_RW_FLAGS), DOMID_SELF);
        ROW("pte.l4_bit", name,
            update(l4e, pte(va_mfn(b.l3), PTE_RW_FLAGS) ^ (1UL << bit), DOMID_SELF));
        (void)update(l4e, pte(va_mfn(b.l3), PTE_RW_FLAGS), DOMID_SELF);
    }
    FRAMES("pte.l2_frame", update(l2e + 8, pte(frame, PTE_RW_FLAGS), DOMID_SELF),
           (void)update(l2e + 8, 0, DOMID_SELF));
    FRAMES("pte.l3_frame", update(l3e + 8, pte(frame, PTE_RW_FLAGS), DOMID_SELF),
           (void)update(l3e + 8, 0, DOMID_SELF));
    FRAMES("pte.l4_frame", update(l4e + 8, pte(frame, PTE_RW_FLAGS), DOMID_SELF),
           (void)update(l4e + 8, 0, DOMID_SELF));
    RANGE("pte.l4_slot", 250, 280, (void)0,
          update((va_mfn((void *)env.l4_va) << PAGE_SHIFT) + v * 8, 0, DOMID_SELF));
    branch_drop(&b);
}

static void va_mappings(void)
{
    uint64_t good = pte(va_mfn(writable), PTE_RW_FLAGS);

    SWEEP("uvm.va", (void)0, hc_update_va_mapping(v, 0, 0), 0, BAD_POINTER, 0x00007ffffffff000,
          1UL << 47, NONCANONICAL, M2P_BASE, HV_POINTER, 0xffff880000000000, ~0UL);
    RANGE("uvm.flags", 0, 15, (void)0, hc_update_va_mapping(writable, good, v));
    SWEEP("uvm.flags_big", (void)0, hc_update_va_mapping(writable, good, v), 16, BAD_POINTER | 3,
          HV_POINTER | 2, HV_POINTER | 1);
    SWEEP("uvm.unaligned", (void)0, hc_update_va_mapping(writable + v, good, UVMF_INVLPG), 1, 4095);
    FRAMES("uvm.rw", hc_update_va_mapping(readonly, pte(frame, PTE_RW_FLAGS), UVMF_INVLPG),
           (void)page_protect(readonly, PTE_RO_FLAGS));
    FRAMES("uvm.ro", hc_update_va_mapping(readonly, pte(frame, PTE_RO_FLAGS), UVMF_INVLPG),
           (void)page_protect(readonly, PTE_RO_FLAGS));
    DOMIDS("uvm_other.domid", (void)page_protect(writable, PTE_RW_FLAGS),
           hc_update_va_mapping_otherdomain(writable, good, UVMF_INVLPG, v));
    DOMIDS("uvm_other.none", (void)page_protect(writable, PTE_RW_FLAGS),
           hc_update_va_mapping_otherdomain(writable, 0, UVMF_INVLPG, v));
    DOMIDS("uvm_other.device", (void)page_protect(writable, PTE_RW_FLAGS),
           hc_update_va_mapping_otherdomain(writable, pte(0xb8, PTE_RW_FLAGS), UVMF_INVLPG, v));
    (void)page_protect(writable, PTE_RW_FLAGS);
}

static void extended(void)
{
    struct mmuext_op op = {.cmd = MMUEXT_TLB_FLUSH_LOCAL};
    uint32_t done = 77;
    char key[40];

    pointers("mmuext", &(const struct shape){__HYPERVISOR_mmuext_op, 0, {0, 1, 0, DOMID_SELF}}, &op,
             sizeof(op), true);
    SWEEP("mmuext.count", (void)0, hc_mmuext_op(&op, v, &done, DOMID_SELF) * 100 + done, 0, 1);
    SWEEP("mmuext.bad_count", (void)0, hc_mmuext_op(BAD_POINTER, v, &done, DOMID_SELF), 1, 2,
          0x7fffffff, 0x80000000, 0x80000001, 0xffffffff);
    ROW("mmuext.done", "low", hc_mmuext_op(&op, 1, BAD_POINTER, DOMID_SELF));
    DOMIDS("mmuext.domid", (void)0, mmuext_for(v, MMUEXT_TLB_FLUSH_LOCAL, 0, 0));
    DOMIDS("mmuext.pin_domid", (void)mmuext(MMUEXT_UNPIN_TABLE, va_mfn(readonly), 0),
           mmuext_for(v, MMUEXT_PIN_L1_TABLE, va_mfn(readonly), 0));
    for (unsigned int cmd = 0; cmd < 24; cmd++) {
        if (cmd == MMUEXT_NEW_USER_BASEPTR || cmd == MMUEXT_SET_LDT)
            continue;
        format_append(key, sizeof(key), 0, "mmuext_%u", cmd);
        /* (an empty table as the current one, the current one unpinned, no time: the end) */
        FRAMES(key,
               (cmd == MMUEXT_NEW_BASEPTR && k_ == OWN_RO) ||
                       (cmd == MMUEXT_UNPIN_TABLE && k_ == OWN_L4) ||
                   (cmd == MMUEXT_CLEAR_PAGE && k_ == SHARED)
                   ? -1
                   : mmuext(cmd, frame, 0),
               if (cmd < 4)(void) mmuext(MMUEXT_UNPIN_TABLE, frame, 0));
    }
    FRAMES("mmuext_15", mmuext(MMUEXT_NEW_USER_BASEPTR, frame, 0),
           (void)mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0));
    ROW("mmuext_15", "zero", mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0));
    FRAMES("mmuext_copy.from", mmuext(MMUEXT_COPY_PAGE, va_mfn(writable), frame), (void)0);
    SWEEP("mmuext_ldt.count", (void)mmuext(MMUEXT_SET_LDT, 0, 0),
          mmuext(MMUEXT_SET_LDT, (uint64_t)readonly, v), 0, 1, 8192, 8193, 0xffffffff);
    SWEEP("mmuext_ldt.base", (void)mmuext(MMUEXT_SET_LDT, 0, 0), mmuext(MMUEXT_SET_LDT, v, 1), 0, 1,
          BAD_POINTER & ~0xfffUL, HV_POINTER, NONCANONICAL, ~0xfffUL);
    SWEEP("mmuext_invlpg", (void)0, mmuext(MMUEXT_INVLPG_LOCAL, v, 0), 0, NONCANONICAL, HV_POINTER,
          ~0UL);
    SWEEP("mmuext_flush_multi", (void)0, mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, v), 0, BAD_POINTER,
          HV_POINTER, (uint64_t)image_start);
    SWEEP("mmuext_invlpg_multi", (void)0, mmuext(MMUEXT_INVLPG_MULTI, NONCANONICAL, v), BAD_POINTER,
          (uint64_t)image_start);
}

static void gdts(void)
{
    uint64_t frames[17] = {va_mfn(readonly)};

    SWEEP("set_gdt.entries", (void)hc_set_gdt(frames, 0), hc_set_gdt(frames, v), 0, 1, 511, 512,
          513, 7168, 7169, 8192, 0x80000000, 0xffffffff, 1UL << 32);
    FRAMES("set_gdt.frame", hc_set_gdt(&frame, 512), (void)hc_set_gdt(&frame, 0));
    SWEEP("set_gdt.pointer", (void)0, hc_set_gdt(v, 512), 0, BAD_POINTER, HV_POINTER, NONCANONICAL);
    (void)page_protect(readonly, PTE_RW_FLAGS);
    (void)page_protect(readonly, PTE_RO_FLAGS);
    FRAMES("update_descriptor.frame", hc_update_descriptor(frame << PAGE_SHIFT, 0), (void)0);
    SWEEP("update_descriptor.offset", (void)0,
          hc_update_descriptor((va_mfn(writable) << PAGE_SHIFT) + v, 0), 1, 4, 8, 4088, 4095);
    SWEEP("update_descriptor.value", (void)0,
          hc_update_descriptor(va_mfn(writable) << PAGE_SHIFT, v), 0, 0x00cf9a000000ffff,
          0x00cffa000000ffff, 0x00cff2000000ffff, 0x00affa000000ffff, 0x00af9b000000ffff,
          0x0000ec000000ffff, 0x00008200ffffffff, 0x0000890000000000, 0x0000850000000000,
          0x00cfda000000ffff, 0xffffffffffffffff, 0x00efff000000ffff);
    (void)page_protect(writable, PTE_RW_FLAGS);
}

static void everything(void)
{
    writable = page_alloc();
    readonly = page_alloc();
    writable[0] = 0;
    (void)page_protect(readonly, PTE_RO_FLAGS);
    updates();
    upper_levels();
    va_mappings();
    extended();
    gdts();
    /* what was written to the shared page is made good: an event that came must not be lost */
    vcpu_info()->evtchn_upcall_mask = 1;
    vcpu_info()->evtchn_upcall_pending = vcpu_info()->evtchn_pending_sel != 0;
    (void)page_protect(readonly, PTE_RW_FLAGS);
}

TEST(abi, mmu)
{
    NEED(cast_begin());
    everything();
    cast_end();
}

static void mmu_child(void *arg unused)
{
    everything();
}

TEST(abi, mmu_of_child)
{
    child_run(mmu_child, NULL, SHUTDOWN_poweroff);
}
