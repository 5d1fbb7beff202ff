/* SPDX-License-Identifier: BSD-2-Clause */
/* One interrupt source: a GSI pin or a message of a device. Hardware side; who handles it is a
 * function given to irq_line_start(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "irq/vector.h"
#include "lib/types.h"
#include "sync/spinlock.h"

struct irq_line;
struct msi_device;

enum irq_kind { IRQ_GSI, IRQ_MSI, IRQ_MSIX };

/* Called on the line's CPU, interrupts off, no lock held. A level line is masked until
 * irq_line_done(). */
typedef void irq_run(struct irq_line *line, void *data);

struct irq_line {
    struct spinlock lock;   /* LOCK_IRQ, with interrupts off */
    enum irq_kind kind;     /* (c) */
    uint32_t number;        /* (c) GSI, or index of the message within its device */
    struct msi_device *msi; /* (c) messages only */
    uint32_t cpu;           /* (r) CPU it is sent to, while vector is not 0 */
    uint32_t old_cpu;       /* (r) where old_vector is */
    uint32_t wanted_cpu;    /* (r) move there when the guest is done */
    uint8_t vector;         /* (r) 0: not in use */
    uint8_t old_vector; /* (r) before the last move, 0 none: an interrupt may still be on its way */
    bool level, active_low; /* (r) GSI */
    bool in_service;        /* (r) level: masked until irq_line_done() */
    bool move_pending;      /* (r) wanted_cpu is set */
    uint64_t moved_ns;      /* (r) when it was last moved */
    bool
        shares_vectors; /* (c) one of several messages in one block of vectors: cannot move alone */
    irq_run *run;       /* (r) NULL: not started */
    void *data;         /* (r) */
    uint64_t count;     /* (r) interrupts taken */
};

struct irq_cpu {
    struct irq_line *lines[256];     /* (a) by vector; NULL: nobody's */
    struct vector_map vectors;       /* (r) [vector lock] */
    uint64_t passes;                 /* (o) odd while inside irq_handle(): see irq_line_sync() */
    uint64_t ipis, timers, spurious; /* (o) counts for irq_dump() */
};

/* Make the GSI lines; IOAPICs are mapped. Boot CPU. */
void irq_lines_init(void);

/* The line of a GSI, NULL when there is no such pin. */
struct irq_line *irq_gsi_line(uint32_t gsi);

/* PHYSDEVOP_setup_gsi: trigger and polarity; takes effect at once. */
void irq_gsi_setup(struct irq_line *line, bool level, bool active_low);

/*
 * Put a line into service: find a vector on @cpu (or another CPU when that is full or out of the
 * hardware's reach), program the hardware, unmask. -EBUSY when somebody has it, -ENOSPC without
 * vectors.
 */
int must_check irq_line_start(struct irq_line *line, unsigned int cpu, irq_run *run, void *data);
/* Mask, forget the handler; when it returns no handler of the line runs or will. Interrupts on,
 * no lock held. Harmless for a line that was not started. */
void irq_line_stop(struct irq_line *line);

/* The handler is done with a level line: let it interrupt again. Any context. */
void irq_line_done(struct irq_line *line);

/* Send it to @cpu from now on, or soon; best effort. Any context. */
void irq_line_move(struct irq_line *line, unsigned int cpu);
/* The part of dispatch.c: carry out a move put off, if its time has come. Line lock held. */
void irq_line_move_now(struct irq_line *line);

/* Wait until no CPU is in a handler that began before the call. Interrupts on, no lock held. */
void irq_line_sync(void);

/* Take and give back vectors (msi.c): @count of them on @cpu or, if need be, another CPU, for
 * lines[0..count-1]. Writes line->cpu and line->vector. -ENOSPC. */
int must_check irq_vectors_take(struct irq_line **lines, unsigned int count, unsigned int cpu);
void irq_vectors_give(struct irq_line **lines, unsigned int count);

/* msi.c: program address and data, and the mask, of a message; line lock held. */
void msi_line_program(struct irq_line *line);
void msi_line_mask(struct irq_line *line, bool masked);
/* May address and data be changed without an interrupt going astray? */
bool msi_line_has_mask(const struct irq_line *line);
