/* SPDX-License-Identifier: BSD-2-Clause */
/* The dm_op hypercall: who may call it, what it reads and writes, and operations on memory. */
/* sources: hypervisor/control/dm_op.c hypervisor/control/dm_memory.c hypervisor/control/access.c */
/* sources: hypervisor/hvm/vram.c */
/* cflags: -Itests/unit/fake */
#include "check.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/memory.h"
#include "domain/pod.h"
#include "domain/translated.h"
#include "hvm/hvm.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "mm/page.h"
#include "p2m/copy.h"
#include "p2m/written.h"

#include <xen/hvm/hvm_op.h>

#define GFNS 300

struct percpu fake_percpu[1];
unsigned int fake_cpu, fake_clflushes;

static struct domain control = {.id = 0, .is_control = true}, guest = {.id = 1},
                     stub = {.id = 2}, classic = {.id = 3};
static struct vcpu caller, guest_vcpu = {.domain = &guest};
static struct hvm_domain hvm;
static struct p2m p2m;
static uint8_t types[GFNS], caches[GFNS];
static int refs, preempt_in, reads_left, flushes, claimed;
static unsigned int ran;

static struct xen_dm_op op;
static uint8_t bitmap[64];
static struct xen_dm_op_buf buffers[3];

struct domain *domain_get(domid_t id)
{
    struct domain *all[] = {&control, &guest, &stub, &classic};

    if (id >= ARRAY_SIZE(all))
        return NULL;
    refs++;
    return all[id];
}

void domain_put(struct domain *d)
{
    (void)d;
    refs--;
}

struct vcpu *domain_vcpu(const struct domain *d, uint32_t id)
{
    return d == &guest && id == 0 ? &guest_vcpu : NULL;
}

/* Addresses are the test's own; what is read counts, so that nothing is read twice. */
int copy_from_guest(void *to, uint64_t gva, size_t bytes)
{
    if (gva < 4096 || reads_left == 0)
        return -EFAULT;
    reads_left -= reads_left > 0;
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

bool hypercall_preempt(void)
{
    return preempt_in && --preempt_in == 0;
}

struct p2m_entry p2m_lookup(const struct p2m *p, uint64_t gfn)
{
    (void)p;
    return (struct p2m_entry){.type = gfn < GFNS ? types[gfn] : P2M_HOLE};
}

bool p2m_next(const struct p2m *p, uint64_t gfn, unsigned int budget, uint64_t *at,
              struct p2m_entry *e)
{
    for (*at = gfn; *at < GFNS; ++*at) {
        *e = p2m_lookup(p, *at);
        if (e->type != P2M_HOLE || budget-- == 0)
            return true;
    }
    return false;
}

int translated_retype(struct domain *d, uint64_t gfn, enum p2m_type from, enum p2m_type to)
{
    (void)d;
    if (gfn >= GFNS || types[gfn] != from)
        return -EINVAL;
    types[gfn] = (uint8_t)to;
    return 0;
}

/* Frames of a word's range, or fewer (p2m/written.h). */
void p2m_written(struct p2m *p, uint64_t gfn, unsigned int count, uint8_t who,
                 enum p2m_written what, uint64_t *bits)
{
    CHECK(p == &p2m && count <= 64 && who == P2M_WATCH_VRAM && what != P2M_WRITTEN_PEEK);
    *bits = 0;
    for (uint64_t i = gfn; i < gfn + count && i < GFNS; i++) {
        if (types[i] == P2M_RAM)
            *bits |= 1ULL << (i - gfn);
        if (types[i] == P2M_RAM || types[i] == P2M_RAM_LOGDIRTY)
            types[i] = what == P2M_WRITTEN_TAKE ? P2M_RAM_LOGDIRTY : P2M_RAM;
    }
}

void p2m_watch(struct p2m *p, uint8_t who, bool on)
{
    p->watchers = on ? who : 0;
}

void translated_written(struct domain *d, uint64_t gfn)
{
    CHECK(d == &guest);
    if (gfn < GFNS && types[gfn] == P2M_RAM_LOGDIRTY)
        types[gfn] = P2M_RAM;
}

bool pod_populate(struct domain *d, uint64_t gfn)
{
    CHECK(d == &guest && types[gfn] == P2M_POD);
    types[gfn] = P2M_RAM;
    return true;
}

int translated_set_cache(struct domain *d, uint64_t gfn, enum p2m_cache cache)
{
    (void)d;
    caches[gfn] = (uint8_t)cache;
    return 0;
}

void translated_flush(struct domain *d)
{
    (void)d;
    flushes++;
}

int translated_move(struct domain *d, uint64_t from, uint64_t gfn)
{
    (void)d;
    if (types[from] != P2M_RAM)
        return -EINVAL;
    types[gfn] = P2M_RAM;
    types[from] = P2M_HOLE;
    return 0;
}

void domain_shutdown(struct domain *d, int reason)
{
    (void)d;
    ran = (unsigned int)reason;
}

int hvm_inject_later(struct vcpu *v, const struct xen_dm_op_inject_event *e)
{
    CHECK(v == &guest_vcpu);
    ran = e->vector;
    return 0;
}

int ioreq_create(struct domain *d, uint8_t buffering, ioservid_t *id)
{
    (void)d;
    *id = 5;
    return buffering > 2 ? -EINVAL : 0;
}

int ioreq_destroy(struct domain *d, ioservid_t id)
{
    (void)d;
    return id == 5 ? 0 : -ENOENT;
}

int ioreq_info(struct domain *d, struct xen_dm_op_get_ioreq_server_info *info)
{
    (void)d;
    info->bufioreq_port = 77;
    return 0;
}

int ioreq_map_range(struct domain *d, const struct xen_dm_op_ioreq_server_range *r)
{
    (void)d;
    (void)r;
    return 0;
}

int ioreq_unmap_range(struct domain *d, const struct xen_dm_op_ioreq_server_range *r)
{
    (void)d;
    (void)r;
    return 0;
}

int ioreq_set_state(struct domain *d, ioservid_t id, bool enabled)
{
    (void)d;
    ran = enabled;
    return id == 5 ? 0 : -ENOENT;
}

int ioreq_claim_memory(struct domain *d, ioservid_t id, bool claim)
{
    (void)d;
    claimed += claim ? 1 : -1;
    return id == 5 ? 0 : -ENOENT;
}

bool ioreq_memory_is_claimed(struct domain *d)
{
    (void)d;
    return claimed > 0;
}

int platform_pci_set(struct platform *p, unsigned int device, unsigned int intx, bool level)
{
    (void)p;
    ran = device * 8 + intx * 2 + level;
    return 0;
}

int platform_isa_set(struct platform *p, unsigned int irq, bool level)
{
    (void)p;
    ran = irq * 2 + level;
    return irq > 15 ? -EINVAL : 0;
}

int platform_link_route(struct platform *p, unsigned int link, unsigned int irq)
{
    (void)p;
    ran = link * 16 + irq;
    return 0;
}

int platform_msi(struct platform *p, uint64_t address, uint32_t data, uint32_t *pirq)
{
    (void)p;
    (void)address;
    *pirq = data;
    return 1;
}

static void reset(void)
{
    fake_percpu[0].current = &caller;
    caller.domain = &control;
    guest.hvm = &hvm;
    guest.p2m = &p2m;
    guest.life = DOMAIN_ALIVE;
    guest.max_vcpus = 1;
    hvm.vram = (struct vram){0};
    p2m.top_gfn = GFNS - 1;
    stub.target = NULL;
    spin_init(&p2m.lock, LOCK_P2M);
    spin_init(&guest.control_lock, LOCK_DOMAIN_CONTROL);
    memset(&op, 0, sizeof(op));
    memset(bitmap, 0, sizeof(bitmap));
    for (unsigned int i = 0; i < GFNS; i++)
        types[i] = P2M_RAM;
    buffers[0].h.p = &op;
    buffers[0].size = sizeof(op);
    buffers[1].h.p = bitmap;
    buffers[1].size = sizeof(bitmap);
    refs = preempt_in = flushes = claimed = 0;
    reads_left = -1;
}

static long call_as(struct domain *from, domid_t to, uint32_t count)
{
    long rc;

    caller.domain = from;
    rc = hc_dm_op(to, count, (uint64_t)buffers);
    caller.domain = &control;
    CHECK_EQ(refs, 0);
    return rc;
}

static long call(uint32_t number)
{
    op.op = number;
    return call_as(&control, 1, 2);
}

TEST(who_may_call)
{
    reset();
    op.op = XEN_DMOP_nr_vcpus;
    CHECK_EQ(call_as(&control, 1, 1), 0);
    CHECK_EQ(op.u.nr_vcpus.vcpus, 1);
    CHECK_EQ(call_as(&control, 9, 1), -ESRCH);
    CHECK_EQ(call_as(&control, DOMID_INVALID, 0), -ESRCH); /* a library asks: is it there? */
    CHECK_EQ(call_as(&control, DOMID_SELF, 1), -EPERM);
    CHECK_EQ(call_as(&guest, 1, 1), -EPERM);
    CHECK_EQ(call_as(&control, 3, 1), -EINVAL);
    CHECK_EQ(call_as(&stub, 1, 1), -EPERM);
    stub.target = &guest;
    CHECK_EQ(call_as(&stub, 1, 1), 0);
    stub.target = &classic;
    CHECK_EQ(call_as(&stub, 1, 1), -EPERM);
}

TEST(buffers)
{
    reset();
    op.op = XEN_DMOP_nr_vcpus;
    CHECK_EQ(call_as(&control, 1, 3), -E2BIG);
    CHECK_EQ(call_as(&control, 1, 0), -EFAULT);
    buffers[0].size = 7;
    CHECK_EQ(call_as(&control, 1, 1), -EFAULT);
    buffers[0].size = 11; /* four bytes are needed behind the head */
    CHECK_EQ(call_as(&control, 1, 1), -EFAULT);
    buffers[0].size = 12;
    memset(&op.u, 0x5a, sizeof(op.u));
    reads_left = 3; /* descriptors, head, body: once each */
    CHECK_EQ(call_as(&control, 1, 1), 0);
    CHECK_EQ(reads_left, 0);
    for (unsigned int i = 4; i < sizeof(op.u); i++)
        CHECK_EQ(((uint8_t *)&op.u)[i], 0x5a); /* what is behind it is the caller's */
    reads_left = -1;
    buffers[0].h.p = NULL;
    CHECK_EQ(call_as(&control, 1, 1), -EFAULT);
}

TEST(numbers_and_padding)
{
    reset();
    CHECK_EQ(call(0), -EOPNOTSUPP);
    CHECK_EQ(call(XEN_DMOP_set_irq_level), -EOPNOTSUPP); /* ARM's */
    CHECK_EQ(call(XEN_DMOP_nr_vcpus + 1), -EOPNOTSUPP);
    CHECK_EQ(call(~0u), -EOPNOTSUPP);
    op.pad = 1;
    CHECK_EQ(call(XEN_DMOP_nr_vcpus), -EINVAL);
    op.pad = 0;
    op.u.create_ioreq_server.pad[1] = 1;
    CHECK_EQ(call(XEN_DMOP_create_ioreq_server), -EINVAL);
    op.u.create_ioreq_server.pad[1] = 0;
    CHECK_EQ(call(XEN_DMOP_create_ioreq_server), 0);
    CHECK_EQ(op.u.create_ioreq_server.id, 5);
    memset(&op, 0, sizeof(op));
    op.u.get_ioreq_server_info.flags = 2;
    CHECK_EQ(call(XEN_DMOP_get_ioreq_server_info), -EINVAL);
    op.u.get_ioreq_server_info.flags = XEN_DMOP_no_gfns;
    CHECK_EQ(call(XEN_DMOP_get_ioreq_server_info), 0);
    CHECK_EQ(op.u.get_ioreq_server_info.bufioreq_port, 77);
    memset(&op, 0, sizeof(op));
    op.u.set_pci_intx_level =
        (struct xen_dm_op_set_pci_intx_level){.device = 3, .intx = 1, .level = 1};
    CHECK_EQ(call(XEN_DMOP_set_pci_intx_level), 0);
    CHECK_EQ(ran, 27);
    op.u.set_pci_intx_level.level = 2;
    CHECK_EQ(call(XEN_DMOP_set_pci_intx_level), -EINVAL);
    op.u.set_pci_intx_level.level = 1;
    op.u.set_pci_intx_level.bus = 1;
    CHECK_EQ(call(XEN_DMOP_set_pci_intx_level), -EINVAL);
    memset(&op, 0, sizeof(op));
    op.u.set_isa_irq_level = (struct xen_dm_op_set_isa_irq_level){.isa_irq = 4, .level = 1};
    CHECK_EQ(call(XEN_DMOP_set_isa_irq_level), 0);
    CHECK_EQ(ran, 9);
    memset(&op, 0, sizeof(op));
    CHECK_EQ(call(XEN_DMOP_inject_msi), 0); /* a positive answer stays inside */
    op.u.inject_event.vcpuid = 1;
    CHECK_EQ(call(XEN_DMOP_inject_event), -EINVAL);
}

TEST(memory_types)
{
    struct xen_dm_op_set_mem_type *a = &op.u.set_mem_type;

    reset();
    *a = (struct xen_dm_op_set_mem_type){.nr = 200, .first_pfn = 10, .mem_type = HVMMEM_ram_ro};
    preempt_in = 2;
    CHECK_EQ(call(XEN_DMOP_set_mem_type), -ERESTART);
    CHECK(a->nr > 0 && a->nr < 200 && a->first_pfn + a->nr == 210);
    CHECK_EQ(call(XEN_DMOP_set_mem_type), 0);
    CHECK(flushes >= 2);
    for (unsigned int i = 0; i < GFNS; i++)
        CHECK_EQ(types[i], i >= 10 && i < 210 ? P2M_RAM_RO : P2M_RAM);
    *a = (struct xen_dm_op_set_mem_type){.nr = 1, .first_pfn = GFNS, .mem_type = HVMMEM_ram_ro};
    CHECK_EQ(call(XEN_DMOP_set_mem_type), -EINVAL);
    *a = (struct xen_dm_op_set_mem_type){.nr = ~0u, .first_pfn = ~0ULL, .mem_type = HVMMEM_ram_ro};
    CHECK_EQ(call(XEN_DMOP_set_mem_type), -EINVAL);
    for (uint16_t t = HVMMEM_unused; t < 9; t++) { /* nobody takes the writes */
        *a = (struct xen_dm_op_set_mem_type){.nr = 1, .first_pfn = 1, .mem_type = t};
        CHECK_EQ(call(XEN_DMOP_set_mem_type), -EINVAL);
    }
    claimed = 1;
    *a = (struct xen_dm_op_set_mem_type){.nr = 1, .first_pfn = 1, .mem_type = HVMMEM_ioreq_server};
    CHECK_EQ(call(XEN_DMOP_set_mem_type), 0);
    CHECK_EQ(types[1], P2M_RAM_IOREQ);
    a->nr = 1, a->first_pfn = 20; /* not from read-only */
    CHECK_EQ(call(XEN_DMOP_set_mem_type), -EINVAL);
    a->nr = 1, a->first_pfn = 1, a->mem_type = HVMMEM_ram_ro;
    CHECK_EQ(call(XEN_DMOP_set_mem_type), -EINVAL);
    types[5] = P2M_GRANT_RW;
    a->nr = 1, a->first_pfn = 5;
    CHECK_EQ(call(XEN_DMOP_set_mem_type), -EINVAL);
    types[5] = P2M_POD; /* what is only promised is populated first */
    a->nr = 1, a->first_pfn = 5;
    CHECK_EQ(call(XEN_DMOP_set_mem_type), 0);
    CHECK_EQ(types[5], P2M_RAM_RO);
    types[5] = P2M_HOLE;
    a->nr = 1, a->first_pfn = 5, a->mem_type = HVMMEM_mmio_dm;
    CHECK_EQ(call(XEN_DMOP_set_mem_type), 0);
}

TEST(writes_that_go_to_a_server_no_more)
{
    struct xen_dm_op_map_mem_type_to_ioreq_server *a = &op.u.map_mem_type_to_ioreq_server;

    reset();
    *a = (struct xen_dm_op_map_mem_type_to_ioreq_server){
        .id = 5, .type = HVMMEM_ioreq_server, .flags = XEN_DMOP_IOREQ_MEM_ACCESS_WRITE};
    CHECK_EQ(call(XEN_DMOP_map_mem_type_to_ioreq_server), 0);
    a->flags = XEN_DMOP_IOREQ_MEM_ACCESS_READ;
    CHECK_EQ(call(XEN_DMOP_map_mem_type_to_ioreq_server), -EINVAL);
    for (unsigned int i = 0; i < GFNS; i += 3)
        types[i] = P2M_RAM_IOREQ;
    a->flags = 0;
    preempt_in = 2;
    CHECK_EQ(call(XEN_DMOP_map_mem_type_to_ioreq_server), -ERESTART);
    CHECK(a->opaque > 0 && a->opaque < GFNS);
    CHECK_EQ(call(XEN_DMOP_map_mem_type_to_ioreq_server), 0);
    CHECK_EQ(claimed, 0); /* given up once */
    for (unsigned int i = 0; i < GFNS; i++)
        CHECK_EQ(types[i], P2M_RAM);
}

static unsigned int dirty(void)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < sizeof(bitmap); i++)
        n += (unsigned int)__builtin_popcount(bitmap[i]);
    return n;
}

TEST(video_memory)
{
    struct xen_dm_op_track_dirty_vram *a = &op.u.track_dirty_vram;

    reset();
    *a = (struct xen_dm_op_track_dirty_vram){.nr = 200, .first_pfn = 50};
    buffers[1].size = 24;
    CHECK_EQ(call(XEN_DMOP_track_dirty_vram), -EINVAL); /* no room for the bitmap */
    buffers[1].size = 25;
    bitmap[25] = 0x77;
    CHECK_EQ(call(XEN_DMOP_track_dirty_vram), 0);
    CHECK_EQ(bitmap[25], 0x77);
    bitmap[25] = 0;
    CHECK_EQ(dirty(), 200);
    CHECK_EQ(types[49], P2M_RAM);
    CHECK_EQ(types[250], P2M_RAM);
    CHECK_EQ(call(XEN_DMOP_track_dirty_vram), 0);
    CHECK_EQ(dirty(), 0);
    translated_written(&guest, 60);
    preempt_in = 1; /* what was found before it stopped is not lost */
    CHECK_EQ(call(XEN_DMOP_track_dirty_vram), -ERESTART);
    translated_written(&guest, 249);
    CHECK_EQ(call(XEN_DMOP_track_dirty_vram), 0);
    CHECK_EQ(bitmap[1], 1 << 2);
    CHECK_EQ(bitmap[24], 1 << 7);
    CHECK_EQ(dirty(), 2);
    /* the device model's own writes */
    op.u.modified_memory = (struct xen_dm_op_modified_memory){.nr_extents = 2};
    {
        struct xen_dm_op_modified_memory_extent e[2] = {{.nr = 60, .first_pfn = 0},
                                                        {.nr = 1, .first_pfn = 100}};
        buffers[1].h.p = e;
        buffers[1].size = sizeof(e);
        preempt_in = 0;
        CHECK_EQ(call(XEN_DMOP_modified_memory), 0);
        /* a long one is left with what is to do yet */
        op.u.modified_memory = (struct xen_dm_op_modified_memory){.nr_extents = 2};
        e[0] = (struct xen_dm_op_modified_memory_extent){.nr = 60, .first_pfn = 0};
        e[1] = (struct xen_dm_op_modified_memory_extent){.nr = 200, .first_pfn = 100};
        preempt_in = 2; /* between the extents, then in the second */
        CHECK_EQ(call(XEN_DMOP_modified_memory), -ERESTART);
        CHECK_EQ(op.u.modified_memory.opaque, 1);
        CHECK_EQ(e[1].first_pfn, 164);
        CHECK_EQ(e[1].nr, 136);
        CHECK_EQ(types[163], P2M_RAM);
        CHECK_EQ(types[164], P2M_RAM_LOGDIRTY);
        memset(&types[101], P2M_RAM_LOGDIRTY, 63);
        e[1] = (struct xen_dm_op_modified_memory_extent){.nr = GFNS, .first_pfn = 100};
        op.u.modified_memory = (struct xen_dm_op_modified_memory){.nr_extents = 2};
        CHECK_EQ(call(XEN_DMOP_modified_memory), -EINVAL);
        op.u.modified_memory = (struct xen_dm_op_modified_memory){.nr_extents = 3};
        CHECK_EQ(call(XEN_DMOP_modified_memory), -EINVAL);
        /* a long one is done in parts */
        op.u.modified_memory = (struct xen_dm_op_modified_memory){.nr_extents = 2};
        guest.p2m->top_gfn = 4999;
        e[0] = (struct xen_dm_op_modified_memory_extent){.nr = 4000, .first_pfn = 1000};
        e[1] = (struct xen_dm_op_modified_memory_extent){.nr = 1, .first_pfn = 100};
        preempt_in = 1;
        CHECK_EQ(call(XEN_DMOP_modified_memory), -ERESTART);
        CHECK_EQ(op.u.modified_memory.opaque, 0);
        CHECK_EQ(e[0].nr, 4000 - 64);
        CHECK_EQ(e[0].first_pfn, 1000 + 64);
        CHECK_EQ(call(XEN_DMOP_modified_memory), 0);
        guest.p2m->top_gfn = GFNS - 1;
    }
    buffers[1].h.p = bitmap;
    buffers[1].size = sizeof(bitmap);
    *a = (struct xen_dm_op_track_dirty_vram){.nr = 200, .first_pfn = 50};
    CHECK_EQ(call(XEN_DMOP_track_dirty_vram), 0);
    CHECK_EQ(dirty(), 11); /* 50 to 59, and 100 */
    guest.life = DOMAIN_DYING;
    CHECK_EQ(call(XEN_DMOP_track_dirty_vram), -ESRCH);
    a->nr = (1 << 18) + 1;
    CHECK_EQ(call(XEN_DMOP_track_dirty_vram), -EINVAL);
}

TEST(moving_and_caching)
{
    struct xen_dm_op_relocate_memory *r = &op.u.relocate_memory;
    struct xen_dm_op_pin_memory_cacheattr *p = &op.u.pin_memory_cacheattr;

    reset();
    memset(&types[200], P2M_HOLE, 100);
    *r = (struct xen_dm_op_relocate_memory){.size = 90, .src_gfn = 0, .dst_gfn = 205};
    preempt_in = 5;
    CHECK_EQ(call(XEN_DMOP_relocate_memory), -ERESTART);
    CHECK_EQ(r->size, 85);
    CHECK_EQ(call(XEN_DMOP_relocate_memory), 0);
    for (unsigned int i = 0; i < 90; i++)
        CHECK(types[i] == P2M_HOLE && types[205 + i] == P2M_RAM);
    *p = (struct xen_dm_op_pin_memory_cacheattr){.start = 3, .end = ~0ULL >> 30, .type = 1};
    preempt_in = 1;
    CHECK_EQ(call(XEN_DMOP_pin_memory_cacheattr), -ERESTART);
    CHECK_EQ(p->start, 64);
    CHECK_EQ(call(XEN_DMOP_pin_memory_cacheattr), 0);
    for (unsigned int i = 3; i < GFNS; i++)
        CHECK_EQ(caches[i], P2M_CACHE_WC);
    for (uint32_t t = 2; t < 10; t++) {
        bool good = t == 4 || t == 5 || t == 6 || t == 7;

        *p = (struct xen_dm_op_pin_memory_cacheattr){.start = 1, .end = 1, .type = t};
        CHECK_EQ(call(XEN_DMOP_pin_memory_cacheattr), good ? 0 : -EINVAL);
    }
    *p = (struct xen_dm_op_pin_memory_cacheattr){.start = 2, .end = 1};
    CHECK_EQ(call(XEN_DMOP_pin_memory_cacheattr), -EINVAL);
}
