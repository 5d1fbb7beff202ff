/* SPDX-License-Identifier: BSD-2-Clause */
/* The state in which an HVM child starts, as the toolstack's records. */
#pragma once

#include "tests/guest/lib/child.h"

#include <xen/hvm/dm_op.h>
#include <xen/hvm/hvm_vcpu.h>
#include <xen/hvm/save.h>

struct hvm_context {
    struct hvm_save_descriptor header_head;
    struct hvm_save_header header;
    struct hvm_save_descriptor cpu_head;
    struct hvm_hw_cpu cpu;
    struct hvm_save_descriptor end;
} packed;

/* ---- inside an HVM child ---- */

/* Map guest frame @gfn (any address below 4 GiB) at the page @va of ours, with these flags. */
void hvm_map(const volatile void *va, uint64_t gfn, uint64_t flags);
/* The entry that maps @va, writable: change it, then hvm_flush(). */
uint64_t *hvm_entry(const volatile void *va);
static inline void hvm_flush(const volatile void *va)
{
    __asm__ volatile("invlpg (%0)" ::"r"(va) : "memory");
}

static inline uint64_t hvm_rdmsr(uint32_t msr)
{
    uint32_t low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}
static inline void hvm_wrmsr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

/* All of memory below 4 GiB as well, at the low half of its addresses; then hypercalls of 32-bit
 * code, with arguments and pointers of that width (LOW). */
void hvm_low_alias(void);
long hvm_call32(uint32_t number, const uint32_t args[5]);
#define LOW(pointer) ((uint32_t)(uint64_t)(pointer))
#define CALL32(number, ...) hvm_call32(__HYPERVISOR_##number, (const uint32_t[5]){__VA_ARGS__})

/* Pseudo-random numbers, the same for the same seed. */
uint64_t draw(uint64_t *state);

/* The local APIC by MSR, on. */
#define X2APIC_ID   0x802
#define X2APIC_EOI  0x80b
#define X2APIC_SVR  0x80f
#define X2APIC_IRR  0x820
#define X2APIC_ICR  0x830
#define X2APIC_SELF 0x83f
void hvm_x2apic(void);

void hvm_set_param(uint32_t index, uint64_t value);

/* Send @vector to @fn, which runs with interrupts off: called from the gate of a vector that is
 * free (0x40 to 0x4f). */
void hvm_vector(unsigned int vector, void (*fn)(void));
/* Whatever comes from the local APIC is ended at once, and that is all. */
void hvm_vectors_ignore(void);

/* What VCPUOP_initialise is told for vCPU 1 to run @fn, always with the same stack; it must not
 * return. */
void hvm_second_context(struct vcpu_hvm_context *c, void (*fn)(void));
/* Run @fn on vCPU 1 by that. */
void hvm_second(void (*fn)(void));

/* What starts @c: 64-bit code, its own tables, no descriptor tables yet. */
void hvm_context_fill(struct hvm_context *x, const struct child *c);
long hvm_context_set(struct child *c, const void *records, uint32_t bytes);

/* A device model's call with no buffer but its structure, which also comes back. */
long dm_op(domid_t domid, struct xen_dm_op *op);
