/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building PVH dom0 (contract: xen/arch-x86/hvm/start_info.h; Xen docs, misc/pvh).
 *
 * What is always true here: every guest frame of dom0 is the machine frame of the same number, so
 * that devices, which know machine addresses only, reach what its drivers name to them. Its memory
 * is what the heap had in large pieces, the ramdisk where the loader left it, RAM below 1 MiB, and
 * the place that its kernel is linked for:
 *
 *   [kernel][start_info, modules, memory map, command line][ACPI tables]
 *
 * Device memory is mapped when it is first touched (hvm/hardware.c).
 */
#include "hvm/build_dom0.h"

#include "acpi/acpi.h"
#include "acpi/craft.h"
#include "console/log.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "domain/memory.h"
#include "hvm/dev/vioapic.h"
#include "hvm/hardware.h"
#include "hvm/hvm.h"
#include "hvm/pvh_map.h"
#include "hvm/start.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/ram.h"
#include "boot/handover.h"
#include "p2m/m2p.h"
#include "pv/build_dom0.h"

#define ACPI_PAGES    2
#define INFO_PAGES    (PVH_BUILD_BYTES / PAGE_BYTES - ACPI_PAGES)
#define CMDLINE_BYTES 2048
#define LOW_FRAMES    ((uint64_t)(MiB >> PAGE_SHIFT))

/* At least this much of dom0 lies where 32-bit devices reach it without help. */
#define LOW_PAGES (GiB >> PAGE_SHIFT)
#define LOW_BITS  32

#define RUNS_MAX 256
#define CHUNK_ORDER_LEAST P2M_ORDER_2M /* but for the last few frames */

/* The frame table's own size: all of RAM by 4 KiB entries, and as much again for devices and for
 * what other domains lend. Only what is needed is taken. */
#define POOL_PAGES(frames) ((frames) / 256 + 4096)

/* What lies in the information pages. */
struct info {
    struct hvm_start_info start;
    struct hvm_modlist_entry ramdisk;
    struct hvm_memmap_table_entry map[PVH_MAP_MAX];
    char cmdline[CMDLINE_BYTES];
};
static_assert(sizeof(struct info) <= INFO_PAGES * PAGE_BYTES, "it fits");

#define TABLES_MAX 128

struct tables {
    struct acpi_rsdp rsdp;
    char xsdt[sizeof(struct acpi_header) + TABLES_MAX * sizeof(uint64_t)] aligned(8);
    char madt[5 * KiB] aligned(8);
};
static_assert(sizeof(struct tables) <= ACPI_PAGES * PAGE_BYTES, "they fit");

struct plan {
    const struct pvh_kernel *kernel;
    uint64_t info, acpi;       /* physical addresses */
    uint64_t pages;            /* that dom0 has by now */
    struct pvh_run runs[RUNS_MAX];
    size_t count;
    struct pvh_map map;
    struct e820_entry e820[PVH_MAP_MAX]; /* the same for XENMEM_memory_map: older kernels ask */
    uint64_t tables[TABLES_MAX]; /* physical addresses of the ACPI tables that dom0 sees */
};

/* ---- memory ---- */

/* Frames @first to @first + @count become @d's. */
static bool give(struct domain *d, struct plan *p, mfn_t first, uint64_t count)
{
    if (p->count == RUNS_MAX)
        return false;
    d->lowest_mfn = min(d->lowest_mfn, first.n);
    d->highest_mfn = max(d->highest_mfn, first.n + count - 1);
    for (uint64_t i = 0; i < count; i++) {
        page_assign(mfn_page(mfn_add(first, i)), d->id, PAGE_ALLOCATED);
        m2p_set(mfn_add(first, i), first.n + i);
    }
    p->runs[p->count++] = (struct pvh_run){first.n, count};
    p->pages += count;
    return true;
}

/* Free RAM below 1 MiB, of which the heap knows nothing: it must not come there when dom0 gives a
 * frame up, so each has a reference for ever. */
static bool give_low(struct domain *d, struct plan *p)
{
    uint64_t trampoline = ram_trampoline_page() >> PAGE_SHIFT;

    for (unsigned int i = 0; i < ram_range_count; i++) {
        const struct ram_range *r = &ram_ranges[i];
        uint64_t end = min((r->base + r->bytes) >> PAGE_SHIFT, LOW_FRAMES);

        if (r->type != BOOT_RANGE_RAM || r->use != BOOT_USE_FREE)
            continue;
        for (uint64_t n = r->base >> PAGE_SHIFT; n < end; n++) {
            if (n == trampoline)
                continue;
            if (!give(d, p, MFN(n), 1))
                return false;
            page_ref(mfn_page(MFN(n)));
            p->count = pvh_runs_join(p->runs, p->count);
        }
    }
    return true;
}

/* Up to @pages more from the heap, in large pieces: how many it gave. */
static uint64_t give_heap(struct domain *d, struct plan *p, uint64_t pages, unsigned int bits)
{
    unsigned int most = HEAP_MAX_ORDER;
    uint64_t given = 0;

    while (given < pages) {
        unsigned int order = most;
        struct page *pg;

        while (BIT(order) > pages - given)
            order--;
        /* not cleared: dom0 may read all memory anyway, and most of it is overwritten now */
        while (!(pg = heap_alloc_dirty(order, bits)) && order > CHUNK_ORDER_LEAST)
            most = --order;
        if (!pg || !give(d, p, page_mfn(pg), BIT(order)))
            break;
        given += BIT(order);
    }
    return given;
}

static const char *give_memory(struct domain *d, struct plan *p, const struct dom0_source *s)
{
    mfn_t kernel = paddr_mfn(PADDR(p->kernel->first));
    uint64_t fixed = (p->kernel->end + PVH_BUILD_BYTES - p->kernel->first) >> PAGE_SHIFT;
    uint64_t rest, low, ramdisk = DIV_ROUND_UP(s->ramdisk_bytes, PAGE_BYTES);

    if (!give_low(d, p) || !give(d, p, kernel, fixed) ||
        (ramdisk && !give(d, p, paddr_mfn(s->ramdisk), ramdisk)))
        return "no memory for domain 0's kernel and ramdisk";
    if (p->pages >= s->pages)
        return "too little memory for domain 0: its kernel and ramdisk do not fit (see dom0_mem=)";
    rest = s->pages - p->pages;
    low = p->pages < LOW_PAGES ? LOW_PAGES - p->pages : 0;
    rest -= give_heap(d, p, min(rest, low), LOW_BITS);
    rest -= give_heap(d, p, rest, 0);
    if (rest)
        return "too little memory in large pieces for domain 0 (see dom0_mem=)";
    d->tot_pages = p->pages;
    p->count = pvh_runs_join(p->runs, p->count);
    return NULL;
}

/* The largest entry that fits at @frame of @count: memory lies at the same number on both sides. */
static uint8_t order_at(uint64_t frame, uint64_t count)
{
    static const uint8_t orders[] = {P2M_ORDER_1G, P2M_ORDER_2M};

    for (unsigned int i = 0; i < ARRAY_SIZE(orders); i++)
        if (IS_ALIGNED(frame, BIT(orders[i])) && count >= BIT(orders[i]))
            return orders[i];
    return P2M_ORDER_4K;
}

static const char *map_memory(struct domain *d, const struct plan *p)
{
    int rc = p2m_resize_pool(d->p2m, POOL_PAGES(ram_max_mfn()));

    for (size_t i = 0; i < p->count && !rc; i++) {
        uint64_t frame = p->runs[i].first, end = frame + p->runs[i].count;

        while (frame < end && !rc) {
            const struct p2m_entry e = {.mfn = MFN(frame),
                                        .type = P2M_RAM,
                                        .order = order_at(frame, end - frame),
                                        .cache = P2M_CACHE_WB};
            struct p2m_entry old;

            spin_lock(&d->p2m->lock);
            rc = p2m_set(d->p2m, frame, &e, &old);
            spin_unlock(&d->p2m->lock);
            frame += BIT(e.order);
        }
    }
    return rc ? "no memory for domain 0's frame table" : NULL;
}

/* ---- contents ---- */

static void load_kernel(const struct plan *p)
{
    struct elf_segment s;
    uint32_t cursor = 0;

    while (elf_next_segment(&p->kernel->elf, ELF_SEGMENT_LOAD, &cursor, &s)) {
        char *to = direct_va(PADDR(s.load_address));

        memcpy(to, s.data, s.file_bytes);
        memset(to + s.file_bytes, 0, s.memory_bytes - s.file_bytes);
    }
}

static const char *make_map(struct domain *d, struct plan *p)
{
    const struct pvh_run acpi = {p->acpi >> PAGE_SHIFT, ACPI_PAGES};
    uint64_t base, bytes;
    uint32_t type;

    for (unsigned int i = 0; ram_machine_map_entry(i, &base, &bytes, &type); i++)
        pvh_map_add(&p->map, base, bytes, type, p->runs, p->count, &acpi);
    if (p->map.count > PVH_MAP_MAX)
        return "domain 0's memory map has too many entries";
    for (unsigned int i = 0; i < p->map.count; i++)
        p->e820[i] = (struct e820_entry){.base = p->map.entry[i].addr,
                                         .bytes = p->map.entry[i].size,
                                         .type = p->map.entry[i].type};
    return memory_map_init(d, p->e820, p->map.count) ? "no memory for its map" : NULL;
}

static const char *fill_tables(struct plan *p, const struct domain *d)
{
    const struct acpi_craft_board board = {
        .vcpus = d->max_vcpus, .ioapic_address = VIOAPIC_BASE, .gsis = VIOAPIC_NUM_PINS};
    struct tables *t = direct_va(PADDR(p->acpi));
    const struct acpi_header *h, *like = NULL;
    uint64_t address;
    size_t count = 0;

    memset(t, 0, ACPI_PAGES * PAGE_BYTES);
    for (unsigned int i = 0; (h = acpi_table_number(i, &address)) != NULL; i++) {
        like = like ? like : h;
        if (count + 1 < TABLES_MAX && acpi_craft_shows(h->signature))
            p->tables[count++] = address;
    }
    p->tables[count++] = p->acpi + offsetof(struct tables, madt);
    if (!acpi_craft_madt(t->madt, sizeof(t->madt), &board, acpi_madt()) ||
        !acpi_craft_xsdt(t->xsdt, sizeof(t->xsdt), p->tables, count, like))
        return "its ACPI tables do not fit";
    acpi_craft_rsdp(&t->rsdp, p->acpi + offsetof(struct tables, xsdt), like);
    return NULL;
}

/*
 * What other domains lend dom0 is not at its machine address, whatever guest frame dom0 chooses for
 * it: without translation, devices must never be told of it. So the kernel is asked to have all DMA
 * go through buffers in memory of its own.
 */
static void fill_info(const struct plan *p, const struct domain *d, const struct dom0_source *s)
{
    struct info *in = direct_va(PADDR(p->info));

    memset(in, 0, INFO_PAGES * PAGE_BYTES);
    in->start = (struct hvm_start_info){
        .magic = XEN_HVM_START_MAGIC_VALUE,
        .version = 1,
        .flags = SIF_PRIVILEGED | SIF_INITDOMAIN,
        .nr_modules = s->ramdisk_bytes != 0,
        .modlist_paddr = s->ramdisk_bytes ? p->info + offsetof(struct info, ramdisk) : 0,
        .cmdline_paddr = p->info + offsetof(struct info, cmdline),
        .rsdp_paddr = acpi_rsdp_address() ? p->acpi + offsetof(struct tables, rsdp) : 0,
        .memmap_paddr = p->info + offsetof(struct info, map),
        .memmap_entries = p->map.count,
    };
    in->ramdisk = (struct hvm_modlist_entry){.paddr = s->ramdisk.a, .size = s->ramdisk_bytes};
    memcpy(in->map, p->map.entry, p->map.count * sizeof(in->map[0]));
    strlcpy(in->cmdline, s->cmdline, sizeof(in->cmdline));
    if (d->is_direct && !strstr(in->cmdline, "swiotlb="))
        strlcpy(in->cmdline + strlen(in->cmdline), " swiotlb=force",
                sizeof(in->cmdline) - strlen(in->cmdline));
}

static void report(const struct domain *d, const struct plan *p, const struct dom0_source *s)
{
    log_info("d%u: PVH kernel %#lx-%#lx entry %#lx, start_info %#lx, ACPI tables %#lx", d->id,
             p->kernel->first, p->kernel->end, p->kernel->entry, p->info, p->acpi);
    log_info("d%u: %lu MiB in %zu pieces, ramdisk %lu KiB at %#lx", d->id, p->pages >> 8, p->count,
             s->ramdisk_bytes >> 10, s->ramdisk.a);
}

const char *pvh_build_dom0(struct domain *d, const struct pvh_kernel *k,
                           const struct dom0_source *source)
{
    static struct plan plan;
    const char *wrong;

    d->is_direct = !hardware_dma_translated(d);
    plan.kernel = k;
    plan.info = k->end;
    plan.acpi = plan.info + INFO_PAGES * PAGE_BYTES;
    wrong = give_memory(d, &plan, source);
    if (!wrong)
        wrong = map_memory(d, &plan);
    if (!wrong && hardware_init(d))
        wrong = "no memory for domain 0's devices";
    if (!wrong)
        wrong = make_map(d, &plan);
    if (!wrong)
        wrong = fill_tables(&plan, d);
    if (wrong)
        return wrong;
    load_kernel(&plan);
    fill_info(&plan, d, source);
    report(d, &plan, source);
    hvm_start_pvh(d->vcpus[0], (uint32_t)k->entry, (uint32_t)plan.info);
    return NULL;
}
