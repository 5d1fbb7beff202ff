/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests' physical interrupts over lines that exist only here: numbers, sharing, EOI. */
/* sources: hypervisor/physdev/guest.c hypervisor/physdev/map.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "event/event.h"
#include "irq/irq.h"
#include "irq/line.h"
#include "irq/msi.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "physdev/pirq.h"

#include <xen/physdev.h>

#define GSIS  24
#define PORTS 64

struct percpu fake_percpu[4];
unsigned int fake_cpu;
uint8_t fake_ram[4][PAGE_BYTES];
struct domain *domain_control;
unsigned char fake_frame_table[4 * sizeof(struct page)] aligned(16);

static struct irq_line gsi_lines[GSIS];
static int raised[4][PORTS]; /* by domain and port */
static int unmasked[4][PORTS];
static int allocations, messages, fail_alloc_after = -1;
static bool page_ok = true;
static int page_uses;

/* ---- what the two sources need of the machine ---- */

void *pool_alloc(size_t bytes)
{
    if (fail_alloc_after == 0)
        return NULL;
    if (fail_alloc_after > 0)
        fail_alloc_after--;
    allocations++;
    return calloc(1, bytes);
}

void *pool_alloc_array(size_t n, size_t bytes)
{
    return pool_alloc(n * bytes);
}

void pool_free(void *p)
{
    allocations -= p != NULL;
    free(p);
}

uint64_t frame_limit = 4;

bool page_get_writable_id(struct page *pg, domid_t owner)
{
    (void)pg, (void)owner;
    page_uses += page_ok;
    return page_ok;
}

void page_put_writable(struct page *pg)
{
    (void)pg;
    page_uses--;
}

bool page_get_id(struct page *pg unused, domid_t owner unused)
{
    abort(); /* all are written */
}

void page_put(struct page *pg unused)
{
    abort();
}

uint32_t irq_gsi_count(void)
{
    return GSIS;
}

struct irq_line *irq_gsi_line(uint32_t gsi)
{
    return gsi < GSIS && gsi != 13 ? &gsi_lines[gsi] : NULL; /* 13: a hole */
}

int irq_line_start(struct irq_line *line, unsigned int cpu, irq_run *run, void *data)
{
    if (line->run)
        return -EBUSY;
    line->cpu = cpu;
    line->run = run;
    line->data = data;
    line->in_service = false;
    return 0;
}

void irq_line_stop(struct irq_line *line)
{
    line->run = NULL;
    line->in_service = false;
}

void irq_line_done(struct irq_line *line)
{
    line->in_service = false;
}

void irq_line_move(struct irq_line *line, unsigned int cpu)
{
    line->cpu = cpu;
}

void irq_line_sync(void)
{
}

static struct timer *overdue; /* the timer that is set */

void timer_init(struct timer *t, void (*run)(void *data), void *data, unsigned int cpu)
{
    *t = (struct timer){.run = run, .data = data, .cpu = cpu};
}

void timer_set_here(struct timer *t, uint64_t expires_ns)
{
    CHECK(expires_ns > 1000);
    overdue = t;
}

uint64_t time_now_ns(void)
{
    return 1000;
}

static struct irq_line *message_new(enum irq_kind kind, uint32_t number)
{
    struct irq_line *line = calloc(1, sizeof(*line));

    line->kind = kind;
    line->number = number;
    messages++;
    return line;
}

int msi_enable(struct pci_address a, unsigned int count, unsigned int cpu, struct irq_line **lines)
{
    (void)cpu;
    if (a.bus == 99)
        return -ENODEV;
    for (unsigned int i = 0; i < count; i++)
        lines[i] = message_new(IRQ_MSI, i);
    return 0;
}

int msix_enable(struct pci_address a, uint32_t entry, uint64_t bar, unsigned int cpu,
                struct irq_line **line)
{
    (void)a, (void)bar, (void)cpu;
    *line = message_new(IRQ_MSIX, entry);
    return 0;
}

void msi_disable(struct irq_line *line)
{
    messages--;
    free(line);
}

void event_raise_port(struct domain *d, evtchn_port_t port)
{
    raised[d->id][port]++;
}

int event_unmask_port(struct domain *d, evtchn_port_t port)
{
    unmasked[d->id][port]++;
    return 0;
}

/* ---- the tests' own tools ---- */

static struct domain *domain_new(domid_t id)
{
    struct domain *d = calloc(1, sizeof(*d));

    d->id = id;
    d->life = DOMAIN_ALIVE;
    d->is_control = id == 0;
    if (irq_domain_init(d))
        CHECK_FAIL("no pirqs");
    if (id == 0)
        domain_control = d;
    return d;
}

static void domain_end(struct domain *d)
{
    irq_domain_free(d);
    if (domain_control == d)
        domain_control = NULL;
    free(d);
}

static void world_reset(void)
{
    memset(raised, 0, sizeof(raised));
    memset(unmasked, 0, sizeof(unmasked));
    for (uint32_t i = 0; i < GSIS; i++)
        gsi_lines[i] =
            (struct irq_line){.kind = IRQ_GSI, .number = i, .level = i >= 16, .vector = 0x30};
    fail_alloc_after = -1;
    page_ok = true;
    overdue = NULL;
}

static int map_gsi(struct domain *d, uint32_t gsi, int32_t pirq)
{
    struct pirq_request r = {.gsi = gsi, .count = 1, .pirq = pirq};

    return pirq_map(d, &r);
}

static int map_msi(struct domain *d, uint32_t count, int32_t pirq)
{
    struct pirq_request r = {.is_message = true, .count = count, .pirq = pirq, .bus = 3};

    return pirq_map(d, &r);
}

/* The hardware: as irq/dispatch.c does it. */
static void interrupt(struct irq_line *line)
{
    if (!line->run || line->in_service)
        return;
    if (line->kind == IRQ_GSI && line->level)
        line->in_service = true;
    line->run(line, line->data);
}

TEST(gsis_keep_their_numbers)
{
    struct domain *d;

    world_reset();
    d = domain_new(0);
    CHECK_EQ(map_gsi(d, 4, 4), 4);
    CHECK_EQ(map_gsi(d, 4, 4), 4); /* again */
    CHECK_EQ(map_gsi(d, 4, -1), 4);
    CHECK_EQ(map_gsi(d, 17, -1), 17);
    CHECK_EQ(map_gsi(d, 5, 4), -EEXIST);
    CHECK_EQ(map_gsi(d, 13, 13), -EINVAL);
    CHECK_EQ(map_gsi(d, GSIS, GSIS), -EINVAL);
    CHECK_EQ(map_gsi(d, 5, 0x7fffffff), -EINVAL);
    CHECK_EQ(pirq_unmap(d, 4), 0);
    CHECK_EQ(pirq_unmap(d, 4), -EINVAL);
    CHECK_EQ(pirq_unmap(d, ~0u), -EINVAL);
    domain_end(d);
}

TEST(messages_get_numbers_above)
{
    struct domain *d;

    world_reset();
    d = domain_new(0);
    CHECK_EQ(map_msi(d, 1, -1), GSIS);
    CHECK_EQ(map_msi(d, 4, -1), GSIS + 1);
    CHECK_EQ(map_msi(d, 1, -1), GSIS + 5);
    CHECK_EQ(messages, 6);
    CHECK_EQ(map_msi(d, 2, GSIS + 5), -EEXIST);
    CHECK_EQ(map_msi(d, 1, GSIS + 9), GSIS + 9);
    CHECK_EQ(map_msi(d, 0, -1), -ERANGE);
    CHECK_EQ(map_msi(d, 33, -1), -ERANGE);
    CHECK_EQ(pirq_unmap(d, GSIS + 2), 0);
    CHECK_EQ(map_msi(d, 2, -1), GSIS + 6);
    CHECK_EQ(map_msi(d, 1, -1), GSIS + 2);
    domain_end(d);
    CHECK_EQ(messages, 0);
}

TEST(numbers_run_out)
{
    struct domain *d;
    int count = 0, rc;

    world_reset();
    d = domain_new(1);
    while ((rc = map_msi(d, 1, -1)) >= 0)
        count++;
    CHECK_EQ(rc, -ENOSPC);
    CHECK_EQ(count, 128);
    CHECK_EQ(messages, 128);
    domain_end(d);
    CHECK_EQ(messages, 0);
}

TEST(failed_maps_leave_nothing)
{
    struct domain *d;
    int before;

    world_reset();
    d = domain_new(0);
    CHECK_EQ(map_msi(d, 1, -1), GSIS);
    before = allocations;
    for (int n = 0; n < 8; n++) {
        fail_alloc_after = n;
        CHECK_EQ(map_msi(d, 4, -1), n < 8 ? -ENOMEM : GSIS + 1);
        CHECK_EQ(allocations, before);
        CHECK_EQ(messages, 1);
    }
    fail_alloc_after = -1;
    {
        struct pirq_request r = {.is_message = true, .count = 1, .pirq = -1, .bus = 99};

        CHECK_EQ(pirq_map(d, &r), -ENODEV);
    }
    CHECK_EQ(allocations, before);
    domain_end(d);
}

TEST(reserved_numbers)
{
    struct domain *d;

    world_reset();
    d = domain_new(1);
    CHECK_EQ(pirq_reserve(d, true), GSIS);
    CHECK_EQ(map_msi(d, 1, -1), GSIS + 1); /* not the reserved one */
    CHECK_EQ(irq_bind_guest(d, GSIS, false, 1), -EINVAL);
    CHECK_EQ(map_msi(d, 1, GSIS), GSIS); /* unless named */
    CHECK_EQ(irq_bind_guest(d, GSIS, false, 1), 0);
    irq_unbind_guest(d, GSIS);
    domain_end(d);
}

TEST(edge_and_messages_need_no_eoi)
{
    struct domain *d;
    uint32_t flags;

    world_reset();
    d = domain_new(0);
    CHECK_EQ(map_gsi(d, 4, 4), 4);
    CHECK_EQ(irq_bind_guest(d, 5, false, 7), -EINVAL);
    CHECK_EQ(irq_bind_guest(d, 4, false, 7), 0);
    CHECK_EQ(irq_bind_guest(d, 4, false, 8), -EEXIST);
    for (int i = 0; i < 3; i++)
        interrupt(&gsi_lines[4]);
    CHECK_EQ(raised[0][7], 3);
    CHECK_EQ(pirq_status(d, 4, &flags), 0);
    CHECK_EQ(flags, 0);
    CHECK_EQ(pirq_status(d, 6, &flags), -EINVAL);
    irq_unbind_guest(d, 4);
    interrupt(&gsi_lines[4]);
    CHECK_EQ(raised[0][7], 3);
    domain_end(d);
}

TEST(level_waits_for_the_guest)
{
    struct domain *d;
    uint32_t flags;

    world_reset();
    d = domain_new(0);
    CHECK_EQ(map_gsi(d, 17, 17), 17);
    CHECK_EQ(irq_bind_guest(d, 17, true, 3), 0);
    CHECK_EQ(pirq_status(d, 17, &flags), 0);
    CHECK_EQ(flags, XENIRQSTAT_needs_eoi | XENIRQSTAT_shared);
    interrupt(&gsi_lines[17]);
    interrupt(&gsi_lines[17]);
    CHECK_EQ(raised[0][3], 1);
    CHECK_EQ(pirq_eoi(d, 18), -EINVAL);
    CHECK(gsi_lines[17].in_service);
    CHECK_EQ(pirq_eoi(d, 17), 0);
    CHECK(!gsi_lines[17].in_service);
    CHECK_EQ(pirq_eoi(d, 17), 0); /* one too many does no harm */
    CHECK_EQ(unmasked[0][3], 0);
    interrupt(&gsi_lines[17]);
    CHECK_EQ(raised[0][3], 2);
    irq_unbind_guest(d, 17); /* owing one */
    CHECK(!gsi_lines[17].in_service && !gsi_lines[17].run);
    CHECK_EQ(irq_bind_guest(d, 17, false, 4), 0);
    interrupt(&gsi_lines[17]);
    CHECK_EQ(raised[0][4], 1);
    domain_end(d);
    CHECK(!gsi_lines[17].run);
}

TEST(shared_lines_wait_for_all)
{
    struct domain *a, *b, *c;

    world_reset();
    a = domain_new(0), b = domain_new(1), c = domain_new(2);
    CHECK_EQ(map_gsi(a, 18, 18), 18);
    CHECK_EQ(map_gsi(b, 18, -1), 18);
    CHECK_EQ(map_gsi(c, 18, -1), 18);
    CHECK_EQ(irq_bind_guest(a, 18, true, 1), 0);
    CHECK_EQ(irq_bind_guest(b, 18, false, 2), -EBUSY);
    CHECK_EQ(irq_bind_guest(b, 18, true, 2), 0);
    CHECK_EQ(irq_bind_guest(c, 18, true, 3), 0);
    interrupt(&gsi_lines[18]);
    CHECK(raised[0][1] == 1 && raised[1][2] == 1 && raised[2][3] == 1);
    CHECK_EQ(pirq_eoi(a, 18), 0);
    CHECK_EQ(pirq_eoi(a, 18), 0);
    CHECK(gsi_lines[18].in_service);
    CHECK_EQ(pirq_eoi(b, 18), 0);
    CHECK(gsi_lines[18].in_service);
    irq_unbind_guest(c, 18); /* dies owing */
    CHECK(!gsi_lines[18].in_service);
    interrupt(&gsi_lines[18]);
    CHECK(raised[0][1] == 2 && raised[1][2] == 2 && raised[2][3] == 1);
    domain_end(b); /* its death pays its debt */
    CHECK(gsi_lines[18].in_service);
    CHECK_EQ(pirq_eoi(a, 18), 0);
    CHECK(!gsi_lines[18].in_service);
    domain_end(a);
    domain_end(c);
    CHECK(!gsi_lines[18].run);
}

TEST(shared_lines_do_not_wait_for_ever)
{
    struct domain *a, *b;

    world_reset();
    a = domain_new(0), b = domain_new(1);
    CHECK_EQ(map_gsi(a, 18, 18), 18);
    CHECK_EQ(map_gsi(b, 18, -1), 18);
    CHECK_EQ(irq_bind_guest(a, 18, true, 1), 0);
    interrupt(&gsi_lines[18]);
    CHECK(!overdue); /* alone it may take its time */
    CHECK_EQ(pirq_eoi(a, 18), 0);
    CHECK_EQ(irq_bind_guest(b, 18, true, 2), 0);
    interrupt(&gsi_lines[18]);
    CHECK(overdue);
    CHECK_EQ(pirq_eoi(a, 18), 0); /* b says nothing */
    CHECK(gsi_lines[18].in_service);
    overdue->run(overdue->data);
    CHECK(!gsi_lines[18].in_service);
    interrupt(&gsi_lines[18]);
    CHECK(raised[0][1] == 3 && raised[1][2] == 2);
    CHECK_EQ(pirq_eoi(b, 18), 0);
    CHECK_EQ(pirq_eoi(a, 18), 0);
    CHECK(!gsi_lines[18].in_service);
    overdue->run(overdue->data); /* nobody owes any more */
    interrupt(&gsi_lines[18]);
    CHECK_EQ(raised[0][1], 4);
    overdue = NULL;
    domain_end(b);
    domain_end(a);
}

TEST(first_one_alone_keeps_others_out)
{
    struct domain *a, *b;

    world_reset();
    a = domain_new(0), b = domain_new(1);
    CHECK_EQ(map_gsi(a, 4, 4), 4);
    CHECK_EQ(map_gsi(b, 4, -1), 4);
    CHECK_EQ(irq_bind_guest(a, 4, false, 1), 0);
    CHECK_EQ(irq_bind_guest(b, 4, true, 1), -EBUSY);
    interrupt(&gsi_lines[4]);
    CHECK_EQ(raised[0][1], 1);
    CHECK_EQ(raised[1][1], 0);
    domain_end(a);
    domain_end(b);
}

TEST(line_taken_by_the_hypervisor)
{
    struct domain *d;

    world_reset();
    d = domain_new(0);
    CHECK_EQ(irq_line_start(&gsi_lines[4], 0, (irq_run *)1, NULL), 0);
    CHECK_EQ(map_gsi(d, 4, 4), 4);
    CHECK_EQ(irq_bind_guest(d, 4, true, 1), -EBUSY);
    CHECK(gsi_lines[4].run == (irq_run *)1); /* still its own */
    domain_end(d);
    CHECK(gsi_lines[4].run == (irq_run *)1);
}

TEST(affinity_follows)
{
    struct domain *d;

    world_reset();
    d = domain_new(0);
    CHECK_EQ(map_gsi(d, 4, 4), 4);
    irq_set_affinity(d, 4, 2); /* not bound: nothing to move */
    CHECK_EQ(irq_bind_guest(d, 4, false, 1), 0);
    irq_set_affinity(d, 4, 3);
    CHECK_EQ(gsi_lines[4].cpu, 3);
    irq_set_affinity(d, 9999, 1);
    domain_end(d);
}

static bool page_bit(unsigned int n)
{
    return (fake_ram[2][n / 8] >> (n % 8)) & 1;
}

TEST(eoi_page)
{
    struct domain *d;

    world_reset();
    memset(fake_ram, 0, sizeof(fake_ram));
    d = domain_new(0);
    CHECK_EQ(map_gsi(d, 17, 17), 17);
    page_ok = false;
    CHECK_EQ(pirq_set_eoi_page(d, 2, false), -EINVAL);
    page_ok = true;
    CHECK_EQ(pirq_set_eoi_page(d, 77, false), -EINVAL);
    CHECK_EQ(pirq_set_eoi_page(d, 2, false), 0);
    CHECK_EQ(pirq_set_eoi_page(d, 3, false), -EBUSY);
    CHECK_EQ(page_uses, 1);
    CHECK(page_bit(17) && !page_bit(4));
    CHECK_EQ(map_gsi(d, 4, 4), 4);
    CHECK(!page_bit(4));
    gsi_lines[4].level = true; /* setup_gsi */
    pirq_trigger_changed(4);
    CHECK(page_bit(4));
    CHECK_EQ(map_msi(d, 1, -1), GSIS);
    CHECK(!page_bit(GSIS));
    CHECK_EQ(pirq_unmap(d, 17), 0);
    CHECK(!page_bit(17));
    irq_domain_relinquish(d);
    CHECK_EQ(page_uses, 0);
    d->life = DOMAIN_DYING;
    CHECK_EQ(pirq_set_eoi_page(d, 2, false), -EINVAL);
    CHECK_EQ(page_uses, 0);
    domain_end(d);
}

TEST(eoi_page_version_1_unmasks)
{
    struct domain *d;

    world_reset();
    d = domain_new(0);
    CHECK_EQ(map_gsi(d, 17, 17), 17);
    CHECK_EQ(irq_bind_guest(d, 17, false, 9), 0);
    CHECK_EQ(pirq_set_eoi_page(d, 2, true), 0);
    interrupt(&gsi_lines[17]);
    CHECK_EQ(pirq_eoi(d, 17), 0);
    CHECK_EQ(unmasked[0][9], 1);
    domain_end(d);
}
