/* SPDX-License-Identifier: BSD-2-Clause */
/* dom0: how big, with which rights, from which files. */
#include "start/dom0.h"

#include "acpi/acpi.h"
#include "boot/handover.h"
#include "console/log.h"
#include "console/screen.h"
#include "console/uart.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "domain/domain.h"
#include "hvm/build_dom0.h"
#include "hvm/hvm.h"
#include "irq/irq.h"
#include "lib/bits.h"
#include "lib/range_set.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "pv/build_dom0.h"
#include "pv/pv.h"
#include "sched/sched.h"
#include "start/cmdline.h"
#include "start/configure.h"
#include "start/memmap.h"
#include "time/time.h"

#include <xen/xen.h>

static void allow(struct range_set *set, uint64_t first, uint64_t last)
{
    if (range_set_add(set, first, last))
        panic("no memory for domain 0's rights");
}

static void deny(struct range_set *set, uint64_t first, uint64_t last)
{
    if (range_set_remove(set, first, last))
        panic("no memory for domain 0's rights");
}

/* Everything but what the hypervisor drives itself. The HPET is dom0's: it only serves to measure
 * the TSC at boot, and ACPI code reads its registers. */
static void give_rights(struct domain *d)
{
    const struct acpi_madt *madt = acpi_madt();
    struct acpi_register pm_timer;
    unsigned int bits;

    allow(d->ioports, 0, 0xffff);
    deny(d->ioports, 0x20, 0x21); /* 8259 */
    deny(d->ioports, 0xa0, 0xa1);
    deny(d->ioports, 0x40, 0x43); /* 8254 */
    deny(d->ioports, 0x22, 0x23); /* IMCR */
    for (unsigned int i = 0; i < UART_MAX && uart_base(i); i++)
        deny(d->ioports, uart_base(i), uart_base(i) + 7u);
    if (acpi_pm_timer(&pm_timer, &bits) && pm_timer.space == ACPI_SPACE_IO)
        deny(d->ioports, pm_timer.address, pm_timer.address + 3);
    allow(d->iomem, 0, (1ULL << (52 - PAGE_SHIFT)) - 1);
    deny(d->iomem, 0xfee00, 0xfeeff);
    if (d->is_translated && acpi_hpet_base()) /* not shown in its ACPI tables */
        deny(d->iomem, acpi_hpet_base() >> PAGE_SHIFT, acpi_hpet_base() >> PAGE_SHIFT);
    for (size_t i = 0; i < madt->ioapic_count; i++)
        deny(d->iomem, madt->ioapics[i].address >> PAGE_SHIFT,
             madt->ioapics[i].address >> PAGE_SHIFT);
    if (irq_gsi_count())
        allow(d->irqs, 0, irq_gsi_count() - 1);
    if (!d->is_translated && pv_ports_changed(d))
        panic("no memory for domain 0's port map");
}

/* Contract: linux dom0 reads struct dom0_vga_console_info behind start_info. */
static void fill_vga(struct dom0_vga_console_info *vga, const struct boot_screen *s)
{
    memset(vga, 0, sizeof(*vga));
    switch (s->kind) {
    case BOOT_SCREEN_LINEAR:
        vga->video_type = s->from_efi ? XEN_VGATYPE_EFI_LFB : XEN_VGATYPE_VESA_LFB;
        vga->u.vesa_lfb.width = (uint16_t)s->width;
        vga->u.vesa_lfb.height = (uint16_t)s->height;
        vga->u.vesa_lfb.bytes_per_line = (uint16_t)s->pitch_bytes;
        vga->u.vesa_lfb.bits_per_pixel = (uint16_t)s->bits_per_pixel;
        vga->u.vesa_lfb.lfb_base = (uint32_t)s->base;
        vga->u.vesa_lfb.ext_lfb_base = (uint32_t)(s->base >> 32);
        vga->u.vesa_lfb.lfb_size = (uint32_t)((s->bytes + 0xffff) >> 16);
        vga->u.vesa_lfb.red_pos = s->red_pos;
        vga->u.vesa_lfb.red_size = s->red_bits;
        vga->u.vesa_lfb.green_pos = s->green_pos;
        vga->u.vesa_lfb.green_size = s->green_bits;
        vga->u.vesa_lfb.blue_pos = s->blue_pos;
        vga->u.vesa_lfb.blue_size = s->blue_bits;
        break;
    default:
        vga->video_type = XEN_VGATYPE_TEXT_MODE_3;
        vga->u.text_mode_3.font_height = 16;
        vga->u.text_mode_3.rows = 25;
        vga->u.text_mode_3.columns = 80;
        break;
    }
}

/* ---- PVH ---- */

static struct pvh_kernel pvh_kernel;
static bool is_pvh; /* dom0 becomes a PVH guest */

/* What can go from where the kernel is to lie: files are moved or done with by then. */
#define MOVABLE (1u << BOOT_USE_KERNEL | 1u << BOOT_USE_LOADER | 1u << BOOT_USE_RAMDISK)
#define FREE    (1u << BOOT_USE_FREE)

static uint64_t pvh_bytes(void)
{
    return pvh_kernel.end - pvh_kernel.first + PVH_BUILD_BYTES;
}

void dom0_reserve(const struct boot_handover *h, const struct options *options)
{
    const char *wrong;

    if (!options->dom0_pvh || !h->kernel.bytes)
        return;
    wrong = pvh_kernel_read(&pvh_kernel, direct_va(PADDR(h->kernel.base)), h->kernel.bytes);
    if (!wrong && ((memmap_uses(pvh_kernel.first, pvh_bytes()) & ~(MOVABLE | FREE)) ||
                   !memmap_reserve(pvh_kernel.first, pvh_bytes(), FREE, BOOT_USE_DOM0)))
        wrong = "memory that the kernel is linked for is in use, or is none";
    is_pvh = !wrong;
    if (wrong)
        log_error("dom0=pvh: %s", wrong);
}

/* Move the file of @bytes at @base if it is in the kernel's way or ends above @limit: where it is
 * then; 0: no memory. */
static uint64_t move_away(uint64_t base, uint64_t bytes, uint64_t limit)
{
    uint64_t pages = DIV_ROUND_UP(bytes, PAGE_BYTES);
    struct page *pg;
    paddr_t to;

    if (!bytes || (base + bytes <= limit && (base >= pvh_kernel.first + pvh_bytes() ||
                                             base + bytes <= pvh_kernel.first)))
        return base;
    pg = heap_alloc_dirty(order_of(bytes), limit == 4 * GiB ? 32 : 0);
    if (!pg)
        return 0;
    for (uint64_t i = pages; i < BIT(order_of(bytes)); i++)
        heap_free(pg + i, 0);
    to = mfn_paddr(page_mfn(pg));
    memcpy(direct_va(to), direct_va(PADDR(base)), bytes);
    return to.a;
}

static const char *build_pvh(struct domain *d, const struct boot_handover *h,
                             struct dom0_source *source)
{
    uint64_t kernel = move_away(h->kernel.base, h->kernel.bytes, UINT64_MAX);
    /* Linux takes only 32 bits of its place from start_info */
    uint64_t ramdisk = move_away(source->ramdisk.a, source->ramdisk_bytes, 4 * GiB);
    const char *wrong;

    if (!kernel || (source->ramdisk_bytes && !ramdisk))
        return "no memory to move its files to";
    wrong = pvh_kernel_read(&pvh_kernel, direct_va(PADDR(kernel)), h->kernel.bytes);
    source->ramdisk = PADDR(ramdisk);
    if (!wrong && !memmap_reserve(pvh_kernel.first, pvh_bytes(), MOVABLE, BOOT_USE_DOM0))
        wrong = "the memory map has too many entries";
    if (!wrong)
        wrong = pvh_build_dom0(d, &pvh_kernel, source);
    for (uint64_t at = 0; kernel != h->kernel.base && at < h->kernel.bytes; at += PAGE_BYTES)
        heap_free(mfn_page(paddr_mfn(PADDR(kernel + at))), 0);
    if (ramdisk != h->ramdisk.base)
        memmap_free_use(BOOT_USE_RAMDISK);
    return wrong;
}

/* A machine that cannot do it runs domain 0 as it always can, and says so. */
static void decide_kind(const struct options *options)
{
    if (is_pvh && !hvm_enabled) {
        log_error("dom0=pvh: there is no hardware virtualisation to use");
        is_pvh = false;
        memmap_free_use(BOOT_USE_DOM0);
    }
    if (options->dom0_pvh && !is_pvh)
        log_error("domain 0 becomes a PV guest");
}

static struct domain *create(const struct options *options)
{
    struct xen_domctl_createdomain config = {
        .flags = is_pvh ? XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap : 0,
        .arch.emulation_flags =
            is_pvh ? XEN_X86_EMU_LAPIC | XEN_X86_EMU_IOAPIC | XEN_X86_EMU_VPCI : 0,
        .max_vcpus = cmdline_dom0_vcpus(options, cpumask_weight(&cpus_online)),
        .max_evtchn_port = ~0u,
        .max_grant_frames = -1,
        .max_maptrack_frames = -1,
        .grant_opts = XEN_DOMCTL_GRANT_version(2),
    };
    struct domain *d;

    if (is_pvh)
        config.max_vcpus = min(config.max_vcpus, (uint32_t)IOREQ_VCPUS);
    if (domain_create(0, &config, true, &d))
        panic("no memory for domain 0");
    domain_control = d;
    for (uint32_t id = 0; id < config.max_vcpus; id++)
        if (vcpu_create(d, id))
            panic("no memory for domain 0's vCPU %u", id);
    configure_dom0_affinity(d, options);
    return d;
}

static void size_memory(struct domain *d, const struct options *options, uint64_t ramdisk_bytes,
                        struct dom0_source *source)
{
    uint64_t initial, maximum;
    /* what is free now, and the ramdisk's frames, which become dom0's; keep some for ourselves */
    uint64_t available = (heap_free_pages() << PAGE_SHIFT) + ramdisk_bytes;
    uint64_t reserve = min((uint64_t)(32 * MiB), available / 16);

    cmdline_dom0_memory(options, memmap_ram_bytes(), &initial, &maximum);
    if (initial > available - reserve) {
        log_warn("dom0_mem: only %lu MiB are available", (available - reserve) >> 20);
        initial = available - reserve;
    }
    source->pages = initial >> PAGE_SHIFT;
    d->max_pages = max(maximum >> PAGE_SHIFT, source->pages);
}

void start_dom0(const struct boot_handover *handover, const struct options *options)
{
    static char kernel_cmdline[1024];
    struct dom0_vga_console_info vga;
    struct dom0_source source = {
        .kernel = direct_va(PADDR(handover->kernel.base)),
        .kernel_bytes = handover->kernel.bytes,
        .cmdline = kernel_cmdline,
        .ramdisk = PADDR(handover->ramdisk.base),
        .ramdisk_bytes = handover->ramdisk.bytes,
        .vga_info = &vga,
        .vga_info_bytes = sizeof(vga),
    };
    struct domain *d;
    const char *wrong;

    if (!handover->kernel.bytes)
        panic("the loader brought no kernel for domain 0");
    decide_kind(options);
    if (handover->kernel_cmdline.bytes)
        strlcpy(kernel_cmdline, direct_va(PADDR(handover->kernel_cmdline.base)),
                sizeof(kernel_cmdline));
    fill_vga(&vga, &handover->screen);
    d = create(options);
    give_rights(d);
    size_memory(d, options, handover->ramdisk.bytes, &source);
    wrong = is_pvh ? build_pvh(d, handover, &source) : pv_build_dom0(d, &source);
    if (wrong)
        panic("domain 0: %s", wrong);
    memmap_free_use(BOOT_USE_KERNEL);
    memmap_free_use(BOOT_USE_LOADER);
    time_publish_wallclock(d);
    domain_publish(d);
    log_info("Domain 0: %u vCPUs, %lu MiB; %lu MiB free", d->max_vcpus, d->tot_pages >> 8,
             heap_free_pages() >> 8);
    if (!options->vga_keep)
        screen_release();
    d->vcpus[0]->down = 0;
    if (domain_unpause_by_controller(d))
        panic("domain 0 was not paused");
}
