/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of resources, to a PV caller and to a translated one; foreign frames in batches, and those
 * that the hypervisor shows. */
/* sources: hypervisor/domain/physmap.c */
/* cflags: -Itests/unit/fake */
#include "check.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "domain/memory.h"
#include "domain/translated.h"
#include "grant/grant.h"
#include "hypercall/hypercall.h"
#include "mm/page.h"
#include "p2m/copy.h"
#include "p2m/p2m.h"

#define FRAME_BASE 1000 /* of the resource: frame n has this number more */
#define FRAMES_ALL 6

struct percpu fake_percpu[1];
unsigned int fake_cpu, fake_clflushes;
uint64_t frame_limit = 4096;
unsigned char fake_frame_table[4096 * sizeof(struct page)] aligned(16);

static const struct guest_kind plain = {.name = "plain"};
static struct domain control = {.id = 0, .is_control = true, .kind = &plain},
                     guest = {.id = 1, .kind = &plain, .is_translated = true};
static struct domain hypervisor = {.id = DOMID_XEN};
struct domain *domain_xen = &hypervisor;
static struct vcpu caller;
static uint64_t mapped[64], list[8], args[6];
static unsigned int preempt_in, fail_at, refs;

struct domain *domain_get(domid_t id)
{
    refs++;
    return id == 0 ? &control : id == 1 ? &guest : (refs--, NULL);
}

void domain_put(struct domain *d unused)
{
    refs--;
}

int memory_target(domid_t id, struct domain **out)
{
    *out = id == DOMID_SELF ? domain_get(caller.domain->id) : domain_get(id);
    return *out ? 0 : -ESRCH;
}

long memory_continue(uint32_t cmd, uint64_t done)
{
    args[0] = cmd | done << MEMORY_CMD_BITS;
    return -ERESTART;
}

bool caller_is_control(void)
{
    return caller.domain->is_control;
}

bool hypercall_preempt(void)
{
    return preempt_in && --preempt_in == 0;
}

int copy_from_guest(void *to, uint64_t gva, size_t bytes)
{
    if (gva < 4096)
        return -EFAULT;
    memcpy(to, (const void *)gva, bytes);
    return 0;
}

int copy_to_guest(uint64_t gva, const void *from, size_t bytes)
{
    if (gva < 4096)
        return -EFAULT;
    memcpy((void *)gva, from, bytes);
    return 0;
}

int grant_resource_frames(struct domain *d unused, uint32_t id)
{
    return id > 1 ? -EINVAL : FRAMES_ALL;
}

int grant_resource_frame(struct domain *d unused, uint32_t id, uint32_t index, mfn_t *mfn)
{
    *mfn = MFN(FRAME_BASE + index);
    return id > 1 || index >= FRAMES_ALL ? -EINVAL : 0;
}

int translated_map_frame(struct domain *d, uint64_t gfn, mfn_t frame)
{
    CHECK(d == caller.domain);
    if (gfn >= 64 || (fail_at && gfn == fail_at))
        return -ENOMEM;
    mapped[gfn] = frame.n;
    return 0;
}

int translated_map_foreign(struct domain *d, uint64_t gfn, struct domain *owner, uint64_t theirs)
{
    if (owner == d || theirs > 100)
        return -EINVAL;
    mapped[gfn] = theirs;
    return 0;
}

int translated_map_shown(struct domain *d, uint64_t gfn, mfn_t frame)
{
    return translated_map_frame(d, gfn, frame);
}

bool page_get_id(struct page *pg, domid_t owner)
{
    if (!pg->count || pg->count >> PAGE_OWNER_SHIFT != owner)
        return false;
    refs++;
    return true;
}

void page_put(struct page *pg unused)
{
    refs--;
}

/* Not reached. */
#define NOT_HERE(result, name, ...) result name(__VA_ARGS__) { abort(); }
NOT_HERE(int, translated_place, struct domain *d unused, uint64_t gfn unused, mfn_t mfn unused)
NOT_HERE(int, translated_move, struct domain *d unused, uint64_t from unused, uint64_t gfn unused)
NOT_HERE(int, translated_unmap, struct domain *d unused, uint64_t gfn unused)
NOT_HERE(bool, pod_populate, struct domain *d unused, uint64_t gfn unused)
NOT_HERE(struct p2m_entry, p2m_lookup, const struct p2m *p unused, uint64_t gfn unused)

static struct xen_mem_acquire_resource r;

static long acquire(uint64_t first, uint32_t count)
{
    uint64_t start = 0;
    long rc;

    r = (struct xen_mem_acquire_resource){.domid = 1, .type = XENMEM_resource_grant_table,
                                          .frame = first, .nr_frames = count};
    r.frame_list.p = count ? list : NULL;
    while ((rc = physmap_acquire_resource(start, (uint64_t)&r)) == -ERESTART) {
        CHECK_EQ(args[0] & MEMORY_CMD_MASK, XENMEM_acquire_resource);
        start = args[0] >> MEMORY_CMD_BITS;
    }
    CHECK_EQ(refs, 0);
    return rc;
}

static void reset(bool is_translated)
{
    caller.domain = &control;
    control.is_translated = is_translated;
    fake_percpu[0].current = &caller;
    memset(mapped, 0, sizeof(mapped));
    preempt_in = fail_at = refs = 0;
    for (unsigned int i = 0; i < 8; i++)
        list[i] = 10 + i;
}

TEST(a_pv_caller_is_told_numbers)
{
    reset(false);
    CHECK_EQ(acquire(0, 0), 0);
    CHECK_EQ(r.nr_frames, FRAMES_ALL);
    preempt_in = 2;
    CHECK_EQ(acquire(1, 4), 0);
    for (unsigned int i = 0; i < 4; i++)
        CHECK_EQ(list[i], FRAME_BASE + 1 + i);
    CHECK_EQ(acquire(3, 4), -EINVAL);
    CHECK_EQ(mapped[10], 0);
}

TEST(a_translated_caller_says_where)
{
    reset(true);
    preempt_in = 2;
    CHECK_EQ(acquire(1, 4), 0);
    for (unsigned int i = 0; i < 4; i++) {
        CHECK_EQ(list[i], 10 + i);
        CHECK_EQ(mapped[10 + i], FRAME_BASE + 1 + i);
    }
    fail_at = 12;
    CHECK_EQ(acquire(0, 4), -EIO); /* some are mapped */
    fail_at = 10;
    CHECK_EQ(acquire(0, 4), -ENOMEM); /* none is */
    CHECK_EQ(acquire(5, 2), -ENOMEM);
    fail_at = 0;
    CHECK_EQ(acquire(5, 2), -EIO); /* there is no seventh */
    CHECK_EQ(acquire(FRAMES_ALL, 1), -EINVAL);
}

TEST(who_may)
{
    reset(false);
    r = (struct xen_mem_acquire_resource){.domid = DOMID_SELF,
                                          .type = XENMEM_resource_grant_table};
    CHECK_EQ(physmap_acquire_resource(0, (uint64_t)&r), -ESRCH);
    r.domid = 0;
    CHECK_EQ(physmap_acquire_resource(0, (uint64_t)&r), -EPERM);
    r.domid = 1;
    r.pad = 1;
    CHECK_EQ(physmap_acquire_resource(0, (uint64_t)&r), -EINVAL);
    caller.domain = &guest;
    CHECK_EQ(physmap_acquire_resource(0, (uint64_t)&r), -EPERM);
}

TEST(foreign_frames)
{
    uint64_t theirs[3] = {7, 200, 9}, mine[3] = {20, 21, 22};
    int errs[3] = {5, 5, 5};
    struct xen_add_to_physmap_batch b = {.domid = DOMID_SELF, .size = 3,
                                         .space = XENMAPSPACE_gmfn_foreign, .u.foreign_domid = 1};
    struct xen_add_to_physmap one = {.domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign};

    reset(true);
    b.idxs.p = theirs;
    b.gpfns.p = mine;
    b.errs.p = errs;
    preempt_in = 1;
    CHECK_EQ(physmap_add_batch(0, (uint64_t)&b), -ERESTART);
    CHECK_EQ(args[0] >> MEMORY_CMD_BITS, 1);
    CHECK_EQ(physmap_add_batch(1, (uint64_t)&b), 0);
    CHECK_EQ(errs[0], 0);
    CHECK_EQ(errs[1], -EINVAL); /* the others are done all the same */
    CHECK_EQ(errs[2], 0);
    CHECK(mapped[20] == 7 && !mapped[21] && mapped[22] == 9);
    b.u.foreign_domid = DOMID_SELF;
    CHECK_EQ(physmap_add_batch(0, (uint64_t)&b), 0);
    CHECK_EQ(errs[0], -EINVAL);
    CHECK_EQ(physmap_add((uint64_t)&one), -ENOSYS); /* in batches only */
    CHECK_EQ(refs, 0);
    reset(false);
    CHECK_EQ(physmap_add_batch(0, (uint64_t)&b), -EACCES); /* it names machine frames */
}

static int map_of_hypervisor(uint64_t number, domid_t target)
{
    uint64_t mine = 20;
    int error = 5;
    struct xen_add_to_physmap_batch b = {.domid = target, .size = 1,
                                         .space = XENMAPSPACE_gmfn_foreign,
                                         .u.foreign_domid = DOMID_XEN};

    b.idxs.p = &number;
    b.gpfns.p = &mine;
    b.errs.p = &error;
    CHECK_EQ(physmap_add_batch(0, (uint64_t)&b), 0);
    CHECK_EQ(refs, 0);
    return error;
}

TEST(frames_the_hypervisor_shows)
{
    const uint64_t owner = (uint64_t)DOMID_XEN << PAGE_OWNER_SHIFT;

    reset(true);
    mfn_page(MFN(30))->count = owner | PAGE_XENHEAP | 1;
    mfn_page(MFN(31))->count = owner | 1; /* its own business */
    mfn_page(MFN(32))->count = 1ULL << PAGE_OWNER_SHIFT | PAGE_XENHEAP | 1;
    CHECK_EQ(map_of_hypervisor(30, DOMID_SELF), 0);
    CHECK_EQ(mapped[20], 30);
    mapped[20] = 0;
    CHECK_EQ(map_of_hypervisor(31, DOMID_SELF), -EINVAL);
    CHECK_EQ(map_of_hypervisor(32, DOMID_SELF), -EINVAL);
    CHECK_EQ(map_of_hypervisor(frame_limit, DOMID_SELF), -EINVAL);
    CHECK_EQ(map_of_hypervisor(30, 1), -EPERM); /* not for others */
    caller.domain = &guest;
    CHECK_EQ(map_of_hypervisor(30, DOMID_SELF), -EPERM);
    CHECK_EQ(mapped[20], 0);
}
