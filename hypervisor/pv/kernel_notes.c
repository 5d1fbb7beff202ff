/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the Xen notes of a kernel (xen/elfnote.h, xen/features.h). */
#include "pv/kernel_notes.h"

#include "lib/string.h"
#include "mm/layout.h"

#include "abi/xen.h"

#include <xen/elfnote.h>
#include <xen/features.h>

static bool number(const struct elf_view *elf, uint32_t type, uint64_t *value)
{
    struct elf_note note;

    return elf_find_note(elf, "Xen", type, &note) && elf_note_number(&note, value);
}

static bool may_be_dom0(const struct elf_view *elf)
{
    uint64_t features = 0;

    return number(elf, XEN_ELFNOTE_SUPPORTED_FEATURES, &features) &&
           (features & (1u << XENFEAT_dom0));
}

static const char *segments_check(struct pv_kernel *k)
{
    struct elf_segment s;
    uint32_t cursor = 0;

    while (elf_next_segment(&k->elf, ELF_SEGMENT_LOAD, &cursor, &s)) {
        uint64_t end = s.load_address + s.memory_bytes - k->paddr_offset;

        if (s.load_address < k->paddr_offset || end < s.load_address - k->paddr_offset)
            return "a segment lies below the kernel's base";
        if (end > (1ULL << 30))
            return "the kernel reaches beyond 1 GiB";
        if ((end + 4095) >> 12 > k->end_pfn)
            k->end_pfn = (end + 4095) >> 12;
    }
    return k->end_pfn ? NULL : "the kernel has nothing to load";
}

const char *kernel_notes_read(struct pv_kernel *k, const void *file, size_t bytes)
{
    enum elf_fault fault;
    uint64_t value;

    memset(k, 0, sizeof(*k));
    fault = elf_open(&k->elf, file, bytes);
    if (fault != ELF_OK)
        return elf_fault_text(fault);
    if (!number(&k->elf, XEN_ELFNOTE_ENTRY, &k->entry))
        return "not a PV kernel: it has no ENTRY note";
    if (!number(&k->elf, XEN_ELFNOTE_VIRT_BASE, &k->virt_base))
        return "not a PV kernel: it has no VIRT_BASE note";
    if (!may_be_dom0(&k->elf))
        return "this kernel cannot be domain 0 (its notes do not offer the dom0 feature)";
    (void)number(&k->elf, XEN_ELFNOTE_PADDR_OFFSET, &k->paddr_offset);
    (void)number(&k->elf, XEN_ELFNOTE_INIT_P2M, &k->p2m_base);
    (void)number(&k->elf, XEN_ELFNOTE_HYPERCALL_PAGE, &k->hypercall_page);
    if (number(&k->elf, XEN_ELFNOTE_HV_START_LOW, &value) && value > VA_HYPERVISOR_START)
        return "the kernel wants part of the hypervisor's address space";
    if (number(&k->elf, XEN_ELFNOTE_MOD_START_PFN, &value))
        k->mod_start_pfn = value & 1;
    if (k->virt_base < VA_HYPERVISOR_END || (k->virt_base & 0x3fffff))
        return "the kernel's VIRT_BASE is not in the kernel half of the address space";
    if (!k->p2m_base)
        return "kernels without an INIT_P2M note are not supported as domain 0";
    if ((k->p2m_base & 0x7fffffffff) || k->p2m_base >= VA_HYPERVISOR_START)
        return "the kernel's INIT_P2M address is not a free top-level slot";
    return segments_check(k);
}
