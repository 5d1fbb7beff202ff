/* SPDX-License-Identifier: BSD-2-Clause */
/* GNTTABOP_copy: bytes between two pages, each the caller's own or granted to it. */
#include "cpu/percpu.h"
#include "grant/table.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "p2m/gfn.h"

/* One side of a copy: a frame that is held. */
struct side {
    struct domain *granter; /* referenced; NULL: a frame of the caller's own */
    grant_ref_t ref;
    bool write;
    bool held; /* to be put */
    mfn_t frame;
};

/* The caller's own page; others are reached through grants only. */
static int side_own(struct side *s, const struct gnttab_copy_ptr *p)
{
    struct domain *d = vcpu_current()->domain;

    if (p->domid != DOMID_SELF)
        return GNTST_permission_denied;
    s->held = gfn_page_get(d, p->u.gmfn, s->write, &s->frame);
    return s->held ? GNTST_okay : GNTST_bad_page;
}

static int side_granted(struct side *s, const struct gnttab_copy_ptr *p, uint32_t bytes)
{
    struct domain *d = vcpu_current()->domain, *granter = domain_get_arg(p->domid);
    struct grant_pin pin = {.ref = p->u.ref, .who = d->id, .write = s->write, .count = 1};
    int rc = GNTST_bad_domain;

    if (granter && granter->grant)
        rc = entry_pin(granter, &pin);
    if (rc) {
        if (granter)
            domain_put(granter);
        return rc;
    }
    s->held = true;
    s->granter = granter;
    s->ref = pin.ref;
    s->frame = pin.frame;
    if (p->offset < pin.start || p->offset + bytes > pin.start + pin.length)
        return GNTST_general_error;
    return GNTST_okay;
}

static int side_get(struct side *s, const struct gnttab_copy_ptr *p, bool granted, uint32_t bytes)
{
    if (p->offset + bytes > PAGE_BYTES)
        return GNTST_bad_copy_arg;
    return granted ? side_granted(s, p, bytes) : side_own(s, p);
}

/* Release what side_get() has got, also when that failed half-way. */
static void side_put(struct side *s)
{
    if (!s->held)
        return;
    if (s->granter) {
        entry_unpin(s->granter, s->ref, s->write, 1);
        domain_put(s->granter);
    } else if (s->write) {
        page_put_writable(mfn_page(s->frame));
    } else {
        page_put(mfn_page(s->frame));
    }
}

/* Eight bytes at a time: as fast as single ones where that matters, and a fraction of the steps on
 * machines that count them. */
static void copy_words(void *to, const void *from, uint32_t bytes)
{
    uint64_t words = bytes / 8, rest = bytes % 8;

    __asm__ volatile("rep movsq\n"
                     "mov %3, %%rcx\n"
                     "rep movsb"
                     : "+&D"(to), "+&S"(from), "+&c"(words)
                     : "r"(rest)
                     : "memory");
}

static void move_bytes(const struct side *to, uint32_t to_offset, const struct side *from,
                       uint32_t from_offset, uint32_t bytes)
{
    char *target = frame_map(to->frame);
    const char *source = frame_map(from->frame);

    if (mfn_eq(to->frame, from->frame))
        memmove(target + to_offset, source + from_offset, bytes);
    else
        copy_words(target + to_offset, source + from_offset, bytes);
    frame_unmap(source);
    frame_unmap(target);
}

void grant_copy(struct gnttab_copy *op)
{
    struct side from = {.write = false}, to = {.write = true};
    uint32_t bytes = op->len;
    int rc;

    rc = side_get(&from, &op->source, op->flags & GNTCOPY_source_gref, bytes);
    if (!rc)
        rc = side_get(&to, &op->dest, op->flags & GNTCOPY_dest_gref, bytes);
    if (!rc)
        move_bytes(&to, op->dest.offset, &from, op->source.offset, bytes);
    side_put(&to);
    side_put(&from);
    op->status = (int16_t)rc;
}
