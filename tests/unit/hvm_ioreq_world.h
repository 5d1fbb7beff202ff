/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest with two vCPUs and a few frames, and what ioreq.c and ioreq_send.c call of others. */
#pragma once

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/shared.h"
#include "domain/translated.h"
#include "event/event.h"
#include "hvm/hvm.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "p2m/p2m.h"
#include "sched/sched.h"

#include <xen/hvm/hvm_op.h>

#define VCPUS  2
#define FRAMES 32

uint8_t fake_ram[FRAMES][PAGE_BYTES] aligned(PAGE_BYTES);
unsigned char fake_frame_table[FRAMES * sizeof(struct page)] aligned(16);
struct percpu fake_percpu[1];
unsigned int fake_cpu, fake_clflushes;
uint64_t frame_limit = FRAMES;

static struct domain guest = {.id = 1, .is_translated = true}, model = {.id = 7}, other = {.id = 8};
static struct vcpu vcpus[VCPUS], caller;
static struct vcpu *vcpu_list[VCPUS] = {&vcpus[0], &vcpus[1]};
static struct hvm_domain hvm;
static struct hvm_vcpu hvm_vcpus[VCPUS];
static struct p2m p2m;
static int blocks, pages, ports, port_fails_in;
static unsigned int sent[64], kicks, sleeps, crashes;
static bool shared[FRAMES], mapped_by_model[FRAMES];
static uint64_t hidden; /* gfns taken out of the guest's table, as bits */

void *pool_alloc(size_t bytes)
{
    blocks++;
    return calloc(1, bytes);
}

void pool_free(void *p)
{
    blocks -= p != NULL;
    free(p);
}

struct range *range_alloc(void)
{
    return pool_alloc(sizeof(struct range));
}

void range_free(struct range *r)
{
    pool_free(r);
}

/* Pages of ours are frames 1 to 15; guest frame n is frame 16 + n. */
void *shared_page_create(struct domain *d unused)
{
    for (unsigned int n = 1; n < 16; n++)
        if (!shared[n] && !mapped_by_model[n]) {
            shared[n] = true;
            pages++;
            memset(fake_ram[n], 0, PAGE_BYTES);
            return fake_ram[n];
        }
    return NULL;
}

bool shared_page_again(struct domain *d, void *page)
{
    uint64_t n = direct_mfn(page).n;

    (void)d;
    if (shared[n] || mapped_by_model[n])
        return false;
    shared[n] = true;
    memset(page, 0, PAGE_BYTES);
    return true;
}

void shared_page_end(void *page)
{
    CHECK(shared[direct_mfn(page).n]);
    shared[direct_mfn(page).n] = false;
}

void shared_page_free(void *page)
{
    pages -= page != NULL;
}

struct p2m_entry p2m_lookup(const struct p2m *p, uint64_t gfn)
{
    struct p2m_entry e = {.type = P2M_HOLE};

    (void)p;
    if (gfn < 15 && !(hidden & 1ULL << gfn))
        e = (struct p2m_entry){.type = P2M_RAM, .mfn = MFN(16 + gfn)};
    if (gfn == 15)
        e.type = P2M_RAM_IOREQ;
    return e;
}

bool gfn_page_get(struct domain *d, uint64_t gfn, bool write, mfn_t *out)
{
    struct p2m_entry e = p2m_lookup(NULL, gfn);

    CHECK(d == &guest && write);
    *out = e.mfn;
    if (e.type != P2M_RAM)
        return false;
    mfn_page(e.mfn)->count++;
    return true;
}

void page_put_writable(struct page *pg)
{
    CHECK(pg->count > 0);
    pg->count--;
}

int translated_hide(struct domain *d unused, uint64_t gfn, mfn_t mfn)
{
    CHECK_EQ(mfn.n, 16 + gfn);
    if (hidden & 1ULL << gfn)
        return -ENOENT;
    hidden |= 1ULL << gfn;
    return 0;
}

int translated_place(struct domain *d unused, uint64_t gfn, mfn_t mfn)
{
    CHECK_EQ(mfn.n, 16 + gfn);
    hidden &= ~(1ULL << gfn);
    return 0;
}

int event_open_own(struct vcpu *v, domid_t remote, evtchn_port_t *port)
{
    static evtchn_port_t next = 1;

    CHECK(v->domain == &guest && remote == caller.domain->id);
    if (port_fails_in && --port_fails_in == 0)
        return -ENOSPC;
    ports++;
    *port = next++ % 63 + 1;
    return 0;
}

void event_close_own(struct domain *d, evtchn_port_t port)
{
    CHECK(d == &guest && port);
    ports--;
}

void event_send_own(struct domain *d, evtchn_port_t port)
{
    CHECK(d == &guest && port);
    sent[port]++;
}

void sched_kick(struct vcpu *v unused)
{
    kicks++;
}

void sched_wait_for(struct vcpu *v, bool (*arrived)(const struct vcpu *))
{
    sleeps += !arrived(v);
}

void domain_crash(struct domain *d, const char *why, ...)
{
    CHECK(d == &guest && why);
    crashes++;
}

/* Who asks is seen to be busy by those who stop the domain. */
bool domain_may_be_busy(struct vcpu *v)
{
    CHECK(ioreq_is_busy(v));
    return !v->stopped;
}

static void reset(void)
{
    memset(&hvm, 0, sizeof(hvm));
    memset(hvm_vcpus, 0, sizeof(hvm_vcpus));
    memset(shared, 0, sizeof(shared));
    memset(mapped_by_model, 0, sizeof(mapped_by_model));
    memset(fake_frame_table, 0, sizeof(fake_frame_table));
    memset(sent, 0, sizeof(sent));
    blocks = pages = ports = port_fails_in = 0;
    kicks = sleeps = crashes = 0;
    hidden = 0;
    guest.hvm = &hvm;
    guest.p2m = &p2m;
    guest.vcpus = vcpu_list;
    guest.max_vcpus = VCPUS;
    for (unsigned int i = 0; i < VCPUS; i++)
        vcpus[i] = (struct vcpu){.id = i, .domain = &guest, .hvm = &hvm_vcpus[i]};
    caller.domain = &model;
    fake_percpu[0].current = &caller;
    ioreq_domain_init(&guest);
}
