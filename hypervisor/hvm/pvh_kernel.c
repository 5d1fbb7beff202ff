/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the Xen notes of a kernel that starts as a PVH guest. */
#include "hvm/pvh_kernel.h"

#include "lib/bits.h"
#include "lib/string.h"

#include "abi/xen.h"

#include <xen/elfnote.h>
#include <xen/features.h>

#define PAGE 4096ULL

static bool number(const struct elf_view *elf, uint32_t type, uint64_t *value)
{
    struct elf_note note;

    return elf_find_note(elf, "Xen", type, &note) && elf_note_number(&note, value);
}

/* It is entered in 32-bit mode, so it is below 4 GiB; and above what firmware has for itself. */
static const char *place(struct pvh_kernel *k)
{
    struct elf_segment s;
    uint32_t cursor = 0;

    k->first = ~0ULL;
    while (elf_next_segment(&k->elf, ELF_SEGMENT_LOAD, &cursor, &s)) {
        if (s.load_address < MiB || s.load_address >= 4 * GiB ||
            s.memory_bytes > 4 * GiB - s.load_address)
            return "a segment is not to be loaded between 1 MiB and 4 GiB";
        k->first = min(k->first, ROUND_DOWN(s.load_address, PAGE));
        k->end = max(k->end, ROUND_UP(s.load_address + s.memory_bytes, PAGE));
    }
    if (k->entry < k->first || k->entry >= k->end)
        return "its PHYS32_ENTRY lies outside of it";
    return NULL;
}

const char *pvh_kernel_read(struct pvh_kernel *k, const void *file, size_t bytes)
{
    enum elf_fault fault;
    uint64_t features;

    memset(k, 0, sizeof(*k));
    fault = elf_open(&k->elf, file, bytes);
    if (fault != ELF_OK)
        return elf_fault_text(fault);
    if (!number(&k->elf, XEN_ELFNOTE_PHYS32_ENTRY, &k->entry))
        return "not a PVH kernel: it has no PHYS32_ENTRY note";
    if (!number(&k->elf, XEN_ELFNOTE_SUPPORTED_FEATURES, &features) ||
        !(features & (1u << XENFEAT_dom0)))
        return "its notes do not offer the dom0 feature";
    return place(k);
}
