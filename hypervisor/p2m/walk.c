/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walking a guest's page tables as the processor would.
 *
 * What is always true here: every entry is read once and judged from that reading. Reserved bits
 * are looked at before rights, presence before both. Rights are gathered over all levels and
 * applied at the end, so one place decides; accessed and dirty bits are set only when the access is
 * allowed, from the top down, which is stricter than the processor needs and never wrong.
 */
#include "p2m/walk.h"

#include "cpu/regs.h"
#include "mm/hvmap.h"

/* Page-fault error code (SDM vol. 3, 4.7). */
#define PF_PRESENT  0x01u
#define PF_WRITE    0x02u
#define PF_USER     0x04u
#define PF_RESERVED 0x08u
#define PF_FETCH    0x10u
#define PF_KEY      0x20u

#define LEVELS_MOST 4

struct format {
    uint8_t levels;
    uint8_t entry_bytes;
    uint8_t index_bits;
    bool nx; /* bit 63 forbids fetching; reserved otherwise (8-byte entries) */
};

struct step {
    uint64_t at, entry;
};

static struct format format_of(const struct walk_mode *m)
{
    struct format f = {.levels = 2, .entry_bytes = 4, .index_bits = 10};

    if (m->cr4 & CR4_PAE) {
        f = (struct format){.levels = 3, .entry_bytes = 8, .index_bits = 9};
        f.nx = m->efer & EFER_NXE;
    }
    if (m->efer & EFER_LMA)
        f.levels = 4;
    return f;
}

static uint64_t mask_bits(unsigned int bits)
{
    return bits >= 64 ? ~0ULL : (1ULL << bits) - 1;
}

static unsigned int shift_of(const struct format *f, unsigned int level)
{
    return PAGE_SHIFT + f->index_bits * (level - 1);
}

/* Does @entry of @level end the walk? */
static bool is_leaf(const struct walk_mode *m, const struct format *f, unsigned int level,
                    uint64_t entry)
{
    if (level == 1)
        return true;
    if (!(entry & PTE_PS))
        return false;
    if (f->levels == 2)
        return m->cr4 & CR4_PSE;
    return level == 2 || (level == 3 && f->levels == 4 && m->page_1g);
}

/* Bits that must be clear in a present entry (SDM vol. 3, tables 4-4 to 4-20). */
static uint64_t reserved_bits(const struct walk_mode *m, const struct format *f, unsigned int level,
                              uint64_t entry)
{
    bool leaf = is_leaf(m, f, level, entry);
    uint64_t reserved;

    if (f->levels == 2) {
        /* a 4 MiB page has up to 8 more address bits from 13 up (PSE-36, table 4-4) */
        unsigned int more = min(m->physical_bits > 32 ? m->physical_bits - 32u : 0u, 8u);

        return leaf && level == 2 ? mask_bits(22) & ~mask_bits(13 + more) : 0;
    }
    reserved = mask_bits(52) & ~mask_bits(m->physical_bits);
    if (f->levels == 3)
        reserved |= 0x7ff0000000000000; /* 62:52 are not software's in PAE tables */
    if (!f->nx)
        reserved |= PTE_NX;
    if (level > 1 && leaf)
        reserved |= mask_bits(shift_of(f, level)) & ~mask_bits(PAGE_SHIFT + 1);
    if (level > 1 && !leaf && (level == 4 || level == 3))
        reserved |= PTE_PS;
    return reserved;
}

static uint64_t leaf_base(const struct format *f, unsigned int level, uint64_t entry)
{
    if (f->levels == 2) {
        uint64_t base = entry & 0xfffff000;

        if (level == 2)
            base = (entry & 0xffc00000) | ((entry >> 13) & 0xff) << 32;
        return base;
    }
    return entry & PTE_FRAME_MASK & ~mask_bits(shift_of(f, level));
}

/* Page-directory pointers of PAE mode hold no rights (SDM vol. 3, 4.4.1). */
static bool has_rights(const struct format *f, unsigned int level)
{
    return !(f->levels == 3 && level == 3);
}

struct rights {
    bool user, write, fetch;
    uint8_t key;
};

static bool key_allows(const struct walk_mode *m, const struct rights *r, bool supervisor,
                       unsigned int access)
{
    uint32_t key = m->pkru >> (2 * r->key);

    if (!(m->cr4 & CR4_PKE) || !(m->efer & EFER_LMA) || !r->user || (access & WALK_FETCH))
        return true;
    if (key & 1)
        return false;
    if ((access & WALK_WRITE) && (key & 2))
        return supervisor && !(m->cr0 & CR0_WP);
    return true;
}

/* SDM vol. 3, 4.6.1. */
static bool allowed(const struct walk_mode *m, const struct rights *r, unsigned int access)
{
    bool supervisor = !(access & WALK_USER) || (access & WALK_IMPLICIT);

    if (!supervisor) {
        if (!r->user)
            return false;
    } else if (r->user) {
        if ((access & WALK_FETCH) && (m->cr4 & CR4_SMEP))
            return false;
        if (!(access & WALK_FETCH) && (m->cr4 & CR4_SMAP) &&
            ((access & WALK_IMPLICIT) || !(m->rflags & X86_AC)))
            return false;
    }
    if ((access & WALK_FETCH) && !r->fetch)
        return false;
    if ((access & WALK_WRITE) && !r->write && (!supervisor || (m->cr0 & CR0_WP)))
        return false;
    return true;
}

static struct walk fault(const struct walk_mode *m, const struct format *f, unsigned int access,
                         uint32_t why)
{
    uint32_t error = why;

    if (access & WALK_WRITE)
        error |= PF_WRITE;
    if ((access & WALK_USER) && !(access & WALK_IMPLICIT))
        error |= PF_USER;
    /* bit 4 is only told where fetching can be forbidden */
    if ((access & WALK_FETCH) && (f->nx || (m->cr4 & CR4_SMEP)))
        error |= PF_FETCH;
    return (struct walk){.result = WALK_FAULT, .error = error};
}

static struct walk unreadable(uint64_t gpa)
{
    return (struct walk){.result = WALK_GPA_BAD, .gpa = gpa};
}

/* Set accessed bits top down, dirty in the leaf; false: something changed meanwhile. */
static bool mark(struct vcpu *v, const struct format *f, const struct step *steps,
                 unsigned int leaf, bool dirty)
{
    for (unsigned int level = f->levels; level >= leaf; level--) {
        const struct step *s = &steps[level];
        uint64_t want = s->entry | PTE_A | (level == leaf && dirty ? PTE_D : 0);

        if (!has_rights(f, level) || want == s->entry)
            continue;
        if (!walk_entry_swap(v, s->at, f->entry_bytes, s->entry, want))
            return false;
    }
    return true;
}

/* The table that CR3 names: PAE's four pointers need 32-byte alignment only. */
static uint64_t root_of(const struct walk_mode *m, const struct format *f)
{
    if (f->levels == 2)
        return m->cr3 & 0xfffff000;
    if (f->levels == 3)
        return m->cr3 & 0xffffffe0;
    return m->cr3 & PTE_FRAME_MASK & mask_bits(m->physical_bits);
}

static void gather(const struct format *f, unsigned int level, uint64_t entry, struct rights *r)
{
    if (!has_rights(f, level))
        return;
    r->user = r->user && (entry & PTE_US);
    r->write = r->write && (entry & PTE_RW);
    r->fetch = r->fetch && !(f->nx && (entry & PTE_NX));
}

static struct walk found(const struct walk_mode *m, const struct format *f, unsigned int level,
                         uint64_t entry, uint64_t va, const struct rights *r, unsigned int access)
{
    unsigned int shift = shift_of(f, level);

    return (struct walk){
        .result = WALK_OK,
        .gpa = leaf_base(f, level, entry) | (va & mask_bits(shift)),
        .order = (uint8_t)(shift - PAGE_SHIFT),
        .writable =
            (access & WALK_WRITE) || ((entry & PTE_D) && allowed(m, r, access | WALK_WRITE) &&
                                      key_allows(m, r, !(access & WALK_USER), access | WALK_WRITE)),
    };
}

struct walk walk_tables(struct vcpu *v, const struct walk_mode *m, uint64_t va, unsigned int access)
{
    const struct format f = format_of(m);
    struct rights r = {.user = true, .write = true, .fetch = true};
    struct step steps[LEVELS_MOST + 1];
    uint64_t table = root_of(m, &f);

    if (!(m->cr0 & CR0_PG))
        return (struct walk){.result = WALK_OK, .gpa = va & 0xffffffff, .writable = true};
    for (unsigned int level = f.levels;; level--) {
        struct step *s = &steps[level];
        uint64_t index = (va >> shift_of(&f, level)) & mask_bits(f.index_bits);
        bool supervisor = !(access & WALK_USER) || (access & WALK_IMPLICIT);

        s->at = table + index * f.entry_bytes;
        if (!walk_entry_read(v, s->at, f.entry_bytes, &s->entry))
            return unreadable(s->at);
        if (!(s->entry & PTE_P))
            return fault(m, &f, access, 0);
        if (has_rights(&f, level) && (s->entry & reserved_bits(m, &f, level, s->entry)))
            return fault(m, &f, access, PF_PRESENT | PF_RESERVED);
        gather(&f, level, s->entry, &r);
        if (!is_leaf(m, &f, level, s->entry)) {
            table = s->entry & (f.levels == 2 ? 0xfffff000 : PTE_FRAME_MASK);
            continue;
        }
        r.key = (uint8_t)((s->entry >> 59) & 15);
        if (!allowed(m, &r, access))
            return fault(m, &f, access, PF_PRESENT);
        if (!key_allows(m, &r, supervisor, access))
            return fault(m, &f, access, PF_PRESENT | PF_KEY);
        if (!mark(v, &f, steps, level, access & WALK_WRITE))
            return (struct walk){.result = WALK_AGAIN};
        return found(m, &f, level, s->entry, va, &r, access);
    }
}

bool walk_look(struct vcpu *v, const struct walk_mode *mode, uint64_t va, uint64_t *gpa)
{
    struct format f = format_of(mode);
    uint64_t table = root_of(mode, &f), entry;

    *gpa = va & 0xffffffff;
    if (!(mode->cr0 & CR0_PG))
        return true;
    for (unsigned int level = f.levels; level; level--) {
        uint64_t index = va >> shift_of(&f, level) & mask_bits(f.index_bits);

        if (!walk_entry_look(v, table + index * f.entry_bytes, f.entry_bytes, &entry) ||
            !(entry & PTE_P))
            return false;
        if (is_leaf(mode, &f, level, entry)) {
            *gpa = leaf_base(&f, level, entry) | (va & mask_bits(shift_of(&f, level)));
            return true;
        }
        table = entry & PTE_FRAME_MASK;
    }
    return false;
}
