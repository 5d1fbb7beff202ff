/* SPDX-License-Identifier: BSD-2-Clause */
/* Start-of-day: what the library knows of its guest when the kernel's pv_main() is called. */
#pragma once

#include "pv-drivers/lib/abi.h"

struct pv_guest {
    bool is_pv;                /* otherwise PVH or HVM, with page tables of its own */
    const char *command_line;  /* `cmdline=` or `extra=` of the configuration */
    shared_info_t *shared_info;
    uint64_t *frames;          /* PV: machine frame by guest frame (start_info.mfn_list) */
    uint64_t tables;           /* PV: where the page tables of the start are */
    uint64_t pages;            /* of memory, as built */
    uint64_t spare, spare_end; /* guest frames that neither image nor library use (balloon.h) */
};
extern struct pv_guest pv_guest;

/* The kernel. Console, events, grants and xenstore work; no device is open. When it returns, the
 * guest powers off. */
void pv_main(void);

/* Is @word one of the command line's, which blanks separate? */
bool pv_has_word(const char *word);
/* What follows @start, such as "ip=", in the first of those words that begins so, or NULL. */
const char *pv_option(const char *start);

/* The guest's end: SHUTDOWN_poweroff, _reboot, _crash (xen/sched.h). */
void pv_shutdown(unsigned int reason) __attribute__((__noreturn__));

/* Say why, on the guest's console and in the hypervisor's log, and crash. */
void pv_panic(const char *format, ...) __attribute__((__noreturn__, __format__(__printf__, 1, 2)));
