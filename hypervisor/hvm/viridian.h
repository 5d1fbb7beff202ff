/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The enlightenments of HVM_PARAM_VIRIDIAN: a guest that asks for Microsoft's hypervisor finds its
 * CPUID leaves, registers, pages and hypercalls ("TLFS" is its public Hypervisor Top-Level
 * Functional Specification). Time there is counted in 100 ns.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "cpu/policy.h"
#include "lib/types.h"
#include "time/timer.h"

#include <xen/hvm/params.h>
#include <xen/hvm/save.h>

struct domain;
struct vcpu;

#define VIRIDIAN_MSR_FIRST 0x40000000u /* where Xen's own would be: those move up by this: */
#define VIRIDIAN_MSRS      0x200u
#define VIRIDIAN_LEAVES    0x100u /* ... and its CPUID leaves by this */
#define VIRIDIAN_SINTS     16
#define VIRIDIAN_TIMERS    4
#define VIRIDIAN_CRASH     5

struct viridian_domain {
    uint64_t os_id;         /* (a) what the guest calls itself; 0: it does not know us */
    uint64_t hypercall;     /* (a) where it wants its hypercall page */
    uint64_t reference_tsc; /* (a) ... and the page that makes time of the TSC */
    uint64_t time_offset_ns; /* (a) its time less system time */
    uint64_t crash[VIRIDIAN_CRASH]; /* (a) what it says of its own crash */
};

struct viridian_timer {
    struct timer timer;
    struct vcpu *vcpu;      /* (c) */
    uint64_t config, count; /* (o) as the guest wrote them */
    uint64_t expires;       /* (o) when the next message is due */
};

struct viridian_vcpu {
    uint64_t assist;     /* (o) the page that spares the guest ends of interrupts */
    bool assist_pending; /* (o) it was told so, and what it took is still in service */
    uint32_t expired;    /* (a) timers whose message has not got out: a bit each */
    uint64_t control, events, messages; /* (o) registers of the synthetic interrupt controller */
    uint64_t sint[VIRIDIAN_SINTS];      /* (o) */
    struct viridian_timer timers[VIRIDIAN_TIMERS];
};

/* HVM_PARAM_VIRIDIAN of @d: HVMPV_*; 0: nothing of all this is there. */
uint64_t viridian_mask(const struct domain *d);

void viridian_vcpu_init(struct vcpu *v);
void viridian_vcpu_free(struct vcpu *v);
/* What INIT leaves of it. By its vCPU. */
void viridian_vcpu_reset(struct vcpu *v);

/* A CPUID leaf of the hypervisors' range; Xen's, with its numbers moved, among them. */
void viridian_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *out);

/* RDMSR and WRMSR of the current vCPU. -EINVAL: #GP. */
int must_check viridian_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value);
int must_check viridian_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value);

/* A call by the viridian hypercall page, which marks it by bit 31 of RAX. */
void viridian_hypercall(struct vcpu *v, bool is_64bit);

/* The guest's time now. */
uint64_t viridian_now(const struct domain *d);
/* The guest's TSC is another: what it makes time of it with must be. @d does not run. */
void viridian_tsc_changed(struct domain *d);

/* ---- ends of interrupts; current vCPU, interrupts on or off ---- */

/* @vector is taken. True: that was its end, too. Otherwise the guest may be spared to end it. */
bool viridian_taken(struct vcpu *v, uint8_t vector);
/* Its end is told by the guest. */
void viridian_assist_ended(struct vcpu *v);
/* Has the guest ended what it was to end silently? Or must it tell because another waits? */
void viridian_assist_look(struct vcpu *v);
static inline void viridian_assist_check(struct vcpu *v, const struct viridian_vcpu *s)
{
    if (unlikely(s->assist_pending))
        viridian_assist_look(v);
}

/* ---- the synthetic interrupt controller and its timers (viridian_synic.c) ---- */

int must_check viridian_synic_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value);
int must_check viridian_synic_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value);
/* Does @vector end by being taken? */
bool viridian_synic_ends_itself(const struct vcpu *v, uint8_t vector);
/* Messages of timers that have expired go out. Current vCPU. */
void viridian_synic_due(struct vcpu *v);

/* ---- state records; the vCPU does not run. -EINVAL: not what a guest could have set ---- */

void viridian_get_domain(const struct domain *d, struct hvm_viridian_domain_context *c);
void viridian_set_domain(struct domain *d, const struct hvm_viridian_domain_context *c);
void viridian_get_vcpu(const struct vcpu *v, struct hvm_viridian_vcpu_context *c);
int must_check viridian_set_vcpu(struct vcpu *v, const struct hvm_viridian_vcpu_context *c);
