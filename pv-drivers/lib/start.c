/* SPDX-License-Identifier: BSD-2-Clause */
/* From the first C function to the kernel's pv_main(). */
#include "pv-drivers/lib/start.h"

#include <xen/arch-x86/cpuid.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

#include "pv-drivers/lib/console.h"
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/grant.h"
#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/memory.h"
#include "pv-drivers/lib/smp.h"
#include "pv-drivers/lib/text.h"
#include "pv-drivers/lib/xenstore.h"

#define PTE_RW 0x67 /* present, writable, user, accessed, dirty */
#define SPARE_ALIGN 1024 /* frames: the domain builder maps PV kernels in steps of 4 MiB */
#define BUILDER_SLACK 128 /* frames: and at least 512 KiB more than it filled */

struct pv_guest pv_guest;

extern uint8_t pv_hypercall_page[PV_PAGE_BYTES], pv_image_end[];
void pv_start(void *info, bool is_pv);

static uint8_t shared_info_page[PV_PAGE_BYTES] __attribute__((__aligned__(PV_PAGE_BYTES)));
static uint8_t grant_pages[PV_GRANT_FRAMES][PV_PAGE_BYTES]
    __attribute__((__aligned__(PV_PAGE_BYTES)));

/* ---- the end ---- */

void pv_shutdown(unsigned int reason)
{
    struct sched_shutdown how = {.reason = reason};

    for (;;)
        (void)pv_sched_op(SCHEDOP_shutdown, &how);
}

void pv_panic(const char *format, ...)
{
    char text[256];
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(text, sizeof(text) - 1, format, args);
    va_end(args);
    if (length > (int)sizeof(text) - 2)
        length = sizeof(text) - 2;
    text[length++] = '\n';
    (void)pv_hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, (uint64_t)length,
                       (uintptr_t)text, 0, 0);
    pv_console_write(text, (size_t)length);
    pv_shutdown(SHUTDOWN_crash);
}

/* ---- PV ---- */

static int map_frame(void *page, uint64_t machine_frame)
{
    return (int)pv_hypercall(__HYPERVISOR_update_va_mapping, (uintptr_t)page,
                             machine_frame << PV_PAGE_SHIFT | PTE_RW, UVMF_INVLPG, 0, 0);
}

static void start_pv(const struct start_info *info, uint64_t *store, uint64_t *console)
{
    xen_pfn_t frames[PV_GRANT_FRAMES];
    struct gnttab_setup_table grants = {.dom = DOMID_SELF, .nr_frames = PV_GRANT_FRAMES};
    uint64_t last;

    pv_cpu_init(pv_starting);
    pv_guest.frames = (uint64_t *)info->mfn_list;
    pv_guest.command_line = (const char *)info->cmd_line;
    pv_guest.pages = info->nr_pages;
    pv_guest.tables = info->pt_base;
    if (map_frame(shared_info_page, info->shared_info >> PV_PAGE_SHIFT))
        pv_panic("pv: no shared info");
    set_xen_guest_handle(grants.frame_list, frames);
    if (pv_grant_op(GNTTABOP_setup_table, &grants, 1) || grants.status)
        pv_panic("pv: no grant table, status %d", grants.status);
    for (unsigned int i = 0; i < PV_GRANT_FRAMES; i++)
        if (map_frame(grant_pages[i], frames[i]))
            pv_panic("pv: grant table frame %u is not mapped", i);
    /* the page tables are the last the builder made, then comes the stack */
    last = ((info->pt_base & 0x7fffffff) >> PV_PAGE_SHIFT) + info->nr_pt_frames;
    pv_guest.spare = (last + 1 + BUILDER_SLACK + SPARE_ALIGN) & ~(SPARE_ALIGN - 1ul);
    pv_guest.spare_end = info->nr_pages;
    store[0] = info->store_mfn;
    store[1] = info->store_evtchn;
    console[0] = info->console.domU.mfn;
    console[1] = info->console.domU.evtchn;
}

/* ---- PVH and HVM ---- */

static void cpuid(uint32_t leaf, uint32_t out[4])
{
    __asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
                     : "0"(leaf), "2"(0));
}

/* The hypervisor's leaves may stand behind those of another interface, 256 higher each time. */
static void fill_hypercall_page(void)
{
    uint64_t physical = (uintptr_t)pv_hypercall_page & 0x7fffffff;
    uint32_t leaf = 0x40000000, out[4];

    for (cpuid(leaf, out); out[1] != XEN_CPUID_SIGNATURE_EBX ||
                           out[2] != XEN_CPUID_SIGNATURE_ECX ||
                           out[3] != XEN_CPUID_SIGNATURE_EDX;
         cpuid(leaf, out))
        if ((leaf += 0x100) == 0x40010000)
            for (;;)
                __asm__ volatile("hlt"); /* nobody to tell */
    cpuid(leaf + 2, out);
    __asm__ volatile("wrmsr" ::"c"(out[1]), "a"((uint32_t)physical), "d"(0) : "memory");
}

static uint64_t parameter(uint32_t index)
{
    struct xen_hvm_param p = {.domid = DOMID_SELF, .index = index};

    if (pv_hypercall(__HYPERVISOR_hvm_op, HVMOP_get_param, (uintptr_t)&p, 0, 0, 0))
        pv_panic("pv: no parameter %u", index);
    return p.value;
}

/* Tell the toolstack that there are PV drivers: it asks HVM guests to shut down only then. */
static void set_callback(void)
{
    struct xen_hvm_param p = {.domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ,
                              .value = (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 |
                                       PV_CALLBACK_VECTOR};

    if (pv_hypercall(__HYPERVISOR_hvm_op, HVMOP_set_param, (uintptr_t)&p, 0, 0, 0))
        pv_panic("pv: no callback");
}

static void share(void *page, unsigned int space, unsigned int index)
{
    struct xen_add_to_physmap add = {.domid = DOMID_SELF, .space = space, .idx = index,
                                     .gpfn = pv_frame_of(page)};

    if (pv_memory_op(XENMEM_add_to_physmap, &add))
        pv_panic("pv: no shared frame %u of kind %u", index, space);
}

/* RAM that starts below the image and ends behind it; what the toolstack put there follows it. */
static void find_memory(const struct hvm_start_info *info)
{
    const struct hvm_memmap_table_entry *map = (const void *)info->memmap_paddr;
    uint64_t image = (uintptr_t)pv_image_end & 0x7fffffff;

    for (uint32_t i = 0; info->version >= 1 && i < info->memmap_entries; i++) {
        if (map[i].type != XEN_HVM_MEMMAP_TYPE_RAM)
            continue;
        pv_guest.pages += map[i].size >> PV_PAGE_SHIFT;
        if (map[i].addr <= image && map[i].addr + map[i].size > image)
            pv_guest.spare_end = (map[i].addr + map[i].size) >> PV_PAGE_SHIFT;
    }
    pv_guest.spare = ((image >> PV_PAGE_SHIFT) + BUILDER_SLACK + SPARE_ALIGN) &
                     ~(SPARE_ALIGN - 1ul);
}

/* Firmware leaves interrupt controllers that send the timer's ticks; PVH guests have none to
 * mind. */
static void mask_interrupts(void)
{
    __asm__ volatile("outb %%al, $0x21\n outb %%al, $0xa1" ::"a"(0xff));
}

static void start_hvm(const struct hvm_start_info *info, uint64_t *store, uint64_t *console)
{
    fill_hypercall_page();
    pv_cpu_init(pv_starting);
    mask_interrupts();
    if (info->magic != XEN_HVM_START_MAGIC_VALUE)
        pv_panic("pv: start info has magic %#x", info->magic);
    pv_guest.command_line = info->cmdline_paddr ? (const char *)info->cmdline_paddr : "";
    find_memory(info);
    set_callback();
    share(shared_info_page, XENMAPSPACE_shared_info, 0);
    for (unsigned int i = 0; i < PV_GRANT_FRAMES; i++)
        share(grant_pages[i], XENMAPSPACE_grant_table, i);
    store[0] = parameter(HVM_PARAM_STORE_PFN);
    store[1] = parameter(HVM_PARAM_STORE_EVTCHN);
    console[0] = parameter(HVM_PARAM_CONSOLE_PFN);
    console[1] = parameter(HVM_PARAM_CONSOLE_EVTCHN);
}

/* ---- both ---- */

/* The first word of the command line that begins with @start and, if it is to be @whole, is no
 * longer; what follows that. */
static const char *find_word(const char *start, bool whole)
{
    size_t length = strlen(start);

    for (const char *at = pv_guest.command_line; *at; at++) {
        if (strncmp(at, start, length) == 0 && (!whole || at[length] == ' ' || !at[length]))
            return at + length;
        while (*at && *at != ' ')
            at++;
        if (!*at)
            break;
    }
    return NULL;
}

bool pv_has_word(const char *word)
{
    return find_word(word, true);
}

const char *pv_option(const char *start)
{
    return find_word(start, false);
}

void pv_start(void *info, bool is_pv)
{
    uint64_t store[2], console[2];
    int rc;

    pv_guest.is_pv = is_pv;
    if (is_pv)
        start_pv(info, store, console);
    else
        start_hvm(info, store, console);
    pv_guest.shared_info = (shared_info_t *)shared_info_page;
    pv_guest.shared_info->vcpu_info[0].evtchn_upcall_mask = is_pv;
    /* (a command line can ask for the older ABI) */
    rc = pv_event_init(!pv_has_word("events=2l"));
    if (rc)
        pv_panic("pv: no events: %d", rc);
    pv_console_init(pv_frame_map(console[0]), (evtchn_port_t)console[1]);
    pv_grant_init((struct grant_entry_v1 *)grant_pages);
    rc = pv_xenstore_init(pv_frame_map(store[0]), (evtchn_port_t)store[1]);
    if (rc)
        pv_panic("pv: no xenstore: %d", rc);
    pv_main();
    pv_shutdown(SHUTDOWN_poweroff);
}
