/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UEFI runtime services.
 *
 * What is always true here:
 *  - Firmware runs in an address space of its own (efi/map.c), on a stack of its own, with
 *    interrupts off. The stack is a block like a CPU's (cpu/percpu.h) with a copy of the CPU's data
 *    at its bottom: handlers of faults in firmware, and of interrupts should it let them in, find
 *    there what they look for.
 *  - SetVirtualAddressMap is never called, so firmware goes on using physical addresses; what we
 *    pass lies in the hypervisor's half, which that address space has too.
 *  - Only one CPU is in firmware at a time.
 *  - Firmware may use the FPU's registers: the current vCPU's are saved before and loaded after.
 */
#include "efi/runtime.h"

#include "boot/handover.h"
#include "console/log.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "cpu/xstate.h"
#include "domain/vcpu.h"
#include "efi/map.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/pool.h"
#include "mm/tlb.h"
#include "sync/spinlock.h"

#define BLOCK_ORDER 3 /* PERCPU_BLOCK_BYTES; 24 KiB of it are stack: UEFI 2.10, 2.3.4 wants 4 */
#define VENDOR_CHARS 100
#define DESCRIPTORS_MAX 4096

static bool present;
static struct efi_system_table system_table;
static struct efi_runtime_table runtime;
static struct efi_memory_descriptor *memory;
static uint32_t memory_count;
static uint16_t vendor[VENDOR_CHARS + 1];
static mfn_t l4;
static struct percpu *block; /* (r) [call_lock] NULL: services are not used */
static struct spinlock call_lock = SPINLOCK_INIT(LOCK_DEVICE);

uint64_t efi_call(uint64_t function, const uint64_t args[6], void *stack);

bool efi_present(void)
{
    return present;
}

uint32_t efi_revision(void)
{
    return system_table.header.revision;
}

uint32_t efi_runtime_revision(void)
{
    return runtime.header.revision;
}

uint32_t efi_vendor_revision(void)
{
    return system_table.vendor_revision;
}

uint64_t efi_config_table(uint64_t *count)
{
    *count = system_table.config_count;
    return system_table.config_table;
}

const uint16_t *efi_vendor(uint32_t *bytes)
{
    uint32_t chars = 0;

    while (vendor[chars])
        chars++;
    *bytes = (chars + 1) * sizeof(vendor[0]);
    return vendor;
}

const struct efi_memory_descriptor *efi_memory_at(uint64_t pa)
{
    for (uint32_t i = 0; i < memory_count; i++)
        if (pa >= memory[i].physical_start &&
            (pa - memory[i].physical_start) >> PAGE_SHIFT < memory[i].pages)
            return &memory[i];
    return NULL;
}

/* Copy @bytes of firmware memory at @pa, if the memory map knows all of it. */
static bool read_firmware(void *to, uint64_t pa, uint64_t bytes)
{
    const struct efi_memory_descriptor *d = efi_memory_at(pa);
    const void *at;

    if (!d || (d->pages << PAGE_SHIFT) - (pa - d->physical_start) < bytes)
        return false;
    at = device_map(PADDR(pa), bytes, MAP_WB);
    if (!at)
        return false;
    memcpy(to, at, bytes);
    return true;
}

static bool copy_memory_map(const struct boot_efi *boot)
{
    uint64_t step = boot->descriptor_bytes;
    uint64_t count = step >= sizeof(*memory) ? boot->memory_map.bytes / step : 0;

    if (!count || count > DESCRIPTORS_MAX)
        return false;
    memory = pool_array(struct efi_memory_descriptor, count);
    if (!memory)
        return false;
    for (uint64_t i = 0; i < count; i++)
        memcpy(&memory[i], direct_va(PADDR(boot->memory_map.base + i * step)), sizeof(*memory));
    memory_count = (uint32_t)count;
    return true;
}

static bool read_tables(uint64_t pa)
{
    return read_firmware(&system_table, pa, sizeof(system_table)) &&
           system_table.header.signature == EFI_SYSTEM_TABLE_SIGNATURE &&
           read_firmware(&runtime, system_table.runtime_services, sizeof(runtime)) &&
           runtime.header.signature == EFI_RUNTIME_TABLE_SIGNATURE;
}

/* The services' code and data; without them the tables are still of use to dom0. */
static bool prepare_calls(void)
{
    struct percpu *made = heap_alloc_hyp(BLOCK_ORDER);

    static_assert(PAGE_BYTES << BLOCK_ORDER == PERCPU_BLOCK_BYTES, "cpu_self() finds the block");
    l4 = efi_map_create();
    if (!made || mfn_eq(l4, MFN_NONE))
        return false;
    for (uint32_t i = 0; i < memory_count; i++)
        if ((memory[i].attribute & EFI_MEMORY_RUNTIME) && efi_map_add(l4, &memory[i]))
            return false;
    block = made;
    return true;
}

void efi_init(const struct boot_efi *boot)
{
    if (!boot->system_table)
        return;
    if (!copy_memory_map(boot) || !read_tables(boot->system_table)) {
        log_warn("EFI tables at %#lx make no sense: EFI is not used", boot->system_table);
        return;
    }
    if (!read_firmware(vendor, system_table.vendor, VENDOR_CHARS * sizeof(vendor[0])))
        vendor[0] = 0;
    present = true;
    if (!prepare_calls())
        log_warn("EFI runtime services cannot be mapped: they are not used");
    log_info("EFI %u.%u", efi_revision() >> 16, efi_revision() & 0xffff);
}

/* FCW and MXCSR as UEFI 2.10, 2.3.4 wants them. */
static void fpu_for_firmware(void)
{
    static const uint32_t mxcsr = 0x1f80;

    __asm__ volatile("fninit; ldmxcsr %0" ::"m"(mxcsr));
}

/* The descriptor tables of the current domain's vCPUs are in its own slot: an NMI needs them. */
static void share_perdomain_slot(uint64_t cr3)
{
    const uint64_t *from = frame_map(paddr_mfn(PADDR(cr3)));
    uint64_t *to = frame_map(l4);

    to[SLOT_PERDOMAIN] = from[SLOT_PERDOMAIN];
    frame_unmap(to);
    frame_unmap(from);
}

/* Is there such a service, in memory that is mapped for it? */
static bool can_call(enum efi_service service)
{
    const struct efi_memory_descriptor *d;

    if (!present || !block || service >= EFI_SERVICES)
        return false;
    d = efi_memory_at(runtime.service[service]);
    return d && (d->attribute & EFI_MEMORY_RUNTIME);
}

/* In firmware's address space and back. call_lock held, interrupts off. */
static uint64_t run(uint64_t function, const uint64_t args[6])
{
    struct percpu *self = cpu_self();
    uint64_t status, cr3 = self->cr3;

    share_perdomain_slot(cr3);
    tlb_load_cr3(mfn_paddr(l4).a);
    *block = *self;
    status = efi_call(function, args, (uint8_t *)block + PERCPU_BLOCK_BYTES);
    irq_disable(); /* whatever it did */
    __atomic_fetch_or(&self->softirq_pending, block->softirq_pending, __ATOMIC_SEQ_CST);
    tlb_load_cr3(cr3);
    return status;
}

/* The same around the state that firmware may use as it likes. call_lock held. */
static uint64_t call(enum efi_service service, const uint64_t args[6])
{
    struct vcpu *v = vcpu_current();
    uint64_t flags = irq_save(), status, cr0 = read_cr0();

    write_cr0(cr0 & ~CR0_TS); /* dom0 may have set it */
    if (!v->is_idle)
        xstate_save(v);
    fpu_for_firmware();
    status = run(runtime.service[service], args);
    if (!v->is_idle)
        xstate_load(v);
    write_cr0(cr0);
    irq_restore(flags);
    return status;
}

uint64_t efi_call_service(enum efi_service service, const uint64_t args[6])
{
    uint64_t status;

    if (!can_call(service))
        return EFI_UNSUPPORTED;
    spin_lock(&call_lock);
    status = call(service, args);
    spin_unlock(&call_lock);
    return status;
}

void efi_reset(bool warm)
{
    /* type, status, no data (UEFI 2.10, 8.5.1) */
    const uint64_t args[6] = {warm ? EFI_RESET_WARM : EFI_RESET_COLD, 0, 0, 0};

    /* Whoever was stopped in the firmware has the lock for ever. */
    if (vcpu_current() && can_call(EFI_RESET_SYSTEM) && spin_trylock(&call_lock))
        (void)call(EFI_RESET_SYSTEM, args);
}
