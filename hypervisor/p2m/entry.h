/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest frame is: the neutral form of an EPT or NPT entry. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"

/* Kept in four software bits of every entry, whose value 0 is a hole: a cleared table is empty. */
enum p2m_type {
    P2M_HOLE = 0,     /* nothing, or the device model's: an access is emulated */
    P2M_RAM,          /* the guest's own frame */
    P2M_RAM_RO,       /* the same, writes are dropped (ROM) */
    P2M_RAM_LOGDIRTY, /* the same, the next write is noted: somebody watches, see `unwritten` */
    P2M_RAM_PML,      /* the same, the processor notes it (SDM vol. 3, 29.3.6); of 4 KiB */
    P2M_RAM_IOREQ,    /* the same for reading; writes go to an ioreq server */
    P2M_POD,          /* to be populated when touched */
    P2M_MMIO_DIRECT,  /* a device's registers */
    P2M_GRANT_RW,     /* another domain's frame, by a grant mapping */
    P2M_GRANT_RO,
    P2M_FOREIGN_RW, /* another domain's frame, mapped by right */
    P2M_FOREIGN_RO,
    P2M_TYPES,
};

/* Memory types as MTRRs and EPT number them (SDM vol. 3, table 12-2). */
enum p2m_cache {
    P2M_CACHE_UC = 0,
    P2M_CACHE_WC = 1,
    P2M_CACHE_WT = 4,
    P2M_CACHE_WP = 5,
    P2M_CACHE_WB = 6,
};

/* Pages of 4 KiB, 2 MiB, 1 GiB. */
#define P2M_ORDER_4K 0
#define P2M_ORDER_2M 9
#define P2M_ORDER_1G 18

/* Who looks at which frames are written. */
#define P2M_WATCH_LOG  1u /* the toolstack, to send them once more */
#define P2M_WATCH_VRAM 2u /* the device model, to show them */
#define P2M_WATCH_SWEEP 4u /* the search for frames that are zero (domain/pod.c) */
#define P2M_WATCHES    3

struct p2m_entry {
    mfn_t mfn;     /* first frame; meaningless for holes and populate-on-demand */
    uint8_t type;  /* enum p2m_type */
    uint8_t order; /* P2M_ORDER_*: of what the entry maps */
    uint8_t cache; /* enum p2m_cache: what the hypervisor asks for; see hvm/mtrr */
    uint8_t unwritten; /* P2M_WATCH_*: since whose last look it was not; of ram only. If any, the
                        * type is not P2M_RAM */
};

/* Does the processor reach memory through an entry of @type? */
static inline bool p2m_type_is_present(enum p2m_type type)
{
    return type != P2M_HOLE && type != P2M_POD;
}

static inline bool p2m_type_is_writable(enum p2m_type type)
{
    return type == P2M_RAM || type == P2M_RAM_PML || type == P2M_MMIO_DIRECT ||
           type == P2M_GRANT_RW || type == P2M_FOREIGN_RW;
}

/* Is it memory that the guest may write, watched or not? */
static inline bool p2m_type_is_plain(enum p2m_type type)
{
    return type >= P2M_RAM && type <= P2M_RAM_PML && type != P2M_RAM_RO;
}

/* Is it the guest's own memory, in whatever state? */
static inline bool p2m_type_is_ram(enum p2m_type type)
{
    return type >= P2M_RAM && type <= P2M_RAM_IOREQ;
}

/* Does the entry hold a reference of its own, on a frame of another domain? */
static inline bool p2m_type_is_borrowed(enum p2m_type type)
{
    return type >= P2M_GRANT_RW && type <= P2M_FOREIGN_RO;
}

/* May the guest run code from it? Devices and what others lend are data. */
static inline bool p2m_type_is_executable(enum p2m_type type)
{
    return p2m_type_is_ram(type);
}
