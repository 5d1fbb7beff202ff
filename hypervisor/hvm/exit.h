/* SPDX-License-Identifier: BSD-2-Clause */
/* What exits mean, in words that neither vendor knows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "debug/trace.h"

struct vcpu;

/* What is to be done with the instruction that exited. */
enum exit_verdict {
    EXIT_RESUME,   /* run it again, or go on: the instruction pointer is right */
    EXIT_ADVANCE,  /* it is done: behind it, and an interrupt shadow ends */
    EXIT_RETRY_LATER, /* a device model was asked: nothing has changed, the exit is handled once
                       * more when it has answered (hvm/io.h) */
    EXIT_INJECTED, /* it faulted: an event waits for the guest */
    EXIT_CRASH,    /* the domain was crashed */
};

/* A port access. */
struct exit_io {
    uint16_t port;
    uint8_t bytes;        /* 1, 2, 4 */
    uint8_t address_bits; /* 16, 32, 64: of a string's index and count registers */
    bool in, string, rep;
    uint8_t segment; /* of a string's memory operand: 0 ES .. 5 GS */
};

/* An access that the frame table refused. */
struct exit_memory {
    uint64_t gpa;
    bool write, fetch;
    bool in_walk; /* made by the processor's walk of the guest's tables */
    bool in_delivery; /* made by an event's delivery: no instruction is to be carried out */
};

/* Tell who traces of the exit; @reason as the vendor numbers it. */
TRACE_ASIDE void hvm_trace_exit(const struct vcpu *v, uint32_t reason);

enum exit_verdict hvm_exit_cpuid(struct vcpu *v);
/* RDTSC, or RDTSCP (@with_aux). */
enum exit_verdict hvm_exit_rdtsc(struct vcpu *v, bool with_aux);
enum exit_verdict hvm_exit_rdmsr(struct vcpu *v);
enum exit_verdict hvm_exit_wrmsr(struct vcpu *v);
enum exit_verdict hvm_exit_io(struct vcpu *v, const struct exit_io *io);
enum exit_verdict hvm_exit_memory(struct vcpu *v, const struct exit_memory *m);
/* The same for a device, whatever the frame table says of its page. */
enum exit_verdict hvm_exit_device(struct vcpu *v, const struct exit_memory *m);
/* From 64-bit code or not, at privilege level @cpl. */
enum exit_verdict hvm_exit_hypercall(struct vcpu *v, bool is_64bit, unsigned int cpl);
enum exit_verdict hvm_exit_halt(struct vcpu *v);
enum exit_verdict hvm_exit_wbinvd(struct vcpu *v); /* INVD, too */
enum exit_verdict hvm_exit_xsetbv(struct vcpu *v);
enum exit_verdict hvm_exit_triple_fault(struct vcpu *v);
/* The instruction must not be done: #GP(0). */
enum exit_verdict hvm_exit_protection(struct vcpu *v);
/* The instruction does not exist for this guest. */
enum exit_verdict hvm_exit_undefined(struct vcpu *v);
