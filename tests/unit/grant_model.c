/* SPDX-License-Identifier: BSD-2-Clause */
/* Grants against a model of who holds what: all short sequences, and long random ones. */
/* sources: hypervisor/grant/table.c hypervisor/grant/entry.c hypervisor/grant/maptrack.c */
/* sources: hypervisor/grant/map.c hypervisor/grant/copy.c hypervisor/grant/query.c */
/* sources: hypervisor/grant/transfer.c */
/* sources: hypervisor/grant/cache.c hypervisor/grant/grant_op.c tests/unit/fake/grant_world.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"
#include "tests/unit/fake/grant_world.h"

/* Domain 1 grants, domain 2 (and 1 itself) maps. Refs 8 and 9 grant frames 0 and 1 of domain 1. */
#define REFS    2
#define HANDLES 6
#define GRANTER 1

struct model_map {
    bool used, write, present; /* present: its slot still maps the frame */
    int mapper, ref, slot;
    grant_handle_t handle;
};
static struct model_map maps[HANDLES];
static uint16_t
    entry_flags[REFS]; /* as the guest set them: 0, or permit with or without readonly */
static int entry_domid[REFS];
static uint32_t version;

static uint16_t guest_flags(int ref)
{
    struct grant_table *t = fake_domains[GRANTER].grant;

    return version == 1 ? ((grant_entry_v1_t *)t->shared[0])[8 + ref].flags
                        : ((grant_entry_v2_t *)t->shared[0])[8 + ref].hdr.flags;
}

static uint16_t guest_status(int ref)
{
    struct grant_table *t = fake_domains[GRANTER].grant;

    return (version == 1 ? guest_flags(ref) : t->status[0][8 + ref]) & (GTF_reading | GTF_writing);
}

static void guest_set(int ref, uint16_t flags, int domid)
{
    struct grant_table *t = fake_domains[GRANTER].grant;

    if (version == 1) {
        grant_entry_v1_t *e = (grant_entry_v1_t *)t->shared[0] + 8 + ref;

        e->domid = (domid_t)domid;
        e->frame = (uint32_t)fake_frame_of(GRANTER, ref);
        e->flags = (e->flags & (GTF_reading | GTF_writing)) | flags;
    } else {
        grant_entry_v2_t *e = (grant_entry_v2_t *)t->shared[0] + 8 + ref;

        e->hdr.domid = (domid_t)domid;
        e->full_page.frame = fake_frame_of(GRANTER, ref);
        e->hdr.flags = flags;
    }
    entry_flags[ref] = flags;
    entry_domid[ref] = domid;
}

static int model_pins(int ref, bool write_only)
{
    int pins = 0;

    for (int i = 0; i < HANDLES; i++)
        pins += maps[i].used && maps[i].ref == ref && (maps[i].write || !write_only);
    return pins;
}

/* Whose pins an entry holds now, -1 nobody's. */
static int model_holder(int ref)
{
    for (int i = 0; i < HANDLES; i++)
        if (maps[i].used && maps[i].ref == ref)
            return maps[i].mapper;
    return -1;
}

static bool model_allows(int ref, int who, bool write)
{
    return entry_flags[ref] && entry_domid[ref] == who &&
           !(write && (entry_flags[ref] & GTF_readonly)) &&
           (model_holder(ref) < 0 || model_holder(ref) == who);
}

static void check_world(void)
{
    CHECK(!fake_broken);
    for (int ref = 0; ref < REFS; ref++) {
        const struct fake_frame *f = &fake_frames[fake_frame_of(GRANTER, ref)];
        int refs = 1, writes = 0, pins = model_pins(ref, false), write_pins = model_pins(ref, true);

        for (int i = 0; i < HANDLES; i++)
            if (maps[i].used && maps[i].ref == ref && maps[i].present) {
                refs++;
                writes += maps[i].write;
            }
        CHECK_EQ(f->refs, refs + (pins > 0));
        CHECK_EQ(f->writes, writes + (write_pins > 0));
        CHECK_EQ(guest_status(ref), (pins ? GTF_reading : 0) | (write_pins ? GTF_writing : 0));
        CHECK_EQ(f->stale, 0);
    }
}

static int free_map(int mapper)
{
    bool taken[FAKE_SLOTS] = {false};
    int found = -1;

    for (int i = 0; i < HANDLES; i++)
        if (!maps[i].used)
            found = i;
    if (found < 0)
        return -1;
    for (int i = 0; i < HANDLES; i++)
        if (maps[i].used && maps[i].mapper == mapper && maps[i].present)
            taken[maps[i].slot] = true;
    maps[found].slot = 0;
    while (taken[maps[found].slot])
        maps[found].slot++;
    return found;
}

static void op_map(int mapper, int ref, bool write)
{
    struct gnttab_map_grant_ref op = {.flags = GNTMAP_host_map | (write ? 0 : GNTMAP_readonly),
                                      .ref = 8 + (grant_ref_t)ref,
                                      .dom = GRANTER};
    int i = free_map(mapper);

    if (i < 0)
        return;
    fake_become(mapper);
    op.host_addr = FAKE_SLOT_ADDR(maps[i].slot);
    CHECK_EQ(call(GNTTABOP_map_grant_ref, &op, 1), 0);
    if (!model_allows(ref, mapper, write)) {
        CHECK_EQ(op.status, GNTST_general_error);
        return;
    }
    CHECK_EQ(op.status, GNTST_okay);
    CHECK_EQ(op.dev_bus_addr, fake_frame_of(GRANTER, ref) << 12);
    maps[i] = (struct model_map){.used = true,
                                 .write = write,
                                 .present = true,
                                 .mapper = mapper,
                                 .ref = ref,
                                 .slot = maps[i].slot,
                                 .handle = op.handle};
}

static void op_unmap(int which)
{
    struct gnttab_unmap_grant_ref op = {.host_addr = FAKE_SLOT_ADDR(maps[which].slot),
                                        .handle = maps[which].handle};
    int flushes = fake_flushes;

    if (!maps[which].used)
        return;
    fake_become(maps[which].mapper);
    CHECK_EQ(call(GNTTABOP_unmap_grant_ref, &op, 1), 0);
    if (!maps[which].present) {
        /* Its slot may map the same frame again through another handle; then that goes. */
        CHECK(op.status == GNTST_general_error || op.status == GNTST_okay);
        if (op.status == GNTST_okay)
            for (int i = 0; i < HANDLES; i++)
                if (maps[i].used && maps[i].present && maps[i].slot == maps[which].slot &&
                    maps[i].mapper == maps[which].mapper)
                    maps[i].present = false;
    } else {
        CHECK_EQ(op.status, GNTST_okay);
    }
    if (op.status == GNTST_okay) {
        CHECK_EQ(fake_flushes, flushes + 1);
        maps[which].used = false;
        CHECK_EQ(call(GNTTABOP_unmap_grant_ref, &op, 1), 0);
        CHECK_EQ(op.status, GNTST_bad_handle);
    }
}

/* The mapping guest overwrites the slot itself: the entry's reference goes, the pin stays. */
static void op_overwrite(int which)
{
    if (!maps[which].used || !maps[which].present)
        return;
    fake_slot_clear(maps[which].mapper, maps[which].slot);
    maps[which].present = false;
}

static void op_copy(int who, int ref, bool to_grant)
{
    uint64_t own = fake_frame_of(who, 5), granted = fake_frame_of(GRANTER, ref);
    struct gnttab_copy op = {.len = 64, .flags = GNTCOPY_source_gref};
    bool allowed = model_allows(ref, who, to_grant);

    op.source.u.ref = 8 + (grant_ref_t)ref;
    op.source.domid = GRANTER;
    op.source.offset = 16;
    op.dest.u.gmfn = own;
    op.dest.domid = DOMID_SELF;
    op.dest.offset = 4096 - 64;
    if (to_grant) {
        struct gnttab_copy_ptr p = op.source;

        op.source = op.dest;
        op.dest = p;
        op.flags = GNTCOPY_dest_gref;
    }
    fake_become(who);
    fake_ram[own][4096 - 1] = (uint8_t)check_random();
    fake_ram[granted][16 + 63] = (uint8_t)check_random();
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, allowed ? GNTST_okay : GNTST_general_error);
    if (allowed)
        CHECK_EQ(fake_ram[own][4096 - 1], fake_ram[granted][16 + 63]);
}

#define OPERATIONS 22

static void operation(int n)
{
    switch (n) {
    case 0: /* the granter's own writes, allowed only as the protocol says */
    case 1:
    case 2:
    case 3:
        if (!guest_status(n & 1))
            guest_set(n & 1, GTF_permit_access | (n & 2 ? GTF_readonly : 0), 2);
        break;
    case 4:
        if (!guest_status(0))
            guest_set(0, GTF_permit_access, GRANTER);
        break;
    case 5: /* clear, even while in use: no new pins, old ones unharmed */
        guest_set(0, 0, 2);
        break;
    case 6:
    case 7:
    case 8:
    case 9:
        op_map(2, n & 1, n & 2);
        break;
    case 10:
    case 11:
        op_map(GRANTER, 0, n & 1);
        break;
    case 12:
    case 13:
    case 14:
        op_unmap(HANDLES - 1 - (n - 12));
        break;
    case 15:
    case 16:
        op_overwrite(HANDLES - 1 - (n - 15));
        break;
    case 17:
    case 18:
        op_copy(2, 0, n & 1);
        break;
    case 19:
        op_copy(GRANTER, 0, true);
        break;
    case 20: /* to another domain while it is in use, against the protocol */
        guest_set(0, GTF_permit_access, GRANTER);
        break;
    default:
        op_copy(2, 1, true);
        break;
    }
    check_world();
}

static void begin(uint32_t v)
{
    struct gnttab_set_version op = {.version = v};

    fake_world(4, 1, 2);
    memset(maps, 0, sizeof(maps));
    memset(entry_flags, 0, sizeof(entry_flags));
    version = v;
    fake_become(GRANTER);
    CHECK_EQ(call(GNTTABOP_set_version, &op, 1), 0);
}

/* Every sequence of three operations after a grant was given, read-write or read-only. */
static void all_short_sequences(uint32_t v)
{
    for (int n = 0; n < 2 * OPERATIONS * OPERATIONS * OPERATIONS; n++) {
        begin(v);
        operation(n & 1 ? 2 : 0);
        for (int left = n / 2, i = 0; i < 3; i++, left /= OPERATIONS)
            operation(left % OPERATIONS);
        CHECK(fake_world_end());
    }
}

TEST(all_short_sequences_v1)
{
    all_short_sequences(1);
}

static void long_sequences(uint32_t v)
{
    for (int round = 0; round < 100; round++) {
        begin(v);
        for (int i = 0; i < 300; i++)
            operation((int)check_random_below(OPERATIONS));
        CHECK(fake_world_end());
    }
}

TEST(long_sequences_v1)
{
    long_sequences(1);
}

TEST(long_sequences_v2)
{
    long_sequences(2);
}
