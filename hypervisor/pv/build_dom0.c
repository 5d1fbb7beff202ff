/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building PV dom0.
 *
 * Pseudo-physical layout, from pfn 0 (contract: xen/xen.h, "Start-of-day memory layout"):
 *
 *   [kernel image by load address][start_info][page tables: L4 L3 L2 L1...][stack][padding]
 *   [p2m list and the tables that map it][ramdisk][all other memory]
 *
 * The first row is mapped at VIRT_BASE + pfn * 4096 up to a 4 MiB border, writable but for the page
 * tables. What is always true here: the tables are built as plain memory, then made page tables by
 * the same pin operation a guest would use, so the page-type engine has checked every entry.
 */
#include "pv/build_dom0.h"

#include "abi/errno.h"
#include "console/log.h"
#include "domain/domain.h"
#include "hypercall/dispatch.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "p2m/m2p.h"
#include "pv/kernel_notes.h"
#include "pv/kind.h"
#include "pv/pv.h"
#include "pv/type.h"

#define PER_TABLE 512
#define TABLE_SHIFT(level) (PAGE_SHIFT + 9 * ((level)-1))
#define PADDING_BYTES 0x80000 /* at least 512 KiB behind the stack */
#define REGION_ALIGN 0x400000 /* and the region ends on 4 MiB */
#define LINK (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)
#define LEAF (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)
#define CHUNK_ORDER 9

/* Where everything goes, in pfns, and the list from pfn to frame. */
struct plan {
    struct pv_kernel kernel;
    uint64_t start_info_pfn, tables_pfn, tables_count, stack_pfn, region_end_pfn;
    uint64_t p2m_pfn, p2m_count, p2m_tables_pfn, p2m_total;
    uint64_t ramdisk_pfn, ramdisk_count;
    uint64_t pages;
    uint64_t *p2m; /* the list itself, in dom0's own frames */
};

static uint64_t tables_for(uint64_t base, uint64_t end)
{
    uint64_t count = 1; /* L4 */

    for (unsigned int level = 4; level > 1; level--)
        count += ((end - 1) >> TABLE_SHIFT(level)) - (base >> TABLE_SHIFT(level)) + 1;
    return count;
}

static const char *make_plan(struct plan *p, const struct dom0_source *s)
{
    uint64_t base = p->kernel.virt_base, end, last_count = 0;

    p->pages = s->pages;
    p->start_info_pfn = p->kernel.end_pfn;
    p->tables_pfn = p->start_info_pfn + 1;
    p->tables_count = 0;
    do {
        last_count = p->tables_count;
        p->stack_pfn = p->tables_pfn + p->tables_count;
        end = ((p->stack_pfn + 1) << PAGE_SHIFT) + PADDING_BYTES;
        end = ROUND_UP(end, (uint64_t)REGION_ALIGN);
        p->tables_count = tables_for(base, base + end);
    } while (p->tables_count != last_count);
    p->region_end_pfn = end >> PAGE_SHIFT;

    p->p2m_pfn = p->region_end_pfn;
    p->p2m_count = DIV_ROUND_UP(p->pages * 8, PAGE_BYTES);
    p->p2m_tables_pfn = p->p2m_pfn + p->p2m_count;
    p->p2m_total = p->p2m_count +
                   tables_for(p->kernel.p2m_base,
                              p->kernel.p2m_base + (p->p2m_count << PAGE_SHIFT)) - 1;
    p->ramdisk_pfn = p->p2m_pfn + p->p2m_total;
    p->ramdisk_count = DIV_ROUND_UP(s->ramdisk_bytes, PAGE_BYTES);
    if (p->ramdisk_pfn + p->ramdisk_count > p->pages)
        return "too little memory for domain 0: its kernel and ramdisk do not fit (see dom0_mem=)";
    return NULL;
}

/* ---- memory ---- */

/* Frames @first to @first + @count become @d's, as pfns from @pfn on. */
static void give(struct domain *d, struct plan *p, uint64_t pfn, mfn_t first, uint64_t count)
{
    struct page *pg = mfn_page(first);

    if (!count)
        return;
    d->lowest_mfn = min(d->lowest_mfn, first.n);
    d->highest_mfn = max(d->highest_mfn, first.n + count - 1);
    for (uint64_t i = 0; i < count; i++) {
        page_assign(pg + i, d->id, PAGE_ALLOCATED);
        p->p2m[pfn + i] = first.n + i;
        m2p_set(mfn_add(first, i), pfn + i);
    }
}

/* The frames of the p2m list first, contiguous so that it can be written as one array. */
static bool alloc_p2m(struct domain *d, struct plan *p)
{
    unsigned int order = 0;
    struct page *pg;
    mfn_t first;

    while ((1ULL << order) < p->p2m_count)
        order++;
    pg = heap_alloc(order, 0);
    if (!pg)
        return false;
    first = page_mfn(pg);
    for (uint64_t i = p->p2m_count; i < 1ULL << order; i++)
        heap_free(pg + i, 0);
    p->p2m = frame_map(first);
    give(d, p, p->p2m_pfn, first, p->p2m_count);
    return true;
}

/* Where the pfns that have no frame yet go on from @pfn; *@end is where these end. */
static uint64_t next_gap(const struct plan *p, uint64_t pfn, uint64_t *end)
{
    if (pfn == p->p2m_pfn)
        pfn += p->p2m_count;
    if (pfn == p->ramdisk_pfn)
        pfn += p->ramdisk_count;
    *end = p->pages;
    if (pfn < p->ramdisk_pfn)
        *end = p->ramdisk_pfn;
    if (pfn < p->p2m_pfn)
        *end = p->p2m_pfn;
    return pfn;
}

/* All pfns that have no frame yet, in chunks as large as they come. */
static bool alloc_rest(struct domain *d, struct plan *p)
{
    unsigned int most = CHUNK_ORDER;
    uint64_t pfn = 0, end;

    while ((pfn = next_gap(p, pfn, &end)) < p->pages) {
        unsigned int order = most;
        struct page *pg;

        while ((1ULL << order) > end - pfn)
            order--;
        /* not cleared: dom0 may read all memory anyway, and most of it is overwritten now */
        while (!(pg = heap_alloc_dirty(order, 0)) && order > 0)
            most = --order;
        if (!pg)
            return false;
        give(d, p, pfn, page_mfn(pg), 1ULL << order);
        pfn += 1ULL << order;
    }
    return true;
}

static const char *alloc_memory(struct domain *d, struct plan *p, const struct dom0_source *s)
{
    if (!alloc_p2m(d, p))
        return "too little memory for domain 0's frame list";
    give(d, p, p->ramdisk_pfn, paddr_mfn(s->ramdisk), p->ramdisk_count);
    if (!alloc_rest(d, p))
        return "too little memory for domain 0 (see dom0_mem=)";
    d->tot_pages = p->pages;
    return NULL;
}

static void *pfn_map(const struct plan *p, uint64_t pfn)
{
    return frame_map(MFN(p->p2m[pfn]));
}

/* ---- contents ---- */

static void load_bytes(const struct plan *p, uint64_t pa, const uint8_t *from, uint64_t bytes,
                       bool zero)
{
    while (bytes) {
        uint64_t offset = pa & (PAGE_BYTES - 1);
        uint64_t chunk = min(bytes, PAGE_BYTES - offset);
        uint8_t *to = pfn_map(p, pa >> PAGE_SHIFT);

        if (zero) {
            memset(to + offset, 0, chunk);
        } else {
            memcpy(to + offset, from, chunk);
            from += chunk;
        }
        frame_unmap(to);
        pa += chunk;
        bytes -= chunk;
    }
}

static void load_kernel(const struct plan *p)
{
    struct elf_segment s;
    uint32_t cursor = 0;

    while (elf_next_segment(&p->kernel.elf, ELF_SEGMENT_LOAD, &cursor, &s)) {
        uint64_t pa = s.load_address - p->kernel.paddr_offset;

        load_bytes(p, pa, s.data, s.file_bytes, false);
        load_bytes(p, pa + s.file_bytes, NULL, s.memory_bytes - s.file_bytes, true);
    }
    if (p->kernel.hypercall_page) {
        void *page = pfn_map(p, (p->kernel.hypercall_page - p->kernel.virt_base) >> PAGE_SHIFT);

        hypercall_page_write(page);
        frame_unmap(page);
    }
}

/* Enter @va -> @m with @flags in the tables under L4 pfn, taking new tables from *@next_pfn. */
static void map_one(const struct plan *p, uint64_t l4_pfn, uint64_t *next_pfn, uint64_t va, mfn_t m,
                    uint64_t flags)
{
    uint64_t table = l4_pfn;

    for (unsigned int level = 4; level > 1; level--) {
        uint64_t *t = pfn_map(p, table);
        uint64_t *e = t + (va >> TABLE_SHIFT(level)) % PER_TABLE;

        if (!(*e & PTE_P)) {
            void *fresh = pfn_map(p, *next_pfn);

            memset(fresh, 0, PAGE_BYTES);
            frame_unmap(fresh);
            *e = pte_make(MFN(p->p2m[*next_pfn]), LINK);
            (*next_pfn)++;
        }
        table = m2p_get(pte_mfn(*e));
        frame_unmap(t);
    }
    {
        uint64_t *t = pfn_map(p, table);

        t[(va >> PAGE_SHIFT) % PER_TABLE] = pte_make(m, flags);
        frame_unmap(t);
    }
}

static void build_tables(const struct plan *p)
{
    uint64_t next = p->tables_pfn + 1, base = p->kernel.virt_base;
    void *l4 = pfn_map(p, p->tables_pfn);

    memset(l4, 0, PAGE_BYTES);
    frame_unmap(l4);
    /* L4, L3, L2 first, in this order: Linux frees them from the front as it replaces them */
    for (uint64_t pfn = 0; pfn < p->region_end_pfn; pfn++) {
        bool table = pfn >= p->tables_pfn && pfn < p->tables_pfn + p->tables_count;

        map_one(p, p->tables_pfn, &next, base + (pfn << PAGE_SHIFT), MFN(p->p2m[pfn]),
                table ? LEAF & ~PTE_RW : LEAF);
    }
    next = p->p2m_tables_pfn;
    for (uint64_t i = 0; i < p->p2m_count; i++)
        map_one(p, p->tables_pfn, &next, p->kernel.p2m_base + (i << PAGE_SHIFT),
                MFN(p->p2m[p->p2m_pfn + i]), LEAF);
}

static void fill_start_info(const struct domain *d, const struct plan *p,
                            const struct dom0_source *s)
{
    start_info_t *si = pfn_map(p, p->start_info_pfn);
    uint64_t base = p->kernel.virt_base;

    memset(si, 0, PAGE_BYTES);
    memcpy(si->magic, "xen-3.0-x86_64", 15);
    si->nr_pages = p->pages;
    si->shared_info = mfn_paddr(d->shared_info_mfn).a;
    si->flags = SIF_PRIVILEGED | SIF_INITDOMAIN | SIF_VIRT_P2M_4TOOLS;
    si->pt_base = base + (p->tables_pfn << PAGE_SHIFT);
    si->nr_pt_frames = p->tables_count;
    si->mfn_list = p->kernel.p2m_base;
    si->first_p2m_pfn = p->p2m_pfn;
    si->nr_p2m_frames = p->p2m_total;
    if (s->ramdisk_bytes) {
        si->flags |= SIF_MOD_START_PFN;
        si->mod_start = p->ramdisk_pfn;
        si->mod_len = s->ramdisk_bytes;
    }
    strlcpy((char *)si->cmd_line, s->cmdline, sizeof(si->cmd_line));
    si->console.dom0.info_off = sizeof(*si);
    si->console.dom0.info_size = (uint32_t)s->vga_info_bytes;
    memcpy(si + 1, s->vga_info, s->vga_info_bytes);
    frame_unmap(si);
}

static int start_vcpu(struct domain *d, const struct plan *p)
{
    struct vcpu_guest_context *c = pool_new(struct vcpu_guest_context);
    uint64_t base = p->kernel.virt_base;
    mfn_t l4 = MFN(p->p2m[p->tables_pfn]);
    int rc;

    if (!c)
        return -ENOMEM;
    while ((rc = type_pin(d, l4, PAGE_L4)) == -ERESTART)
        ;
    if (!rc) {
        c->flags = VGCF_in_kernel;
        c->user_regs.rip = p->kernel.entry;
        c->user_regs.rsp = base + ((p->stack_pfn + 1) << PAGE_SHIFT);
        c->user_regs.rsi = base + (p->start_info_pfn << PAGE_SHIFT);
        c->user_regs.cs = PV_FLAT_CS64;
        c->user_regs.ss = PV_FLAT_SS;
        c->kernel_ss = PV_FLAT_SS;
        c->kernel_sp = c->user_regs.rsp;
        c->ctrlreg[3] = xen_pfn_to_cr3(l4.n);
        while ((rc = pv_context_set(d->vcpus[0], c)) == -ERESTART)
            ;
    }
    pool_free(c);
    return rc;
}

static void report(const struct domain *d, const struct plan *p, const struct dom0_source *s)
{
    uint64_t base = p->kernel.virt_base;

    log_info("d%u: kernel %#lx entry %#lx, start_info %#lx, tables %#lx (%lu frames), end %#lx",
             d->id, base, p->kernel.entry, base + (p->start_info_pfn << PAGE_SHIFT),
             base + (p->tables_pfn << PAGE_SHIFT), p->tables_count,
             base + (p->region_end_pfn << PAGE_SHIFT));
    log_info("d%u: %lu MiB, p2m list %#lx in pfns %#lx-%#lx, ramdisk %lu KiB at pfn %#lx", d->id,
             p->pages >> 8, p->kernel.p2m_base, p->p2m_pfn, p->p2m_pfn + p->p2m_total,
             s->ramdisk_bytes >> 10, p->ramdisk_pfn);
}

const char *pv_build_dom0(struct domain *d, const struct dom0_source *source)
{
    static struct plan plan;
    const char *wrong = kernel_notes_read(&plan.kernel, source->kernel, source->kernel_bytes);

    if (!wrong)
        wrong = make_plan(&plan, source);
    if (!wrong)
        wrong = alloc_memory(d, &plan, source);
    if (wrong)
        return wrong;
    load_kernel(&plan);
    build_tables(&plan);
    fill_start_info(d, &plan, source);
    report(d, &plan, source);
    if (start_vcpu(d, &plan))
        return "the kernel's first page tables were refused";
    return NULL;
}
