/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's own page tables, walked in software: every paging mode of a hardware-assisted guest. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct vcpu;

/* The registers that decide how an access is translated. */
struct walk_mode {
    uint64_t cr0, cr3, cr4, efer;
    uint64_t rflags;       /* AC alone matters: it suspends SMAP (SDM vol. 3, 4.6.1) */
    uint32_t pkru;         /* protection keys' rights, when CR4.PKE is set */
    uint8_t physical_bits; /* width of guest-physical addresses: bits above are reserved */
    bool page_1g;          /* CPUID: 1 GiB pages exist */
};

/* What is asked of the translation. */
enum walk_access {
    WALK_READ = 0,
    WALK_WRITE = 1,
    WALK_USER = 2, /* made with CPL 3 */
    WALK_FETCH = 4,
    WALK_IMPLICIT =
        8, /* a descriptor table or TSS: supervisor access whatever the CPL, AC ignored */
};

enum walk_result {
    WALK_OK,
    WALK_FAULT,   /* the guest's page fault, error code in `error` */
    WALK_GPA_BAD, /* a table lies where the guest has no memory: `gpa` says where */
    WALK_AGAIN,   /* a table changed while accessed bits were being set: walk again */
};

struct walk {
    enum walk_result result;
    uint32_t error; /* page-fault error code (SDM vol. 3, 4.7) */
    uint64_t gpa;   /* where the address leads, or the table that could not be read */
    uint8_t order;  /* the page's size is 4096 << order */
    bool writable;  /* by this kind of access, with dirty already set */
};

/*
 * Translate @va. Sets accessed bits on the way and, for a write, the dirty bit, as the processor
 * does: each by one compare-and-swap against the entry the decision was made from. Any context in
 * which the two functions below may run. @va must be canonical in 64-bit mode (callers raise #GP
 * or #SS otherwise) and below 4 GiB in the others.
 */
struct walk walk_tables(struct vcpu *v, const struct walk_mode *mode, uint64_t va,
                        unsigned int access);

/* Where @va leads, for a debugger: of any kind of guest, without regard to rights, and nothing is
 * set. False: nowhere. */
bool must_check walk_look(struct vcpu *v, const struct walk_mode *mode, uint64_t va, uint64_t *gpa);

/*
 * Provided by whoever links this: read a table entry of @bytes (4 or 8) at guest-physical @gpa;
 * false when there is no memory of the guest's there.
 */
bool must_check walk_entry_read(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t *entry);
/* Replace the entry if it still is @old; false when it is not, or may not be written. */
bool must_check walk_entry_swap(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t old,
                                uint64_t entry);
/* As walk_entry_read(), for walk_look(): also in the tables of a PV guest. */
bool must_check walk_entry_look(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t *entry);
