/* SPDX-License-Identifier: BSD-2-Clause */
/* Which frames of a translated guest were written since somebody last looked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct p2m;

/* What to do with frames that were written since @who (P2M_WATCH_*) last looked. */
enum p2m_written {
    P2M_WRITTEN_PEEK,   /* only say so */
    P2M_WRITTEN_TAKE,   /* and they count as unwritten: the next write is noted */
    P2M_WRITTEN_FORGET, /* @who does not look any more: no frame is anything to it */
};

/* Frames that one call can look at. */
#define P2M_WRITTEN_MOST 512

/*
 * Of the @count (at most P2M_WRITTEN_MOST) frames from @gfn on: bit n of @bits says whether frame n
 * was written since @who last took it; that is so as well for memory that came since. Only the
 * guest's own memory counts. Bits beyond @count are clear. A large entry of which a part is taken
 * is split, or without memory for that says "written" until it can be. Lock held; TAKE: the caller
 * flushes before it relies on hearing of the next write.
 */
void p2m_written(struct p2m *p, uint64_t gfn, unsigned int count, uint8_t who,
                 enum p2m_written what, uint64_t *bits);

/* @gfn is written, or may have been since: it is that for everybody who watches, and the guest may
 * write it without being seen if nothing else forbids it. Lock held. */
void p2m_mark_written(struct p2m *p, uint64_t gfn);

/* Begin or end to watch for @who. Lock held. */
void p2m_watch(struct p2m *p, uint8_t who, bool on);
