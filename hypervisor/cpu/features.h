/* SPDX-License-Identifier: BSD-2-Clause */
/* What this machine's CPUs can do, as the hypervisor itself uses it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cpu_features {
    bool is_intel, is_amd;    /* vendor strings GenuineIntel; AuthenticAMD or HygonGenuine */
    uint32_t family, model, stepping;
    uint32_t physical_bits, linear_bits;
    bool nx, page_1g, pge, smep, smap, fsgsbase, xsave, xsaveopt, xsavec, umip;
    bool x2apic, tsc_deadline, invariant_tsc, rdtscp, monitor;
    bool ibpb;                /* PRED_CMD has the barrier against branch target injection */
    bool meltdown;            /* CPU reads supervisor memory speculatively from user mode */
    bool gather_leaks;        /* VGATHER may show a program what others had in vector registers */
    bool l1d_flush;           /* L1 terminal fault, and FLUSH_CMD against it */
    uint64_t xcr0_mask;       /* state components XSAVE can manage */
    uint32_t xsave_bytes;     /* area for all of xcr0_mask, standard format */
    char vendor[13], brand[49];
};

extern struct cpu_features cpu_features;

/* Fill cpu_features; boot CPU, first of all. */
void features_init(void);

/* Set CR0, CR4, EFER, PAT and XCR0 of the calling CPU to what all CPUs run with. */
void features_load(void);

/* The CR4 every CPU runs with while guests run. */
uint64_t features_cr4(void);
