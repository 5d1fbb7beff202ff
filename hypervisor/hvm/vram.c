/* SPDX-License-Identifier: BSD-2-Clause */
/* Video memory that is watched. */
#include "hvm/vram.h"

#include "abi/errno.h"
#include "domain/domain.h"
#include "domain/translated.h"
#include "hvm/hvm.h"
#include "hypercall/hypercall.h"
#include "p2m/copy.h"

#define WORD_FRAMES ((uint64_t)64) /* one word of the bitmap */

bool vram_written(struct domain *d, uint64_t gfn)
{
    /* another vCPU may have been faster */
    return translated_retype(d, gfn, P2M_RAM_LOGDIRTY, P2M_RAM) == 0 ||
           p2m_lookup(d->p2m, gfn).type == P2M_RAM;
}

void vram_modified(struct domain *d, uint64_t first, uint64_t count)
{
    const struct vram *w = &d->hvm->vram;
    uint64_t from = max(first, READ_ONCE(w->first));
    uint64_t end = min(first + count, READ_ONCE(w->first) + READ_ONCE(w->count));

    for (; from < end; from++)
        (void)vram_written(d, from);
}

/* Of up to 64 frames from @gfn on: which are dirty. They are clean then. */
static uint64_t collect(struct domain *d, uint64_t gfn, uint64_t frames)
{
    uint64_t dirty = 0;

    for (uint64_t n = 0; n < frames; n++)
        if (translated_retype(d, gfn + n, P2M_RAM, P2M_RAM_LOGDIRTY) == 0)
            dirty |= 1ULL << n;
    return dirty;
}

int vram_track(struct domain *d, uint64_t first, uint64_t count, uint64_t gva)
{
    struct vram *w = &d->hvm->vram;
    int rc = 0;

    /* what was watched before becomes ordinary memory as it is written */
    if (w->first != first || w->count != count)
        *w = (struct vram){.first = first, .count = count};
    while (w->next < count && !rc) {
        uint64_t frames = min(count - w->next, WORD_FRAMES);
        uint64_t dirty = collect(d, first + w->next, frames);

        rc = copy_to_guest(gva + w->next / 8, &dirty, (frames + 7) / 8);
        w->next += frames;
        if (!rc && w->next < count && hypercall_preempt())
            rc = -ERESTART;
    }
    if (count)
        translated_flush(d); /* from now on writes are seen */
    if (rc != -ERESTART)
        w->next = 0;
    return rc;
}
