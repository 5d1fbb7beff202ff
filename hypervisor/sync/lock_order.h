/* SPDX-License-Identifier: BSD-2-Clause */
/* The one list of locks: outer (taken first) to inner. A CPU takes locks in rising level only. */
#pragma once

enum lock_level {
    LOCK_DOMAIN_CREATE = 9,   /* one domain is made at a time */
    LOCK_CROSS_CALL = 15,     /* smp_call(): the function runs, also here, while it is held */
    LOCK_DOMAIN_CONTROL = 20, /* one domctl or sysctl at a time per domain */
    LOCK_TRACE = 24,          /* making and steering trace buffers */
    LOCK_CPU_POOL = 25,       /* which CPUs and domains are in which pool */
    LOCK_DEVICE = 30,         /* device ownership */
    LOCK_PV_UPDATE = 50,      /* a PV domain's page-table updates */
    LOCK_IOREQ = 58,          /* device models of a domain */
    LOCK_P2M = 60,            /* guest-frame map of a domain */
    LOCK_GRANT_TABLE = 70,    /* one grant table; two: lower domid first */
    LOCK_MAPTRACK = 85,       /* handles of mapped grants */
    LOCK_VIRQ_OWNER = 88,     /* which domain gets a global VIRQ */
    LOCK_EVENT = 90,          /* a domain's event ports; two: lower domid first */
    LOCK_EVENT_QUEUE = 95,    /* one FIFO queue of a vCPU */
    LOCK_PAGE_LIST = 97, /* a domain's page accounting; inner, as any last page_put may take it */
    LOCK_PLATFORM = 98,  /* emulated devices of an HVM domain; kicks vCPUs, sets timers inside */
    LOCK_IRQ = 100,      /* one interrupt line; taken in interrupt context */
    LOCK_WATCHDOG = 108, /* a domain's watchdog timers */
    LOCK_RUNQUEUE = 110, /* one scheduler queue */
    LOCK_TIMER = 120,    /* one CPU's timers */
    LOCK_POOL = 128,     /* small objects */
    LOCK_HEAP = 130,     /* frames */
    LOCK_TSS = 131,      /* the descriptor all CPUs load their task state through */
    LOCK_DOMAIN_LIST = 132, /* the list of all domains; nothing is taken inside */
    LOCK_SHUTDOWN = 134, /* how a domain went down; nothing is taken inside */
    LOCK_TLB_FLUSH = 136, /* one flush of other CPUs at a time; waited for with interrupts on */
    LOCK_CONSOLE_LINE = 138,  /* lines guests have begun */
    LOCK_CONSOLE_INPUT = 139, /* characters for dom0 and for debug keys */
    LOCK_CONSOLE = 140,  /* log ring and devices; the innermost */
};
