/* SPDX-License-Identifier: BSD-2-Clause */
/* Video memory that is watched. */
#include "hvm/vram.h"

#include "abi/errno.h"
#include "domain/domain.h"
#include "domain/translated.h"
#include "hvm/hvm.h"
#include "hypercall/hypercall.h"
#include "p2m/copy.h"
#include "p2m/written.h"

#define STEP_FRAMES ((uint64_t)64) /* between two looks at other work: a word of the bitmap */

/* Watch other frames, or none. What was noted of these in an earlier watch is not what is asked. */
static void begin(struct domain *d, struct vram *w, uint64_t first, uint64_t count)
{
    *w = (struct vram){.first = first, .count = count, .is_new = true};
    spin_lock(&d->p2m->lock);
    p2m_watch(d->p2m, P2M_WATCH_VRAM, count > 0);
    spin_unlock(&d->p2m->lock);
}

static void take(struct domain *d, uint64_t gfn, unsigned int frames, bool is_new, uint64_t *bits)
{
    spin_lock(&d->p2m->lock);
    if (is_new)
        p2m_written(d->p2m, gfn, frames, P2M_WATCH_VRAM, P2M_WRITTEN_FORGET, bits);
    p2m_written(d->p2m, gfn, frames, P2M_WATCH_VRAM, P2M_WRITTEN_TAKE, bits);
    spin_unlock(&d->p2m->lock);
}

int vram_track(struct domain *d, uint64_t first, uint64_t count, uint64_t gva)
{
    struct vram *w = &d->hvm->vram;
    int rc = 0;

    if (w->first != first || w->count != count)
        begin(d, w, first, count);
    while (w->next < count && !rc) {
        uint64_t frames = min(count - w->next, STEP_FRAMES), bits;

        take(d, first + w->next, (unsigned int)frames, w->is_new, &bits);
        rc = copy_to_guest(gva + w->next / 8, &bits, (frames + 7) / 8);
        w->next += frames;
        if (!rc && w->next < count && hypercall_preempt())
            rc = -ERESTART;
    }
    if (count)
        translated_flush(d); /* from now on writes are seen */
    if (rc != -ERESTART) {
        w->next = 0;
        w->is_new = false;
    }
    return rc;
}
