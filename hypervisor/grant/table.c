/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grant tables: their frames, their version, and how they begin and end.
 *
 * What is always true here:
 *  - A table and its entries live as long as the domain has references; every mapping of one of its
 *    grants holds one. So who maps may go before or after who granted.
 *  - Shared and status frames are the hypervisor's memory, shared with the domain, which maps them
 *    by frame number like its own. A table never shrinks, nor do its status pages go when the
 *    version changes; the memory stays until the table is freed.
 *  - The version changes only while no entry but the reserved first ones is in use.
 */
#include "grant/table.h"

#include "abi/errno.h"
#include "console/log.h"
#include "domain/shared.h"
#include "grant/grant.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/pool.h"

/* gnttab_max_frames=, gnttab_max_maptrack_frames= and gnttab= of the command line. */
struct grant_defaults grant_defaults = {
    .frames = 64, .maptrack_frames = 1024, .version = 2, .transfer = true};

mfn_t table_frame(const void *page)
{
    return direct_mfn(page);
}

static uint32_t status_needed(uint32_t frames)
{
    return DIV_ROUND_UP(frames, (uint32_t)GRANT_FRAMES_PER_STATUS);
}

/* The pages of an earlier version 2 are there still: a guest may have kept them mapped. */
static int grow_status(struct domain *d, uint32_t frames)
{
    struct grant_table *t = d->grant;

    while (t->status_frames < status_needed(frames)) {
        grant_status_t **page = &t->status[t->status_frames];

        if (*page)
            memset(*page, 0, PAGE_BYTES);
        else
            *page = shared_page_create(d);
        if (!*page)
            return -ENOMEM;
        t->status_frames++;
    }
    return 0;
}

static int grow_one(struct domain *d)
{
    struct grant_table *t = d->grant;

    if (t->version == 2 && grow_status(d, t->frames + 1))
        return -ENOMEM;
    if (!t->active[t->frames])
        t->active[t->frames] = pool_array(struct grant_active, GRANT_V1_PER_FRAME);
    if (!t->active[t->frames])
        return -ENOMEM;
    t->shared[t->frames] = shared_page_create(d);
    if (!t->shared[t->frames])
        return -ENOMEM;
    t->frames++;
    return 0;
}

int table_grow(struct domain *d, uint32_t frames)
{
    struct grant_table *t = d->grant;

    if (frames > t->max_frames)
        return -EINVAL;
    for (uint32_t made = 0; t->frames < frames; made++) {
        int rc = grow_one(d);

        if (rc)
            return rc;
        if (made % 16 == 15 && t->frames < frames && hypercall_preempt())
            return -ERESTART;
    }
    return 0;
}

/* The reserved entries survive a change of version (xen/grant_table.h). One, in either layout. */
struct reserved_entry {
    uint16_t flags;
    domid_t domid;
    uint64_t frame;
};

static void reserved_read(const struct grant_table *t, struct reserved_entry *copy)
{
    for (uint32_t i = 0; i < GNTTAB_NR_RESERVED_ENTRIES; i++) {
        if (t->version == 1) {
            const grant_entry_v1_t *e = (grant_entry_v1_t *)t->shared[0] + i;

            copy[i] = (struct reserved_entry){READ_ONCE(e->flags), READ_ONCE(e->domid),
                                              READ_ONCE(e->frame)};
        } else {
            const grant_entry_v2_t *e = (grant_entry_v2_t *)t->shared[0] + i;

            copy[i] = (struct reserved_entry){READ_ONCE(e->hdr.flags), READ_ONCE(e->hdr.domid),
                                              READ_ONCE(e->full_page.frame)};
        }
    }
}

/* Can the copies be written in version @version? Only plain page grants mean the same in both. */
static bool reserved_fit(const struct reserved_entry *copy, uint32_t version)
{
    for (uint32_t i = 0; version == 1 && i < GNTTAB_NR_RESERVED_ENTRIES; i++) {
        uint16_t type = copy[i].flags & GTF_type_mask;

        if (type == GTF_transitive || (copy[i].flags & GTF_sub_page))
            return false;
        if (type != GTF_invalid && copy[i].frame > UINT32_MAX)
            return false;
    }
    return true;
}

static void reserved_write(const struct grant_table *t, const struct reserved_entry *copy)
{
    for (uint32_t i = 0; i < GNTTAB_NR_RESERVED_ENTRIES; i++) {
        const struct grant_active *act = &t->active[0][i];
        uint16_t flags = copy[i].flags & (uint16_t) ~(GTF_reading | GTF_writing), marks = 0;

        if (act->reads || act->writes)
            marks = GTF_reading | (act->writes ? GTF_writing : 0);
        if (t->version == 1) {
            grant_entry_v1_t *e = (grant_entry_v1_t *)t->shared[0] + i;

            *e = (grant_entry_v1_t){flags | marks, copy[i].domid, (uint32_t)copy[i].frame};
        } else {
            grant_entry_v2_t *e = (grant_entry_v2_t *)t->shared[0] + i;

            e->full_page.frame = copy[i].frame;
            e->hdr = (grant_entry_header_t){flags, copy[i].domid};
            t->status[0][i] = marks;
        }
    }
}

int table_set_version(struct domain *d, uint32_t version)
{
    struct reserved_entry reserved[GNTTAB_NR_RESERVED_ENTRIES];
    struct grant_table *t = d->grant;

    if (version != 1 && version != 2)
        return -EINVAL;
    if (version > t->max_version)
        return -ENOSYS;
    if (version == t->version)
        return 0;
    if (t->in_use)
        return -EBUSY;
    reserved_read(t, reserved);
    if (!reserved_fit(reserved, version))
        return -ERANGE;
    if (version == 2 && grow_status(d, t->frames)) {
        t->status_frames = 0;
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < t->frames; i++)
        memset(t->shared[i], 0, PAGE_BYTES);
    if (version == 1)
        t->status_frames = 0;
    t->version = version;
    reserved_write(t, reserved);
    return 0;
}

static int configure(struct grant_table *t, int32_t max_frames, int32_t max_maptrack,
                     uint32_t options)
{
    uint32_t version = XEN_DOMCTL_GRANT_version(options);

    t->max_frames = max_frames < 0 ? grant_defaults.frames : (uint32_t)max_frames;
    t->maptrack.max_frames =
        max_maptrack < 0 ? grant_defaults.maptrack_frames : (uint32_t)max_maptrack;
    if (t->max_frames < 1 || t->max_frames > GRANT_FRAMES_LIMIT ||
        t->maptrack.max_frames > MAPTRACK_FRAMES_LIMIT)
        return -EINVAL;
    t->max_version = grant_defaults.version;
    if (version && version < t->max_version)
        t->max_version = version;
    return 0;
}

int grant_domain_init(struct domain *d, int32_t max_frames, int32_t max_maptrack_frames,
                      uint32_t options)
{
    struct grant_table *t = pool_new(struct grant_table);
    int rc;

    if (!t)
        return -ENOMEM;
    spin_init(&t->lock, LOCK_GRANT_TABLE);
    t->version = 1;
    d->grant = t;
    rc = configure(t, max_frames, max_maptrack_frames, options);
    if (!rc) {
        t->shared = pool_array(void *, t->max_frames);
        t->status = pool_array(grant_status_t *, status_needed(t->max_frames));
        t->active = pool_array(struct grant_active *, t->max_frames);
        if (!t->shared || !t->status || !t->active)
            rc = -ENOMEM;
    }
    if (!rc)
        rc = maptrack_init(&t->maptrack, t->maptrack.max_frames);
    if (!rc)
        rc = table_grow(d, 1);
    if (rc)
        grant_domain_free(d);
    return rc;
}

void grant_domain_free(struct domain *d)
{
    struct grant_table *t = d->grant;

    if (!t)
        return;
    for (uint32_t i = 0; i < status_needed(t->max_frames) && t->status; i++)
        shared_page_free(t->status[i]);
    for (uint32_t i = 0; i < t->max_frames && t->shared; i++)
        shared_page_free(t->shared[i]);
    for (uint32_t i = 0; i < t->max_frames && t->active; i++)
        pool_free(t->active[i]);
    maptrack_free(&t->maptrack);
    pool_free(t->shared);
    pool_free(t->status);
    pool_free(t->active);
    pool_free(t);
    d->grant = NULL;
}

/* One page of the table: the status pages come behind the shared ones. */
static void unshare_one(struct grant_table *t, uint32_t i)
{
    void *page;

    spin_lock(&t->lock); /* who grew the table when its domain began to die has finished */
    page = i < t->max_frames ? t->shared[i] : (void *)t->status[i - t->max_frames];
    if (page)
        shared_page_end(page);
    spin_unlock(&t->lock);
}

int grant_domain_unshare(struct domain *d)
{
    struct grant_table *t = d->grant;

    while (t && t->unshared < t->max_frames + status_needed(t->max_frames)) {
        unshare_one(t, t->unshared++);
        if (t->unshared % 64 == 0 && hypercall_preempt())
            return -ERESTART;
    }
    return 0;
}

int grant_domain_relinquish(struct domain *d)
{
    struct grant_maptrack *m;

    if (!d->grant)
        return 0;
    m = &d->grant->maptrack;
    spin_lock(&m->lock);
    m->dying = true;
    spin_unlock(&m->lock);
    for (; m->cursor < m->frames * MAPPINGS_PER_FRAME; m->cursor++) {
        struct grant_mapping *mapping = maptrack_claim(m, m->cursor);

        if (mapping) {
            bool write = !(mapping->flags & GNTMAP_readonly);
            unsigned int halves = mapping->flags & MAPPING_HALVES;
            struct domain *granter = mapping->granter;

            entry_unpin(granter, mapping->ref, write, halves == MAPPING_HALVES ? 2 : 1);
            maptrack_give(m, mapping, m->cursor);
            domain_put(granter);
        }
        if (m->cursor % 64 == 63 && hypercall_preempt()) {
            m->cursor++;
            return -ERESTART;
        }
    }
    return 0;
}

int grant_resource_frames(struct domain *d, uint32_t id)
{
    if (!d->grant)
        return -EINVAL;
    switch (id) {
    case XENMEM_resource_grant_table_id_shared:
        return (int)d->grant->max_frames;
    case XENMEM_resource_grant_table_id_status:
        return d->grant->max_version < 2 ? 0 : (int)status_needed(d->grant->max_frames);
    default:
        return -EINVAL;
    }
}

/* Lock held. */
static int resource_frame(struct domain *d, uint32_t id, uint32_t index, const void **page)
{
    struct grant_table *t = d->grant;
    int rc = -EINVAL;

    if (id == XENMEM_resource_grant_table_id_shared && index < t->max_frames) {
        rc = table_grow(d, max(index + 1, t->frames));
        *page = rc ? NULL : t->shared[index];
    } else if (id == XENMEM_resource_grant_table_id_status && t->version == 2 &&
               index < status_needed(t->max_frames)) {
        if (index >= t->status_frames)
            rc = table_grow(d, min(t->max_frames, (index + 1) * (uint32_t)GRANT_FRAMES_PER_STATUS));
        else
            rc = 0;
        *page = rc ? NULL : t->status[index];
    }
    return rc;
}

int grant_resource_frame(struct domain *d, uint32_t id, uint32_t index, mfn_t *out)
{
    const void *page = NULL;
    int rc;

    if (!d->grant)
        return -EINVAL;
    do {
        spin_lock(&d->grant->lock);
        rc = resource_frame(d, id, index, &page);
        spin_unlock(&d->grant->lock);
    } while (rc == -ERESTART); /* the caller's loop is the one that is preempted */
    if (!rc)
        *out = table_frame(page);
    return rc;
}

int grant_seed(struct domain *d, grant_ref_t ref, domid_t to, uint64_t gfn, bool readonly)
{
    struct grant_table *t = d->grant;
    uint16_t flags = GTF_permit_access | (readonly ? GTF_readonly : 0);
    int rc = 0;

    spin_lock(&t->lock);
    if (ref >= GNTTAB_NR_RESERVED_ENTRIES || (t->version == 1 && gfn > UINT32_MAX)) {
        rc = -EINVAL;
    } else if (t->version == 1) {
        grant_entry_v1_t *e = (grant_entry_v1_t *)t->shared[0] + ref;

        e->domid = to;
        e->frame = (uint32_t)gfn;
        __atomic_store_n(&e->flags, flags, __ATOMIC_RELEASE);
    } else {
        grant_entry_v2_t *e = (grant_entry_v2_t *)t->shared[0] + ref;

        e->hdr.domid = to;
        e->full_page.frame = gfn;
        __atomic_store_n(&e->hdr.flags, flags, __ATOMIC_RELEASE);
    }
    spin_unlock(&t->lock);
    return rc;
}

#define DUMP_GRANTS 64 /* of a domain: it may have thousands mapped */

void grant_dump(struct domain *d)
{
    struct grant_table *t = d->grant;
    unsigned int shown = 0;

    if (!t)
        return;
    log_info("Domain %u: grant table v%u, %u of %u frames, maptrack %u of %u frames", d->id,
             t->version, t->frames, t->max_frames, t->maptrack.frames, t->maptrack.max_frames);
    for (grant_ref_t ref = 0; ref < t->frames * GRANT_V1_PER_FRAME && shown < DUMP_GRANTS; ref++) {
        const struct grant_active *act = entry_active(t, ref);

        if (!act->reads && !act->writes)
            continue;
        log_info("  grant %u: to domain %u, frame 0x%lx, %u reading %u writing", ref, act->domid,
                 (unsigned long)act->frame.n, act->reads, act->writes);
        shown++;
    }
}
