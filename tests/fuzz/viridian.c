/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that writes any register, calls anything with any memory, and a toolstack that loads any
 * record. Memory outside of the guest's pages, an access across a page's end and an interrupt below
 * vector 16 end the program (viridian_world.h); a call's result is one of the few there are.
 */
/* sources: hypervisor/hvm/viridian.c hypervisor/hvm/viridian_synic.c */
/* sources: hypervisor/hvm/viridian_hypercall.c */
/* cflags: -Itests/unit/fake */
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/viridian_world.h"

static const uint8_t *from;
static size_t left;

static uint64_t take(unsigned int bytes)
{
    uint64_t value = 0;

    for (; bytes && left; bytes--, left--)
        value = value << 8 | *from++;
    return value;
}

/* Small numbers, bits and addresses of the guest's pages are what gets further. */
static uint64_t draw(void)
{
    uint8_t how = (uint8_t)take(1);

    switch (how & 3) {
    case 0:
        return take(1);
    case 1:
        return (uint64_t)(how >> 2 & 15) << 12 | (how >> 6 & 3) | (take(1) << 3 & 0xff8);
    case 2:
        return 1ULL << (how >> 2);
    default:
        return take(8);
    }
}

static void call(struct vcpu *v)
{
    static const uint16_t codes[] = {2, 3, 8, 0xb, 0x13, 0x14, 0x15};
    uint64_t which = take(1), word = codes[which % 7] | draw() << 16;
    bool is_64bit = which & 0x80;
    uint64_t result;

    v->regs.rcx = is_64bit ? word : draw();
    v->regs.rax = (uint32_t)word | 1u << 31;
    v->regs.rdx = is_64bit ? draw() : word >> 32;
    v->regs.rbx = draw() & 1;
    v->regs.r8 = draw();
    viridian_hypercall(v, is_64bit);
    result = is_64bit ? v->regs.rax : (uint32_t)v->regs.rax | v->regs.rdx << 32;
    if ((result & 0xffff) > 5 || (result & 0xf000ffff0000))
        abort();
}

static void records(struct vcpu *v)
{
    struct hvm_viridian_domain_context domain;
    struct hvm_viridian_vcpu_context c;
    uint8_t *bytes = (uint8_t *)&c;

    viridian_get_domain(&world, &domain);
    domain.reference_tsc = draw();
    domain.time_ref_count = draw();
    viridian_set_domain(&world, &domain);
    viridian_get_vcpu(v, &c);
    for (unsigned int i = (unsigned int)take(1) & 7; i; i--)
        bytes[take(2) % sizeof(c)] = (uint8_t)take(1);
    (void)!viridian_set_vcpu(v, &c);
}

static void registers(struct vcpu *v)
{
    uint32_t msr = 0x40000000 | (uint32_t)(take(2) & 0x1ff);
    uint64_t value;

    if (!viridian_wrmsr(v, msr, draw()) && viridian_rdmsr(v, msr, &value) && msr != 0x40000070)
        abort(); /* only the end of an interrupt cannot be read */
}

static void step(struct vcpu *v)
{
    switch (take(1) % 7) {
    case 0:
        call(v);
        break;
    case 1:
        records(v);
        break;
    case 2:
        world_pass(draw() & 0xffffffffff);
        viridian_synic_due(v);
        break;
    case 3:
        (void)viridian_taken(v, (uint8_t)take(1) | 16);
        v->hvm->lapic.irr[0] = (uint32_t)take(1) & 1;
        viridian_assist_check(v, &v->hvm->viridian);
        break;
    case 4:
        *(uint64_t *)&world_memory[take(1) % WORLD_PAGES][take(1) * 8] = draw();
        break;
    default:
        registers(v);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct vcpu *v;

    from = data;
    left = bytes;
    v = world_start(HVMPV_base_freq | (take(2) & HVMPV_feature_mask));
    v += take(1) & 1 ? 1 : 0;
    while (left)
        step(v);
    return 0;
}
