/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The common case of reaching a guest's memory: a 64-bit kernel's own pages, which are all there,
 * have been used before and are plain memory. What is not so is refused, and p2m/walk.h finds out.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "p2m/walk.h"

#define QUICK_FRAMES 16

/* Where guest frames are that a vCPU needed lately: entries of the domain's table, valid while it
 * has the generation they were read with. */
struct quick {
    uint32_t generation;
    struct {
        uint64_t gfn; /* 0: none (frame 0 is looked up each time) */
        char *at;
    } frame[QUICK_FRAMES];
};

/*
 * The host's address of a frame that is plain memory of the current vCPU's domain; NULL: it is not.
 * Interrupts are off: whoever takes a frame away flushes before somebody else gets it, and waits
 * for this CPU. So the address is good until they are on again, without a reference.
 */
char *quick_frame(struct vcpu *v, uint64_t gfn);

/* The guest-physical address of @gva for a read, or write, by the kernel of the current vCPU.
 * False: not found out. Interrupts are off. */
bool must_check quick_translate(struct vcpu *v, const struct walk_mode *m, uint64_t gva, bool write,
                                uint64_t *gpa);
