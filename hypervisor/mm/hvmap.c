/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's page tables.
 *
 * What is always true here: the third-level tables behind slots 256-271 (but the per-domain slot)
 * exist from boot on and are shared by every top-level table of the machine, so a mapping made
 * below them is seen everywhere at once, and installing our part into a guest's table is copying
 * sixteen entries. Everything is global and, but for the read-only m2p, closed to CPL 3. Code is
 * never writable, data never executable.
 */
#include "mm/hvmap.h"

#include "console/log.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "debug/panic.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "mm/ram.h"
#include "boot/handover.h"
#include "sync/spinlock.h"

#define ENTRIES 512
#define RIGHTS_DATA (PTE_P | PTE_RW | PTE_A | PTE_D | PTE_G)
#define PAGES_PER_PAGE (PAGE_BYTES / sizeof(struct page))
#define M2P_PER_PAGE (PAGE_BYTES / sizeof(uint64_t))
#define NO_RAM ((uint64_t)PAGE_OWNER_HYPERVISOR << PAGE_OWNER_SHIFT | PAGE_NOT_RAM)
#define LINK (PTE_P | PTE_RW | PTE_US | PTE_A)

extern char image_start[], text_start[], text_end[], rodata_start[], rodata_end[], data_start[],
    image_end[], boot_block[];

static mfn_t idle_l4 = {~0ULL};
static mfn_t trampoline_l4 = {~0ULL};
uint64_t frame_limit;
static mfn_t m2p_hole;           /* the page of its entries where there is no RAM */
static paddr_t image_base;
static bool direct_ready;        /* running on our own tables: frames are reached by direct map */
static bool heap_ready;
static uint64_t nx;
static uint64_t device_next = VA_DEVICES;
static struct spinlock map_lock = SPINLOCK_INIT(LOCK_POOL);
static void *stub_page;

static uint64_t *table_at(mfn_t m)
{
    return direct_ready ? frame_map(m) : (uint64_t *)(m.n << PAGE_SHIFT);
}

static mfn_t table_alloc(void)
{
    mfn_t m;

    if (heap_ready) {
        struct page *pg = heap_alloc(0, 0);

        return pg ? page_mfn(pg) : MFN_NONE;
    }
    m = ram_alloc_boot(1, 1);
    if (!mfn_eq(m, MFN_NONE))
        memset(table_at(m), 0, PAGE_BYTES);
    return m;
}

static unsigned int index_at(uint64_t va, unsigned int level)
{
    return (va >> (PAGE_SHIFT + 9 * (level - 1))) & (ENTRIES - 1);
}

/* The entry of @level that maps @va, making tables above it; NULL without memory or when a large
 * page is in the way. */
static uint64_t *entry_for(mfn_t l4, uint64_t va, unsigned int level)
{
    mfn_t table = l4;

    for (unsigned int at = 4;; at--) {
        uint64_t *entry = table_at(table) + index_at(va, at);

        if (at == level)
            return entry;
        if (!(*entry & PTE_P)) {
            mfn_t next = table_alloc();

            if (mfn_eq(next, MFN_NONE))
                return NULL;
            *entry = pte_make(next, LINK);
        } else if (*entry & PTE_PS) {
            return NULL;
        }
        table = pte_mfn(*entry);
    }
}

static bool map_page(uint64_t va, mfn_t m, uint64_t flags)
{
    uint64_t *entry = entry_for(idle_l4, va, 1);

    if (!entry)
        return false;
    *entry = pte_make(m, flags);
    return true;
}

static void map_or_panic(uint64_t va, mfn_t m, uint64_t flags)
{
    if (!map_page(va, m, flags))
        panic("no memory for the hypervisor's page tables");
}

mfn_t image_mfn(const void *in_image)
{
    return MFN((image_base.a + ((uint64_t)in_image - VA_IMAGE)) >> PAGE_SHIFT);
}

static void map_image(void)
{
    for (uint64_t va = (uint64_t)image_start; va < (uint64_t)image_end; va += PAGE_BYTES) {
        uint64_t flags = RIGHTS_DATA | nx;

        if (va < (uint64_t)text_end)
            flags = PTE_P | PTE_A | PTE_G;
        else if (va >= (uint64_t)rodata_start && va < (uint64_t)rodata_end)
            flags = PTE_P | PTE_A | PTE_G | nx;
        map_or_panic(va, image_mfn((void *)va), flags);
    }
    for (unsigned int page = 0; page < PERCPU_BLOCK_BYTES / PAGE_BYTES; page++)
        if (page != 1) /* the guard page below the main stack */
            map_or_panic(VA_PERCPU + page * PAGE_BYTES, image_mfn(boot_block + page * PAGE_BYTES),
                         RIGHTS_DATA | nx);
}

/* Direct map of [base, end): the largest pages that lie wholly inside. */
static void map_direct(uint64_t base, uint64_t end)
{
    while (base < end) {
        unsigned int level = 1;
        uint64_t step = PAGE_BYTES;
        uint64_t *entry;

        if (cpu_features.page_1g && IS_ALIGNED(base, GiB) && end - base >= GiB) {
            level = 3;
            step = GiB;
        } else if (IS_ALIGNED(base, 2 * MiB) && end - base >= 2 * MiB) {
            level = 2;
            step = 2 * MiB;
        }
        entry = entry_for(idle_l4, VA_DIRECT + base, level);
        if (!entry)
            panic("no memory for the direct map");
        *entry = base | RIGHTS_DATA | nx | (level > 1 ? PTE_PS : 0);
        base += step;
    }
}

static void map_ram(void)
{
    /* neighbours are joined so that large pages are used across ranges of different use */
    for (unsigned int i = 0; i < ram_range_count;) {
        uint64_t base = ram_ranges[i].base, end = base + ram_ranges[i].bytes;
        bool ram = ram_ranges[i].type == BOOT_RANGE_RAM;

        for (i++; i < ram_range_count && ram && ram_ranges[i].type == BOOT_RANGE_RAM &&
                  ram_ranges[i].base == end; i++)
            end += ram_ranges[i].bytes;
        if (ram)
            map_direct(base, end);
    }
}

static bool any_ram(uint64_t first, uint64_t end)
{
    for (unsigned int i = 0; i < ram_range_count; i++) {
        const struct ram_range *r = &ram_ranges[i];

        if (r->type == BOOT_RANGE_RAM && r->base >> PAGE_SHIFT < end &&
            (r->base + r->bytes) >> PAGE_SHIFT > first)
            return true;
    }
    return false;
}

/* The page of the frame table at @pages, for frames of which none is RAM. */
static void fill_no_ram(struct page *pages)
{
    for (uint64_t i = 0; i < PAGES_PER_PAGE; i++)
        pages[i] = (struct page){.count = NO_RAM};
}

static mfn_t boot_page(void)
{
    mfn_t m = ram_alloc_boot(1, 1);

    if (mfn_eq(m, MFN_NONE))
        panic("no memory for the hypervisor's page tables");
    return m;
}

/* The next pages of a table that has an entry for each frame; written after hvmap_activate(). */
static mfn_t frame_table_pages(uint64_t pages)
{
    mfn_t m = ram_alloc_boot_anywhere(pages);

    if (mfn_eq(m, MFN_NONE))
        panic("no memory for the frame tables");
    return m;
}

/* What stands for 2 MiB of such a table where there is no RAM: 512 times the same page. */
static mfn_t hole_table(mfn_t page, uint64_t flags)
{
    mfn_t table = boot_page();

    for (unsigned int i = 0; i < ENTRIES; i++)
        table_at(table)[i] = pte_make(page, flags);
    return table;
}

static void link_or_panic(uint64_t va, mfn_t table)
{
    uint64_t *entry = entry_for(idle_l4, va, 2);

    if (!entry)
        panic("no memory for the hypervisor's page tables");
    *entry = pte_make(table, LINK);
}

/* Frames the tables of the next step may consume must not disturb ram_ranges[] being walked, so
 * the tables are sized by frame number alone. */
static void map_frames(void)
{
    const uint64_t per_table = PAGES_PER_PAGE * ENTRIES, hole_flags = PTE_P | PTE_A | PTE_G | nx;
    mfn_t hole = boot_page(), holes = hole_table(hole, hole_flags);

    fill_no_ram((struct page *)table_at(hole));
    for (uint64_t first = 0; first < frame_limit; first += PAGES_PER_PAGE) {
        uint64_t va = (uint64_t)mfn_page(MFN(first));

        if (first % per_table == 0 && !any_ram(first, first + per_table)) {
            link_or_panic(va, holes);
            first += per_table - PAGES_PER_PAGE;
        } else if (!any_ram(first, first + PAGES_PER_PAGE)) {
            map_or_panic(va, hole, hole_flags);
        } else {
            map_or_panic(va, frame_table_pages(1), RIGHTS_DATA | nx);
        }
    }
}

/* In pieces of 2 MiB, for as many frames as there are in a GiB: the ABI names their first frames,
 * and whoever maps one expects the others to follow it. */
static void map_m2p(void)
{
    const uint64_t per_piece = M2P_PER_PAGE * ENTRIES;
    const uint64_t ro = PTE_P | PTE_US | PTE_A | PTE_G | nx, hole_rw = PTE_P | PTE_A | PTE_G | nx;
    mfn_t hole = boot_page(), holes_ro = hole_table(hole, ro), holes_rw = hole_table(hole, hole_rw);

    memset(table_at(hole), 0xff, PAGE_BYTES);
    m2p_hole = hole;
    for (uint64_t first = 0; first < frame_limit; first += per_piece) {
        uint64_t at = first * sizeof(uint64_t);
        mfn_t m;

        if (!any_ram(first, first + per_piece)) {
            link_or_panic(VA_M2P_RO + at, holes_ro);
            link_or_panic(VA_M2P_RW + at, holes_rw);
            continue;
        }
        m = frame_table_pages(ENTRIES);
        for (unsigned int i = 0; i < ENTRIES; i++) {
            map_or_panic(VA_M2P_RO + at + i * PAGE_BYTES, mfn_add(m, i), ro);
            map_or_panic(VA_M2P_RW + at + i * PAGE_BYTES, mfn_add(m, i), RIGHTS_DATA | nx);
        }
    }
}

mfn_t hvmap_m2p_piece(uint64_t n)
{
    uint64_t at = VA_M2P_RO + n * 2 * MiB;
    mfn_t m;

    if (n * M2P_PER_PAGE * ENTRIES >= frame_limit)
        return MFN_NONE;
    m = pte_mfn(*entry_for(idle_l4, at, 1));
    return mfn_eq(m, m2p_hole) ? MFN_NONE : m;
}

/* Nothing is anybody's yet, and the control domain may see that. */
static void init_m2p(void)
{
    for (uint64_t n = 0; n * M2P_PER_PAGE * ENTRIES < frame_limit; n++) {
        mfn_t m = hvmap_m2p_piece(n);

        if (mfn_eq(m, MFN_NONE))
            continue;
        memset((char *)VA_M2P_RW + n * 2 * MiB, 0xff, 2 * MiB);
        for (unsigned int i = 0; i < ENTRIES; i++)
            page_show(mfn_page(mfn_add(m, i)));
    }
}

/* Third-level tables for all our slots now, so that no top-level entry ever changes again. */
static void fill_slots(void)
{
    uint64_t *l4 = table_at(idle_l4);

    for (unsigned int slot = SLOT_FIRST; slot < SLOT_END; slot++) {
        uint64_t va = VA_HYPERVISOR_START + (uint64_t)(slot - SLOT_FIRST) * 512 * GiB;

        if (slot == SLOT_PERDOMAIN || (l4[slot] & PTE_P))
            continue;
        if (va >= VA_DIRECT + (frame_limit << PAGE_SHIFT))
            continue;
        if (!entry_for(idle_l4, va, 3))
            panic("no memory for the hypervisor's page tables");
    }
}

static void init_frames(void)
{
    for (uint64_t first = 0; first < frame_limit; first += PAGES_PER_PAGE)
        if (any_ram(first, first + PAGES_PER_PAGE))
            fill_no_ram(mfn_page(MFN(first)));
    for (unsigned int i = 0; i < ram_range_count; i++)
        if (ram_ranges[i].type == BOOT_RANGE_RAM)
            /* the first MiB counts as device memory: BIOS data that dom0's drivers look for */
            for (uint64_t m = max(ram_ranges[i].base, (uint64_t)MiB) >> PAGE_SHIFT;
                 m < (ram_ranges[i].base + ram_ranges[i].bytes) >> PAGE_SHIFT; m++)
                mfn_page(MFN(m))->count &= ~PAGE_NOT_RAM;
    init_m2p();
}

static void trampoline_tables(void)
{
    uint64_t *entry;

    trampoline_l4 = ram_alloc_boot(1, 1);
    if (mfn_eq(trampoline_l4, MFN_NONE))
        panic("no memory for the other CPUs' first page tables");
    memcpy(table_at(trampoline_l4), table_at(idle_l4), PAGE_BYTES);
    entry = entry_for(trampoline_l4, 0, 2);
    if (!entry)
        panic("no memory for the other CPUs' first page tables");
    *entry = PTE_P | PTE_RW | PTE_PS | PTE_A | PTE_D; /* the first 2 MiB at identity */
}

void hvmap_init(const struct boot_handover *handover)
{
    uint64_t lost;

    nx = cpu_features.nx ? PTE_NX : 0;
    lost = ram_cut_above(VA_DIRECT_END - VA_DIRECT);
    if (lost)
        log_warn("%lu MiB of RAM lie too high to be used", lost >> 20);
    frame_limit = ram_max_mfn();
    image_base = PADDR(handover->image.base);
    idle_l4 = table_alloc();
    if (mfn_eq(idle_l4, MFN_NONE))
        panic("no memory for the hypervisor's page tables");
    map_image();
    map_ram();
    map_frames();
    map_m2p();
    {
        mfn_t stub = ram_alloc_boot(1, 1);

        if (mfn_eq(stub, MFN_NONE))
            panic("no memory for system call entries");
        map_or_panic(VA_STUBS, stub, PTE_P | PTE_A | PTE_G);
        stub_page = direct_va(mfn_paddr(stub));
    }
    if (!entry_for(idle_l4, VA_DEVICES, 1))
        panic("no memory for the device map");
    fill_slots();
    trampoline_tables();
}

void hvmap_activate(void)
{
    cpu_self()->cr3 = idle_l4.n << PAGE_SHIFT;
    write_cr3(idle_l4.n << PAGE_SHIFT);
    direct_ready = true;
    init_frames();
}

void hvmap_heap_ready(void)
{
    heap_ready = true;
}

void *device_map(paddr_t base, uint64_t bytes, enum map_cache cache)
{
    static const uint64_t cache_bits[] = {
        [MAP_WB] = 0, [MAP_UC] = PTE_PCD | PTE_PWT, [MAP_WC] = PTE_PAT};
    uint64_t first = ROUND_DOWN(base.a, PAGE_BYTES);
    uint64_t end = ROUND_UP(base.a + bytes, PAGE_BYTES);
    uint64_t va, flags;
    void *result = NULL;

    if (end <= first || end - first > GiB * 8)
        return NULL;
    flags = spin_lock_irqsave(&map_lock);
    va = device_next;
    for (uint64_t at = first; at < end; at += PAGE_BYTES)
        if (!map_page(va + (at - first), MFN(at >> PAGE_SHIFT),
                      RIGHTS_DATA | nx | cache_bits[cache]))
            goto out;
    device_next = va + (end - first) + PAGE_BYTES; /* a hole behind each */
    result = (void *)(va + (base.a - first));
out:
    spin_unlock_irqrestore(&map_lock, flags);
    return result;
}

int hvmap_map_percpu(unsigned int cpu, unsigned int page, mfn_t m)
{
    uint64_t va = VA_PERCPU + (uint64_t)cpu * PERCPU_BLOCK_BYTES + page * PAGE_BYTES;

    return map_page(va, m, RIGHTS_DATA | nx) ? 0 : -1;
}

void *hvmap_stub(uint32_t offset)
{
    static void *more[64];
    unsigned int page = offset / PAGE_BYTES;

    if (page == 0)
        return (char *)stub_page + offset;
    if (!more[page - 1]) {
        void *fresh = heap_alloc_hyp(0);

        if (!fresh || !map_page(VA_STUBS + page * PAGE_BYTES, direct_mfn(fresh),
                                PTE_P | PTE_A | PTE_G))
            panic("no memory for system call entries");
        more[page - 1] = fresh;
    }
    return (char *)more[page - 1] + offset % PAGE_BYTES;
}

void hvmap_install(mfn_t l4, mfn_t perdomain_l3)
{
    uint64_t *to = frame_map(l4);
    const uint64_t *from = frame_map(idle_l4);

    memcpy(to + SLOT_FIRST, from + SLOT_FIRST, (SLOT_END - SLOT_FIRST) * sizeof(*to));
    to[SLOT_PERDOMAIN] = mfn_eq(perdomain_l3, MFN_NONE) ? 0 : pte_make(perdomain_l3, LINK);
    frame_unmap(from);
    frame_unmap(to);
}

mfn_t hvmap_idle_l4(void)
{
    return idle_l4;
}

paddr_t hvmap_trampoline_cr3(void)
{
    return mfn_paddr(trampoline_l4);
}

uint64_t hvmap_max_mfn(void)
{
    return frame_limit;
}
