/* SPDX-License-Identifier: BSD-2-Clause */
/* Copying to and from a translated guest: its own page tables first, then its frame table. */
#include "p2m/guest_copy.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "domain/pod.h"
#include "domain/translated.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "p2m/compat_view.h"
#include "p2m/gfn.h"
#include "p2m/p2m.h"
#include "p2m/quick.h"
#include "p2m/walk.h"

/* A frame that is held while it is copied. */
struct held {
    struct page *pg;
    bool in_use; /* as writable, not only referenced */
};

static void frame_put(struct held h)
{
    if (h.in_use)
        page_put_writable(h.pg);
    else
        page_put(h.pg);
}

/* The same for memory that is lent to @d. It is that only while the entry stands, so that is looked
 * at again; and its owner may make a table of it, which a use as writable prevents. */
static bool lent_get(struct domain *d, uint64_t gfn, struct p2m_entry e, bool write, struct held *h)
{
    struct p2m_entry again;
    domid_t owner;

    *h = (struct held){.pg = mfn_page(e.mfn)};
    if (!page_get_any(h->pg, &owner))
        return false;
    h->in_use = write && page_type_get(h->pg, PAGE_WRITABLE) == 0;
    again = p2m_lookup(d->p2m, gfn);
    if (h->in_use == write && again.type == e.type && mfn_eq(again.mfn, e.mfn))
        return true;
    frame_put(*h);
    return false;
}

/* The frame that @e, of @gpa, names, referenced; @again: it is another by now. */
static bool named_get(struct domain *d, uint64_t gpa, struct p2m_entry e, bool write,
                      struct held *h, bool *again)
{
    /* (who writes to memory that is watched says so afterwards) */
    if ((write && !p2m_type_is_writable(e.type) && e.type != P2M_RAM_LOGDIRTY) ||
        !p2m_type_is_present(e.type) || !mfn_valid(e.mfn))
        return false;
    if (p2m_type_is_borrowed(e.type))
        return lent_get(d, gpa >> PAGE_SHIFT, e, write, h);
    *h = (struct held){.pg = mfn_page(e.mfn)};
    if (!p2m_type_is_ram(e.type) || !page_get(h->pg, d))
        return false;
    /* its own frames go elsewhere without its doing when memory is populated on demand */
    if (likely(!READ_ONCE(d->p2m->moves)) ||
        mfn_eq(p2m_lookup(d->p2m, gpa >> PAGE_SHIFT).mfn, e.mfn))
        return true;
    page_put(h->pg);
    *again = true;
    return false;
}

/* The frame behind @gpa, referenced; false: no memory of the guest's own nor lent to it, or (for
 * @write) none that it may write. */
static bool frame_get(struct domain *d, uint64_t gpa, bool write, struct held *h)
{
    for (unsigned int i = 0; i < GFN_MOVES_MOST; i++) {
        struct p2m_entry e = p2m_lookup(d->p2m, gpa >> PAGE_SHIFT);
        bool again = false;

        if (unlikely(e.type == P2M_POD) && pod_populate(d, gpa >> PAGE_SHIFT))
            continue;
        if (likely(named_get(d, gpa, e, write, h, &again)))
            return true;
        if (!again)
            break;
    }
    return false;
}

bool walk_entry_read(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t *entry)
{
    const char *at;
    struct held h;

    *entry = 0;
    if (!frame_get(v->domain, gpa, false, &h))
        return false;
    at = (const char *)frame_map(page_mfn(h.pg)) + (gpa & ~PAGE_MASK);
    *entry = bytes == 8 ? READ_ONCE(*(const uint64_t *)at) : READ_ONCE(*(const uint32_t *)at);
    frame_unmap(at);
    frame_put(h);
    return true;
}

bool walk_entry_look(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t *entry)
{
    const char *at;
    mfn_t frame;

    if (!gfn_page_get(v->domain, gpa >> PAGE_SHIFT, false, &frame))
        return false;
    at = (const char *)frame_map(frame) + (gpa & ~PAGE_MASK);
    *entry = bytes == 8 ? READ_ONCE(*(const uint64_t *)at) : READ_ONCE(*(const uint32_t *)at);
    frame_unmap(at);
    gfn_page_put(frame, false);
    return true;
}

bool walk_entry_swap(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t old, uint64_t entry)
{
    uint32_t old32 = (uint32_t)old;
    struct held h;
    bool done;
    char *at;

    if (!frame_get(v->domain, gpa, true, &h))
        return false;
    at = (char *)frame_map(page_mfn(h.pg)) + (gpa & ~PAGE_MASK);
    done = bytes == 8 ? __atomic_compare_exchange_n((uint64_t *)at, &old, entry, false,
                                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
                      : __atomic_compare_exchange_n((uint32_t *)at, &old32, (uint32_t)entry, false,
                                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    frame_unmap(at);
    translated_written(v->domain, gpa >> PAGE_SHIFT);
    frame_put(h);
    return done;
}

/* A part of a page, if it is as it mostly is. False: nothing was done. */
static bool copy_quickly(struct vcpu *v, const struct walk_mode *mode, uint64_t gva, char *buffer,
                         size_t bytes, enum guest_copy_way way)
{
    uint64_t flags = irq_save(), gpa;
    char *at = NULL;

    if (quick_translate(v, mode, gva, way != GUEST_COPY_FROM, &gpa))
        at = quick_frame(v, gpa >> PAGE_SHIFT);
    if (unlikely(!at)) {
        irq_restore(flags);
        return false;
    }
    at += gpa & ~PAGE_MASK;
    if (way == GUEST_COPY_TO)
        memcpy(at, buffer, bytes);
    else if (way == GUEST_COPY_CLEAR)
        memset(at, 0, bytes);
    else if (bytes == sizeof(uint32_t))
        memcpy(buffer, at, sizeof(uint32_t));
    else
        memcpy(buffer, at, bytes);
    irq_restore(flags); /* nobody watches what is plain RAM: it is written already */
    return true;
}

/* Tries before a guest that changes its tables all the time is told that they lead nowhere. */
#define WALKS_MOST 16

static int translate(struct vcpu *v, const struct walk_mode *mode, uint64_t gva, bool write,
                     uint64_t *gpa)
{
    struct walk w = {.result = WALK_AGAIN};

    for (unsigned int i = 0; i < WALKS_MOST && w.result == WALK_AGAIN; i++)
        w = walk_tables(v, mode, gva, write ? WALK_WRITE : WALK_READ);
    *gpa = w.gpa;
    return w.result == WALK_OK ? 0 : -EFAULT;
}

int guest_copy_physical(struct domain *d, void *ours, uint64_t gpa, size_t bytes,
                        enum guest_copy_way way)
{
    bool write = way != GUEST_COPY_FROM;
    struct held h;
    char *at;

    if (!frame_get(d, gpa, write, &h))
        return -EFAULT;
    at = (char *)frame_map(page_mfn(h.pg)) + (gpa & ~PAGE_MASK);
    if (way == GUEST_COPY_FROM)
        memcpy(ours, at, bytes);
    else if (way == GUEST_COPY_TO)
        memcpy(at, ours, bytes);
    else
        memset(at, 0, bytes);
    frame_unmap(at);
    if (write)
        translated_written(d, gpa >> PAGE_SHIFT);
    frame_put(h);
    return 0;
}

int guest_copy(void *ours, uint64_t gva, size_t bytes, enum guest_copy_way way)
{
    struct vcpu *v = vcpu_current();
    struct walk_mode mode;
    char *buffer = ours;

    if (unlikely(v->hc.compat) && gva > UINT32_MAX)
        return compat_view_copy(v->hc.compat, ours, gva, bytes, way);
    v->kind->walk_mode(v, &mode);
    while (bytes > 0) {
        size_t now = min(bytes, (size_t)(PAGE_BYTES - (gva & ~PAGE_MASK)));
        uint64_t gpa;

        if (!copy_quickly(v, &mode, gva, buffer, now, way) &&
            (translate(v, &mode, gva, way != GUEST_COPY_FROM, &gpa) ||
             guest_copy_physical(v->domain, buffer, gpa, now, way)))
            return -EFAULT;
        buffer += way == GUEST_COPY_CLEAR ? 0 : now;
        gva += now;
        bytes -= now;
    }
    return 0;
}
