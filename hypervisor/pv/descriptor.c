/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GDT and LDT of PV guests.
 *
 * What is always true here: each vCPU has 128 KiB of the per-domain area: 16 pages of GDT (14 of
 * the guest's, our descriptor page, the page with its LDT descriptor) and 16 pages of LDT. A guest
 * frame mapped there holds a reference and a use as PAGE_DESCRIPTOR, so the guest cannot write it
 * but through update_descriptor, which makes every descriptor harmless first. GDT pages without a
 * frame read as zeros: a program that loads a selector from there gets the #GP it would get without
 * us. A page fault for an address of ours, by no access of the program's, is one kernels die of.
 */
#include "pv/pv.h"

#include "abi/errno.h"
#include "cpu/descriptor.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hypercall/table.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/tlb.h"
#include "p2m/copy.h"
#include "pv/pte_update.h"
#include "pv/type.h"

#define PER_PAGE 512 /* descriptors in a page */
#define LDT_FIRST_PAGE 16
#define LDT_ENTRIES_MAX 8192
#define SLOT_RIGHTS (PTE_P | PTE_RW | PTE_A | PTE_D | PTE_NX)

/* Entry of the per-domain tables for page @page (0-15 GDT, 16-31 LDT) of @v. */
static uint64_t *slot(const struct vcpu *v, unsigned int page)
{
    return v->domain->pv->gdt_ldt_l1[v->id / 16] + v->id % 16 * 32 + page;
}

static const uint64_t no_descriptors[PER_PAGE] aligned(PAGE_BYTES);

/* Make GDT pages [@first, @end) of @v empty. */
static void gdt_empty(struct vcpu *v, unsigned int first, unsigned int end)
{
    for (unsigned int i = first; i < end; i++)
        WRITE_ONCE(*slot(v, i), pte_make(image_mfn(no_descriptors), PTE_P | PTE_A | PTE_NX));
}

void pv_gdt_init(struct vcpu *v)
{
    gdt_empty(v, 0, PV_GDT_GUEST_FRAMES);
}

/* Bits of a descriptor (SDM vol. 3, 3.4.5). */
#define DESC_S (1ULL << 44)
#define DESC_DPL (3ULL << 45)
#define DESC_P (1ULL << 47)

bool pv_descriptor_fix(uint64_t *descriptor)
{
    if (!(*descriptor & DESC_P)) /* never used by the CPU */
        return true;
    if (!(*descriptor & DESC_S)) /* gates, task states, tables: none is a guest's to make */
        return false;
    *descriptor |= DESC_DPL;
    return true;
}

int pv_descriptor_page_validate(mfn_t mfn)
{
    uint64_t *at = frame_map(mfn);
    int rc = 0;

    for (unsigned int i = 0; i < PER_PAGE && !rc; i++) {
        uint64_t d = at[i];

        if (!pv_descriptor_fix(&d))
            rc = -EINVAL;
        else if (d != at[i])
            at[i] = d;
    }
    frame_unmap(at);
    return rc;
}

static int descriptor_get(struct domain *d, mfn_t mfn)
{
    struct page *pg = mfn_page(mfn);
    int rc;

    if (!mfn_valid(mfn) || !page_get(pg, d))
        return -EINVAL;
    rc = page_type_get(pg, PAGE_DESCRIPTOR);
    if (rc)
        page_put(pg);
    return rc;
}

static void descriptor_put(mfn_t mfn)
{
    struct page *pg = mfn_page(mfn);

    page_type_put(pg);
    page_put(pg);
}

/* ---- GDT ---- */

void pv_drop_gdt(struct vcpu *v)
{
    struct pv_vcpu *p = v->pv;
    unsigned int count = DIV_ROUND_UP(p->gdt_entries, PER_PAGE);

    p->gdt_entries = 0;
    gdt_empty(v, 0, count);
    if (count && v == vcpu_current())
        tlb_flush_local(TLB_FLUSH_GUEST, 0);
    for (unsigned int i = 0; i < count; i++) {
        descriptor_put(p->gdt_frames[i]);
        p->gdt_frames[i] = MFN_NONE;
    }
}

int pv_set_gdt(struct vcpu *v, const uint64_t *frames, uint32_t entries)
{
    struct pv_vcpu *p = v->pv;
    unsigned int count = DIV_ROUND_UP(entries, PER_PAGE);

    if (entries > PV_GDT_GUEST_ENTRIES)
        return -EINVAL;
    for (unsigned int i = 0; i < count; i++) {
        int rc = descriptor_get(v->domain, MFN(frames[i]));

        if (rc) {
            while (i-- > 0)
                descriptor_put(MFN(frames[i]));
            return -EINVAL; /* whatever is wrong with a frame, guests know this one */
        }
    }
    pv_drop_gdt(v);
    for (unsigned int i = 0; i < count; i++) {
        p->gdt_frames[i] = MFN(frames[i]);
        WRITE_ONCE(*slot(v, i), pte_make(MFN(frames[i]), SLOT_RIGHTS));
    }
    p->gdt_entries = entries;
    if (count && v == vcpu_current()) /* that they were empty may be in the TLB */
        tlb_flush_local(TLB_FLUSH_GUEST, 0);
    return 0;
}

long hc_set_gdt(uint64_t frame_list, uint64_t entries)
{
    uint64_t frames[PV_GDT_GUEST_FRAMES];
    unsigned int count;

    if ((uint32_t)entries > PV_GDT_GUEST_ENTRIES)
        return -EINVAL;
    count = DIV_ROUND_UP((uint32_t)entries, PER_PAGE);
    if (copy_from_guest(frames, frame_list, count * sizeof(frames[0])))
        return -EFAULT;
    return pv_set_gdt(vcpu_current(), frames, (uint32_t)entries);
}

long hc_update_descriptor(uint64_t maddr, uint64_t descriptor)
{
    struct domain *d = vcpu_current()->domain;
    mfn_t mfn = MFN(maddr >> PAGE_SHIFT);
    struct page *pg = mfn_page(mfn);
    long rc = -EINVAL;
    enum page_type type;
    char *at;

    if ((maddr & 7) || !pv_descriptor_fix(&descriptor) || !mfn_valid(mfn) || !page_get(pg, d))
        return -EINVAL;
    type = page_type_now(pg) == PAGE_DESCRIPTOR ? PAGE_DESCRIPTOR : PAGE_WRITABLE;
    if (page_type_get(pg, type) == 0) {
        at = frame_map(mfn);
        WRITE_ONCE(*(uint64_t *)(at + (maddr & (PAGE_BYTES - 1))), descriptor);
        frame_unmap(at);
        page_written(pg);
        page_type_put(pg);
        rc = 0;
    }
    page_put(pg);
    return rc;
}

/* ---- LDT ---- */

void pv_drop_ldt(struct vcpu *v)
{
    struct pv_vcpu *p = v->pv;

    if (!p->ldt_mapped)
        return;
    for (unsigned int page = 0; page < 16; page++) {
        if (p->ldt_mapped & 1u << page) {
            uint64_t *e = slot(v, LDT_FIRST_PAGE + page);
            mfn_t m = pte_mfn(*e);

            WRITE_ONCE(*e, 0);
            if (v == vcpu_current())
                tlb_flush_local(TLB_FLUSH_GUEST, 0);
            descriptor_put(m);
        }
    }
    p->ldt_mapped = 0;
}

void pv_load_ldt(struct vcpu *v)
{
    unsigned int index = v->id % 256 * 2;
    uint64_t *table = v->domain->pv->ldt_descriptors[v->id / 256];
    uint64_t base = VA_PERDOMAIN + (uint64_t)v->id * PV_VCPU_SLOT_BYTES +
                    LDT_FIRST_PAGE * PAGE_BYTES;
    uint32_t limit = v->pv->ldt_entries * 8 - 1;
    uint16_t selector = 0;

    if (v->pv->ldt_entries) {
        selector = (uint16_t)(15 * PAGE_BYTES + index * 8);
        table[index] = (limit & 0xffff) | (base & 0xffffff) << 16 | 0x82ULL << 40 |
                       (base >> 24 & 0xff) << 56;
        table[index + 1] = base >> 32;
    }
    __asm__ volatile("lldt %w0" ::"r"((uint32_t)selector));
}

int pv_set_ldt(struct vcpu *v, uint64_t base, uint32_t entries)
{
    struct pv_vcpu *p = v->pv;

    if (entries > LDT_ENTRIES_MAX || (entries && ((base & (PAGE_BYTES - 1)) ||
                                                  !pte_guest_address(base))))
        return -EINVAL;
    pv_drop_ldt(v);
    p->ldt_base = base;
    p->ldt_entries = entries;
    if (v == vcpu_current())
        pv_load_ldt(v);
    return 0;
}

bool pv_ldt_fault(struct vcpu *v, uint32_t offset)
{
    struct pv_vcpu *p = v->pv;
    unsigned int page = offset / PAGE_BYTES;
    uint64_t *leaf, entry;
    mfn_t mfn;

    if (offset >= p->ldt_entries * 8 || (p->ldt_mapped & 1u << page))
        return false;
    /* Locked: another vCPU may be taking these very tables down, to write into them. */
    pv_update_lock(v->domain);
    leaf = pte_find_leaf(p->l4_kernel, p->ldt_base + page * PAGE_BYTES);
    entry = leaf ? READ_ONCE(*leaf) : 0;
    if (leaf)
        frame_unmap(leaf);
    pv_update_unlock(v->domain);
    mfn = pte_mfn(entry);
    if (!(entry & PTE_P) || descriptor_get(v->domain, mfn))
        return false;
    WRITE_ONCE(*slot(v, LDT_FIRST_PAGE + page), pte_make(mfn, SLOT_RIGHTS));
    p->ldt_mapped |= 1u << page;
    return true;
}

#define DESC_L (1ULL << 53)

bool pv_is_64bit_code(const struct vcpu *v, uint16_t selector)
{
    uint64_t gva, descriptor;

    /* only to choose how to decode: read through the CPU's own view of the tables */
    if (selector & 4) {
        if (selector / 8u >= v->pv->ldt_entries ||
            !(v->pv->ldt_mapped & 1u << (selector / PAGE_BYTES)))
            return false;
        gva = VA_PERDOMAIN + (uint64_t)v->id * PV_VCPU_SLOT_BYTES + LDT_FIRST_PAGE * PAGE_BYTES;
    } else {
        if (selector / 8u >= v->pv->gdt_entries)
            return selector == PV_FLAT_CS64;
        gva = VA_PERDOMAIN + (uint64_t)v->id * PV_VCPU_SLOT_BYTES;
    }
    descriptor = READ_ONCE(*(const uint64_t *)(gva + (selector & ~7u)));
    return (descriptor & DESC_L) != 0;
}
