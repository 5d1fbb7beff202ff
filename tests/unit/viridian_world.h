/* SPDX-License-Identifier: BSD-2-Clause */
/* A Viridian guest of a few pages and vCPUs, whose local APICs only count. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/translated.h"
#include "hvm/dev/vlapic.h"
#include "hvm/dev/vlapic_regs.h"
#include "hvm/hvm.h"
#include "hvm/viridian.h"
#include "p2m/guest_copy.h"
#include "sched/sched.h"
#include "time/private.h"
#include "time/time.h"

#define WORLD_VCPUS 70
#define WORLD_PAGES 8

struct percpu fake_percpu[1];
unsigned int fake_cpu;
bool hvm_is_vmx;
uint64_t world_ns, world_reading_ns; /* to read the clock takes so long */
static struct domain world;
static struct hvm_domain world_hvm;
static struct p2m world_p2m;
static struct vcpu world_vcpu[WORLD_VCPUS], *world_vcpus[WORLD_VCPUS];
static struct hvm_vcpu world_vcpu_hvm[WORLD_VCPUS];
static uint8_t world_memory[WORLD_PAGES][4096];
static uint32_t world_accepted[WORLD_VCPUS][256]; /* interrupts, by vCPU and vector */
static unsigned int world_eois, world_flushes, world_yields, world_raised;
static struct cpu_policy world_policy;
static uint32_t world_xen_limit;
static uint32_t world_apic[WORLD_VCPUS][1024]; /* register pages */

static inline struct vcpu *world_start(uint64_t mask)
{
    memset(&world_hvm, 0, sizeof(world_hvm));
    memset(world_memory, 0, sizeof(world_memory));
    memset(world_accepted, 0, sizeof(world_accepted));
    world_eois = world_flushes = world_yields = world_raised = 0;
    world_ns = 1000000000;
    world_reading_ns = 0;
    world = (struct domain){.id = 5, .hvm = &world_hvm, .p2m = &world_p2m, .vcpus = world_vcpus,
                            .max_vcpus = WORLD_VCPUS, .shutdown_code = -1, .policy = &world_policy,
                            .tsc = {.khz = 2000000}};
    world_hvm.params[HVM_PARAM_VIRIDIAN] = mask;
    for (unsigned int i = 0; i < WORLD_VCPUS; i++) {
        world_vcpu[i] = (struct vcpu){.id = i, .domain = &world, .hvm = &world_vcpu_hvm[i]};
        world_vcpus[i] = &world_vcpu[i];
        memset(&world_vcpu_hvm[i], 0, sizeof(world_vcpu_hvm[i]));
        memset(world_apic[i], 0, sizeof(world_apic[i]));
        world_vcpu_hvm[i].lapic.page = world_apic[i];
        viridian_vcpu_init(&world_vcpu[i]);
    }
    return &world_vcpu[0];
}

/* What has expired by now calls as the host's timers do. */
static inline void world_pass(uint64_t ns)
{
    world_ns += ns;
    for (unsigned int i = 0; i < WORLD_VCPUS; i++)
        for (unsigned int k = 0; k < VIRIDIAN_TIMERS; k++) {
            struct timer *t = &world_vcpu_hvm[i].viridian.timers[k].timer;

            if (t->active && t->expires_ns <= world_ns) {
                t->active = false;
                t->run(t->data);
            }
        }
}

int guest_copy_physical(struct domain *d, void *ours, uint64_t gpa, size_t bytes,
                        enum guest_copy_way way)
{
    uint8_t *at;

    if (d != &world || gpa >> 12 >= WORLD_PAGES)
        return -EFAULT;
    if ((gpa & 0xfff) + bytes > 4096)
        abort();
    at = &world_memory[gpa >> 12][gpa & 0xfff];
    if (way == GUEST_COPY_FROM)
        memcpy(ours, at, bytes);
    else if (way == GUEST_COPY_TO)
        memcpy(at, ours, bytes);
    else
        memset(at, 0, bytes);
    return 0;
}

uint64_t time_now_ns(void)
{
    return world_ns += world_reading_ns;
}
bool time_tsc_reliable(void)
{
    return true;
}
uint64_t guest_tsc_now(const struct domain *d)
{
    (void)d;
    return (world_ns += world_reading_ns) * 2;
}
uint64_t guest_tsc_ns(const struct vcpu *v, uint64_t tsc)
{
    return (tsc - v->tsc_offset) / 2;
}
void guest_tsc_scale(const struct domain *d, struct time_scale *s)
{
    (void)d;
    *s = (struct time_scale){.mul = 1u << 31};
}
struct vcpu *domain_vcpu(const struct domain *d, uint32_t id)
{
    return id < d->max_vcpus ? d->vcpus[id] : NULL;
}
void vcpu_raise(struct vcpu *v, enum vcpu_work bit)
{
    (void)v;
    world_raised += bit == VCPU_WORK_EVENT;
}
void timer_init(struct timer *t, void (*run)(void *), void *data, unsigned int cpu)
{
    *t = (struct timer){.run = run, .data = data, .cpu = cpu};
}
void timer_set_here(struct timer *t, uint64_t ns)
{
    t->active = true;
    t->expires_ns = ns;
}
void timer_stop(struct timer *t)
{
    t->active = false;
}
void timer_kill(struct timer *t)
{
    t->active = false;
}
void vlapic_accept(struct vcpu *v, uint8_t vector)
{
    if (vector < 16)
        abort();
    world_accepted[v->id][vector]++;
}
uint32_t vlapic_read(struct vcpu *v, uint32_t offset)
{
    (void)v;
    return offset;
}
void vlapic_write(struct vcpu *v, uint32_t offset, uint32_t value)
{
    (void)v;
    (void)value;
    world_eois += offset == EOI;
}
void translated_flush(struct domain *d)
{
    (void)d;
    world_flushes++;
}
void sched_give_way(struct vcpu *v)
{
    (void)v;
    world_yields++;
}
void cpu_policy_xen_leaf(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, uint32_t limit,
                         struct cpuid_regs *out)
{
    (void)v;
    world_xen_limit = limit;
    *out = (struct cpuid_regs){.eax = leaf, .ebx = 0x40000000, .ecx = subleaf};
}
void log_guest(enum log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}
