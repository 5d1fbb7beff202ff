/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains end in stages that may stop anywhere; and their memory maps. */
/* sources: hypervisor/domain/teardown.c hypervisor/domain/page_owner.c */
/* sources: hypervisor/domain/memory_map.c hypervisor/mm/page.c hypervisor/lib/cpumask.c */
/* sources: hypervisor/lib/bitmap.c tests/unit/fake/pv_only.c */
/* cflags: -Itests/unit/fake */
#include "check.h"

#define WORLD_REAL_TEARDOWN 1
#include "memory_world.h"

#include "console/log.h"
#include "domain/kind.h"
#include "domain/shared.h"
#include "event/event.h"
#include "grant/grant.h"
#include "irq/irq.h"
#include "mm/ram.h"
#include "sched/pool.h"

static unsigned int events_left, grants_left, kind_left, frames_seen, unpublished, announced;
static unsigned int pauses, areas, interrupts, tables_left, frames_made;
static struct page *pinned;
static int pinned_tries;

int event_domain_relinquish(struct domain *d)
{
    CHECK_EQ(d->life, DOMAIN_DYING);
    return events_left && events_left-- ? -ERESTART : 0;
}

int grant_domain_relinquish(struct domain *d)
{
    (void)d;
    CHECK_EQ(events_left, 0);
    return grants_left && grants_left-- ? -ERESTART : 0;
}

int grant_domain_unshare(struct domain *d)
{
    (void)d;
    return tables_left && tables_left-- ? -ERESTART : 0;
}

void shared_info_end(struct domain *d)
{
    (void)d;
    CHECK_EQ(tables_left, 0);
    CHECK(frames_seen >= frames_made);
}

void irq_domain_relinquish(struct domain *d)
{
    (void)d;
    interrupts++;
}

void vcpu_info_release(struct vcpu *v)
{
    (void)v;
    areas++;
}

void sched_pool_leave(struct domain *d)
{
    (void)d;
}

void domain_pause(struct domain *d)
{
    (void)d;
    pauses++;
}

static unsigned int forgotten;

void heap_forget(domid_t domain)
{
    CHECK_EQ(domain, DOM_ID);
    CHECK_EQ(unpublished, 0);
    forgotten++;
}

void domain_unpublish(struct domain *d)
{
    CHECK_EQ(forgotten, 1); /* before the number can be anyone else's */
    (void)d;
    unpublished++;
}

void event_raise_global_virq(uint32_t virq)
{
    CHECK_EQ(virq, VIRQ_DOM_EXC);
    announced++;
}

void log_line(enum log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

static int relinquish(struct domain *d)
{
    (void)d;
    CHECK_EQ(grants_left, 0);
    return kind_left && kind_left-- ? -ERESTART : 0;
}

static int frame_release(struct domain *d, struct page *pg)
{
    (void)d;
    CHECK_EQ(kind_left, 0);
    frames_seen++;
    return pg == pinned && pinned_tries-- > 0 ? -ERESTART : 0;
}

static const struct guest_kind kind = {.domain_relinquish = relinquish,
                                       .frame_release = frame_release};
static struct vcpu *vcpus[2];

/* A domain with @frames frames and two vCPUs. */
static void begin(unsigned int frames)
{
    world_reset(0, frames);
    world_domain.kind = &kind;
    world_domain.vcpus = vcpus;
    world_domain.max_vcpus = 2;
    vcpus[0] = vcpus[1] = &world_vcpu;
    events_left = grants_left = kind_left = frames_seen = 0;
    unpublished = announced = pauses = areas = interrupts = tables_left = forgotten = 0;
    frames_made = frames;
    pinned = NULL;
    for (unsigned int i = 0; i < frames; i++)
        CHECK(domain_alloc_pages(&world_domain, 0, 0, M2P_INVALID));
}

TEST(everything_comes_back)
{
    begin(40);
    CHECK_EQ(domain_kill(&world_domain), 0);
    CHECK_EQ(world_domain.tot_pages, 0);
    CHECK_EQ(heap_free_pages(), FRAMES);
    CHECK_EQ(world_domain.life, DOMAIN_DEAD);
    CHECK_EQ(frames_seen, 40);
    CHECK_EQ(areas, 2);
    CHECK_EQ(interrupts, 1);
    CHECK_EQ(unpublished, 1);
    CHECK_EQ(announced, 1);
    CHECK_EQ(domain_kill(&world_domain), 0); /* once more changes nothing */
    CHECK_EQ(unpublished, 1);
    CHECK_EQ(pauses, 1);
}

/* What is free between a domain's frames is stepped over, in blocks. */
TEST(frames_among_free_ones)
{
    begin(100);
    for (uint64_t n = 0; n < 100; n++)
        if (n / 7 % 2)
            CHECK(page_release_allocated(mfn_page(MFN(n))));
    page_limbo_drain();
    CHECK_EQ(world_domain.tot_pages, 51);
    frames_made = 51;
    CHECK_EQ(domain_kill(&world_domain), 0);
    CHECK_EQ(frames_seen, 51);
    CHECK_EQ(world_domain.tot_pages, 0);
    CHECK_EQ(heap_free_pages(), FRAMES);
}

TEST(every_stage_may_stop)
{
    unsigned int calls = 0;
    int rc;

    begin(100);
    events_left = 3;
    grants_left = 2;
    kind_left = 4;
    tables_left = 2;
    pinned = mfn_page(MFN(17));
    pinned_tries = 5;
    do {
        world_preempt_in = 0;
        rc = domain_kill(&world_domain);
        CHECK(!spin_is_locked(&world_domain.control_lock));
        calls++;
    } while (rc == -ERESTART && calls < 100);
    CHECK_EQ(rc, 0);
    CHECK(calls >= 3 + 2 + 4 + 5 + 2);
    CHECK_EQ(heap_free_pages(), FRAMES);
    CHECK_EQ(pauses, 1);
    CHECK_EQ(unpublished, 1);
}

/* A frame that another domain has mapped keeps the dead domain on the list. */
TEST(mapped_frames_keep_the_number)
{
    struct page *pg;

    begin(8);
    pg = mfn_page(MFN(world_domain.lowest_mfn + 3));
    CHECK(page_get(pg, &world_domain));
    CHECK_EQ(domain_kill(&world_domain), 0);
    CHECK_EQ(world_domain.life, DOMAIN_DEAD);
    CHECK_EQ(world_domain.tot_pages, 1);
    CHECK_EQ(unpublished, 0);
    CHECK_EQ(announced, 1);
    page_put(pg);
    page_limbo_drain();
    CHECK_EQ(world_domain.tot_pages, 0);
    CHECK_EQ(unpublished, 1);
    CHECK_EQ(announced, 2);
    CHECK_EQ(heap_free_pages(), FRAMES);
}

TEST(claims_are_given_up)
{
    begin(4);
    world_domain.claimed_pages = 10;
    world_claimed = 10;
    CHECK_EQ(domain_kill(&world_domain), 0);
    CHECK_EQ(world_claimed, 0);
}

TEST(the_control_domain_does_not_end)
{
    begin(4);
    world_domain.is_control = true;
    CHECK_EQ(domain_kill(&world_domain), -EINVAL);
    CHECK_EQ(world_domain.life, DOMAIN_ALIVE);
}

TEST(a_busy_domain_is_tried_again)
{
    begin(4);
    spin_lock(&world_domain.control_lock);
    CHECK_EQ(domain_kill(&world_domain), -ERESTART);
    CHECK_EQ(world_domain.life, DOMAIN_ALIVE);
    spin_unlock(&world_domain.control_lock);
}

/* ---- memory maps ---- */

int memory_target(domid_t id, struct domain **out)
{
    *out = domain_get_arg(id);
    return *out ? 0 : -ESRCH;
}

uint64_t hvmap_max_mfn(void)
{
    return 3 << 18; /* 3 GiB */
}

mfn_t hvmap_m2p_piece(uint64_t n)
{
    return n == 1 ? MFN_NONE : MFN(0x1000 + n); /* no RAM in the second GiB */
}

bool ram_machine_map_entry(unsigned int index, uint64_t *base, uint64_t *bytes, uint32_t *type)
{
    *base = index * 0x100000ULL;
    *bytes = 0x80000;
    *type = 1;
    return index < 5;
}

#define AT(x) ((uint64_t)(uintptr_t)(x))

TEST(machine_map_comes_whole)
{
    struct e820_entry entries[8] = {0};
    struct xen_memory_map map = {.nr_entries = 3};

    begin(0);
    map.buffer.p = entries;
    CHECK_EQ(memory_map_get_machine(AT(&map)), -EINVAL);
    CHECK_EQ(map.nr_entries, 3);
    CHECK_EQ(entries[0].bytes, 0);
    map.nr_entries = 1000;
    CHECK_EQ(memory_map_get_machine(AT(&map)), 0);
    CHECK_EQ(map.nr_entries, 5);
    world_control = false;
    CHECK_EQ(memory_map_get_machine(AT(&map)), -EPERM);
    CHECK_EQ(sizeof(struct e820_entry), 20);
}

TEST(a_guests_map)
{
    struct e820_entry in[2] = {{0, 0x9f000, 1}, {0x100000, 0x1000000, 1}}, out[4] = {0};
    struct xen_foreign_memory_map set = {.domid = DOM_ID, .map = {.nr_entries = 2}};
    struct xen_memory_map get = {.nr_entries = 4};

    begin(0);
    get.buffer.p = out;
    CHECK_EQ(memory_map_get(AT(&get)), -ENOSYS); /* none: the guest makes one up */
    set.map.buffer.p = in;
    for (int fail = 0; fail < 3; fail++) {
        world_fail_in = fail;
        CHECK(memory_map_set(AT(&set)) < 0);
        CHECK(!world_domain.memory_map);
    }
    world_fail_in = -1;
    CHECK_EQ(memory_map_set(AT(&set)), 0);
    CHECK_EQ(memory_map_get(AT(&get)), 0);
    CHECK_EQ(get.nr_entries, 2);
    CHECK(!memcmp(in, out, sizeof(in)));
    set.map.nr_entries = 129;
    CHECK_EQ(memory_map_set(AT(&set)), -EINVAL);
    set.map.nr_entries = 1;
    set.domid = 99;
    CHECK_EQ(memory_map_set(AT(&set)), -ESRCH);
    CHECK_EQ(world_pool_blocks, 1); /* the one map */
    world_control = false;
    CHECK_EQ(memory_map_set(AT(&set)), -EPERM);
    pool_free(world_domain.memory_map);
}

TEST(holes_of_the_frame_list)
{
    uint64_t frames[4] = {9, 9, 9, 9};
    struct xen_machphys_mfn_list list = {.max_extents = 4};
    struct xen_machphys_mapping mapping;

    begin(0);
    list.extent_start.p = frames;
    CHECK_EQ(memory_machphys_mfn_list(AT(&list)), 0);
    CHECK_EQ(list.nr_extents, 3);
    CHECK_EQ(frames[0], 0x1000);
    CHECK_EQ(frames[1], 0x1000); /* something that can be mapped */
    CHECK_EQ(frames[2], 0x1002);
    CHECK_EQ(frames[3], 9);
    CHECK_EQ(memory_machphys_mapping(AT(&mapping)), 0);
    CHECK_EQ(mapping.max_mfn, (3 << 18) - 1);
}
