/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that tries what the example leaves out, as its command line says: "disk" writes at full
 * depth, flushes, discards, closes and opens again; "files" copies a file of a 9pfs share;
 * "balloon" follows `xl mem-set` until `xl shutdown`; "smp" has all vCPUs interrupt each other and
 * take the same pages, grants and lock; "trap" is a kernel with a mistake.
 * tests/system/jobs/pvcheck.sh looks at what it says and does.
 */
#include "pv-drivers/lib/balloon.h"
#include "pv-drivers/lib/block.h"
#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/console.h"
#include "pv-drivers/lib/control.h"
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/grant.h"
#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/memory.h"
#include "pv-drivers/lib/ninepfs.h"
#include "pv-drivers/lib/smp.h"
#include "pv-drivers/lib/start.h"
#include "pv-drivers/lib/text.h"

/* Anything but success ends the guest, which tests see. */
static int must(const char *what, int rc)
{
    if (rc < 0)
        pv_panic("CHECK-FAIL %s: error %d", what, -rc);
    return rc;
}

/* ---- disk ---- */

#define REQUESTS 24u

static struct pv_block disk;
static uint8_t data[REQUESTS][PV_BLOCK_SEGMENTS * PV_PAGE_BYTES];
static struct pv_block_io io[REQUESTS];

/* The byte at @offset of the disk: another one for every sector. */
static uint8_t pattern(uint64_t offset)
{
    return (uint8_t)(offset * 7 + offset / PV_BLOCK_SECTOR * 13);
}

/* All requests at once over the disk's start, in pieces of different sizes; how many sectors. */
static uint32_t transfer(uint8_t operation)
{
    uint64_t deadline = pv_clock_ns() + PV_BLOCK_SECONDS * PV_SECOND_NS, sector = 0;
    unsigned int next = 0, ended = 0;

    while (ended < REQUESTS) {
        for (; next < REQUESTS; next++) {
            uint32_t sectors = next % 2 ? disk.max_sectors : 3 + next;
            int rc;

            io[next] = (struct pv_block_io){.operation = operation, .sector = sector,
                                            .sectors = sectors, .data = data[next]};
            for (uint32_t i = 0; i < sectors * PV_BLOCK_SECTOR; i++)
                data[next][i] = operation == BLKIF_OP_WRITE
                                    ? pattern(sector * PV_BLOCK_SECTOR + i) : 0;
            rc = pv_block_submit(&disk, &io[next]);
            if (rc == -XEN_EAGAIN)
                break;
            must("submit", rc);
            sector += sectors;
        }
        ended += (unsigned int)must("poll", pv_block_poll(&disk));
        if (ended < next && !pv_event_take(disk.port, deadline))
            must("event", -XEN_ETIMEDOUT);
    }
    for (unsigned int i = 0; i < REQUESTS; i++)
        must("request", io[i].result);
    return (uint32_t)sector;
}

static void check_disk(void)
{
    struct pv_block_io flush = {.operation = BLKIF_OP_FLUSH_DISKCACHE};
    struct pv_block_io discard = {.operation = BLKIF_OP_DISCARD, .sectors = 2048};
    uint32_t sectors;

    must("open", pv_block_open(&disk, 0));
    pv_print("CHECK-DISK %lu sectors, up to %u, flush %d, discard %d, persistent %d\n",
             disk.sectors, disk.max_sectors, disk.can_flush, disk.can_discard, disk.persistent);
    transfer(BLKIF_OP_WRITE);
    must("flush", disk.can_flush ? pv_block_run(&disk, &flush) : 0);
    must("close", pv_block_close(&disk));
    if (pv_grant_count())
        pv_panic("CHECK-FAIL %u grants are left", pv_grant_count());
    must("open again", pv_block_open(&disk, 0));
    sectors = transfer(BLKIF_OP_READ);
    for (unsigned int i = 0; i < REQUESTS; i++)
        for (uint32_t j = 0; j < io[i].sectors * PV_BLOCK_SECTOR; j++)
            if (data[i][j] != pattern(io[i].sector * PV_BLOCK_SECTOR + j))
                pv_panic("CHECK-FAIL request %u differs at byte %u", i, j);
    discard.sector = disk.sectors - discard.sectors;
    must("discard", disk.can_discard ? pv_block_run(&disk, &discard) : 0);
    must("close", pv_block_close(&disk));
    pv_print("CHECK-DISK %u sectors written and read\n", sectors);
}

/* ---- files ---- */

static void check_files(void)
{
    static struct pv_9p share;
    static uint8_t piece[PV_9P_DATA];
    uint64_t at = 0;
    int from, to, n, part;

    must("share", pv_9p_open(&share, 0));
    if (pv_9p_file(&share, "nothing", PV_9P_READ) != -XEN_ENOENT)
        pv_panic("CHECK-FAIL a file that is not there");
    from = must("file", pv_9p_file(&share, "folder/given", PV_9P_READ));
    to = must("new file", pv_9p_file(&share, "folder/taken",
                                     PV_9P_WRITE | PV_9P_CREATE | PV_9P_TRUNCATE));
    while ((n = must("read", pv_9p_read(&share, from, at, piece, sizeof(piece)))) > 0)
        for (int done = 0; done < n; at += (unsigned int)part, done += part)
            part = must("write", pv_9p_write(&share, to, at, piece + done, (size_t)(n - done)));
    pv_9p_file_close(&share, from);
    pv_9p_file_close(&share, to);
    pv_print("CHECK-FILES %s: %lu bytes\n", share.tag, at);
    must("close", pv_9p_close(&share));
}

/* ---- balloon ---- */

static void check_balloon(void)
{
    struct pv_balloon balloon;
    int moved;

    must("balloon", pv_balloon_open(&balloon));
    must("control", pv_control_open());
    while (pv_control_asked() < 0) {
        moved = must("adjust", pv_balloon_adjust(&balloon));
        if (moved)
            pv_print("CHECK-BALLOON %d moved, %lu given\n", moved, balloon.given);
        (void)pv_event_wait(PV_FOREVER);
    }
}

/* ---- vCPUs ---- */

#define TURNS 3000u

static struct vcpu {
    evtchn_port_t port;     /* interrupts it */
    uint32_t calls, alarms; /* of its handlers */
} vcpus[PV_CPUS];
static unsigned int vcpu_count;
static evtchn_port_t done_port;
static struct pv_lock lock;
static uint64_t turns; /* counted in two steps, so that the lock must be one */

static void count(void *arg)
{
    uint32_t *n = arg;

    PV_STORE(*n, *n + 1);
}

/* Wait for another vCPU or an upcall, without any hypercall, in which upcalls would come anyway. */
static void until(const char *what, const uint32_t *n)
{
    uint64_t deadline = pv_clock_ns() + 30 * PV_SECOND_NS;

    while (!PV_LOAD(*n))
        if (pv_clock_ns() > deadline)
            must(what, -XEN_ETIMEDOUT);
}

static void take_turns(unsigned int self)
{
    for (unsigned int i = 0; i < TURNS; i++) {
        uint32_t *page = pv_pages_alloc(1 + i % 3);
        int ref = must("grant", page ? pv_grant_give(0, page, false) : -XEN_ENOMEM);

        *page = self;
        pv_lock(&lock);
        PV_STORE(turns, PV_LOAD(turns) + 1);
        pv_unlock(&lock);
        if (PV_LOAD(*page) != self)
            pv_panic("CHECK-FAIL a page of vCPU %u is also another's", self);
        must("grant's end", pv_grant_end((grant_ref_t)ref));
        pv_pages_free(page, 1 + i % 3);
    }
}

static void run_vcpu(void *arg)
{
    struct vcpu *v = arg, *next = &vcpus[(pv_cpu() + 1) % vcpu_count];
    int timer = must("timer", pv_event_virq(VIRQ_TIMER, count, &v->alarms));

    if (v != &vcpus[pv_cpu()] || pv_upcalls(true))
        pv_panic("CHECK-FAIL vCPU %u is not itself", pv_cpu());
    PV_STORE(v->port, (evtchn_port_t)must("IPI", pv_event_ipi(count, &v->calls)));
    must("alarm", pv_clock_alarm(pv_clock_ns() + PV_SECOND_NS / 100));
    until("alarm's upcall", &v->alarms);
    until("other's port", &next->port);
    pv_event_send(next->port);
    until("IPI's upcall", &v->calls);
    take_turns(pv_cpu());
    if (!pv_upcalls(false))
        pv_panic("CHECK-FAIL upcalls are off on vCPU %u", pv_cpu());
    pv_event_close((evtchn_port_t)timer);
    pv_event_close(v->port);
    pv_event_send(done_port);
}

static void check_smp(void)
{
    vcpu_count = pv_smp_count();
    done_port = (evtchn_port_t)must("port", pv_event_ipi(NULL, NULL));
    for (unsigned int round = 1; round <= 2; round++) { /* they can be started again */
        memset(vcpus, 0, sizeof(vcpus));
        for (unsigned int i = 1; i < vcpu_count; i++)
            must("start", pv_smp_start(i, run_vcpu, &vcpus[i]));
        run_vcpu(&vcpus[0]);
        for (unsigned int i = 1; i < vcpu_count; i++)
            while (pv_smp_runs(i))
                (void)pv_event_wait(pv_clock_ns() + PV_SECOND_NS / 10);
        if (turns != round * vcpu_count * TURNS || pv_grant_count())
            pv_panic("CHECK-FAIL %lu turns, %u grants", turns, pv_grant_count());
    }
    if (pv_smp_start(vcpu_count, run_vcpu, NULL) != -XEN_ENOENT)
        pv_panic("CHECK-FAIL a vCPU that is not there");
    pv_print("CHECK-SMP %u vCPUs, %lu turns\n", vcpu_count, turns);
}

void pv_main(void)
{
    if (pv_has_word("disk"))
        check_disk();
    if (pv_has_word("files"))
        check_files();
    if (pv_has_word("balloon"))
        check_balloon();
    if (pv_has_word("smp"))
        check_smp();
    if (pv_has_word("trap"))
        __asm__ volatile("ud2");
    pv_print("CHECK-DONE\n");
}
