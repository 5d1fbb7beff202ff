/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Viridian's hypercalls (TLFS, chapter 3): what flushes, what interrupts, and what waits.
 *
 * What is always true here: input is copied once, checked in our copy, and its length follows from
 * what the call word says, never from what the input says of itself. None of the calls takes long:
 * a flush of a list is one of everything, an interrupt goes to at most all vCPUs.
 */
#include "cpu/regs.h"
#include "domain/domain.h"
#include "domain/translated.h"
#include "hvm/dev/vlapic.h"
#include "hvm/hvm.h"
#include "hvm/viridian.h"
#include "p2m/guest_copy.h"
#include "sched/sched.h"

enum call {
    FLUSH_SPACE = 0x0002,
    FLUSH_LIST = 0x0003,
    LONG_SPIN_WAIT = 0x0008,
    SEND_IPI = 0x000b,
    FLUSH_SPACE_EX = 0x0013,
    FLUSH_LIST_EX = 0x0014,
    SEND_IPI_EX = 0x0015,
};

enum status {
    SUCCESS = 0,
    INVALID_CODE = 2,
    INVALID_INPUT = 3,
    INVALID_ALIGNMENT = 4,
    INVALID_PARAMETER = 5,
};

/* The call word (TLFS, 3.7) and the result (3.8) */
#define CALL_CODE(w)      ((uint16_t)(w))
#define CALL_FAST(w)      ((w) >> 16 & 1)
#define CALL_VARIABLE(w)  ((uint32_t)((w) >> 17 & 0x3ff)) /* words of 8 bytes behind the header */
#define CALL_REPS(w)      ((w) >> 32 & 0xfff)
#define CALL_REP_FIRST(w) ((w) >> 48 & 0xfff)
#define RESULT_REPS_SHIFT 32

#define FLUSH_ALL_VPS 1u /* flags of the flushing calls */

/* Sets of virtual processors (7.8.7.3) */
#define VP_SET_SPARSE 0
#define VP_SET_ALL    1
#define BANKS_MOST    64
#define VPS_WORDS     ((IOREQ_VCPUS + 63) / 64)

struct vps {
    uint64_t word[VPS_WORDS];
};

/* One call: its word, and its parameters in registers or their address. */
struct request {
    uint64_t word, input, output;
};

/* The largest input: header of three words, a set's two, and its banks. */
#define INPUT_WORDS (3 + 2 + BANKS_MOST)

static enum status read_input(struct vcpu *v, uint64_t gpa, uint64_t *to, uint32_t words)
{
    if (gpa & 7)
        return INVALID_ALIGNMENT;
    if (words > INPUT_WORDS || (gpa & ~PAGE_MASK) + words * sizeof(*to) > PAGE_BYTES)
        return INVALID_PARAMETER;
    return guest_copy_physical(v->domain, to, gpa, words * sizeof(*to), GUEST_COPY_FROM)
               ? INVALID_PARAMETER
               : SUCCESS;
}

/* @set: format, mask of the banks that follow, and those, @words in all. */
static enum status read_set(const uint64_t *set, uint32_t words, struct vps *to)
{
    uint32_t at = 2;

    *to = (struct vps){{0}};
    if (words < 2)
        return INVALID_INPUT;
    if (set[0] == VP_SET_ALL) {
        for (unsigned int i = 0; i < VPS_WORDS; i++)
            to->word[i] = ~0ULL;
        return SUCCESS;
    }
    if (set[0] != VP_SET_SPARSE)
        return INVALID_PARAMETER;
    for (unsigned int bank = 0; bank < BANKS_MOST; bank++) {
        if (!(set[1] >> bank & 1))
            continue;
        if (at == words)
            return INVALID_INPUT;
        if (bank < VPS_WORDS)
            to->word[bank] = set[at];
        at++;
    }
    return SUCCESS;
}

static bool is_in(const struct vps *set, const struct vcpu *v)
{
    return set->word[v->id / 64] >> v->id % 64 & 1;
}

/* ---- flushing ---- */

/* What translations the vCPUs of @set have is forgotten; others' may be, too. */
static void flush(struct vcpu *v, const struct vps *set)
{
    struct domain *d = v->domain;
    struct vcpu *other;
    bool others = false;

    for_each_vcpu(d, other) {
        others |= other != v && is_in(set, other);
    }
    if (is_in(set, v))
        v->hvm->asid_generation = 0;
    if (!others)
        return;
    spin_lock(&d->p2m->lock);
    d->p2m->generation++; /* whoever enters flushes */
    spin_unlock(&d->p2m->lock);
    translated_flush(d);
}

/* Header: address space, flags, and a mask, or (@ex) a set. */
static enum status flush_call(struct vcpu *v, const struct request *r, bool ex)
{
    uint32_t words = ex ? 4 + CALL_VARIABLE(r->word) : 3;
    uint64_t input[INPUT_WORDS];
    struct vps set = {{0}};
    enum status status;

    if (!(viridian_mask(v->domain) & HVMPV_hcall_remote_tlb_flush))
        return INVALID_CODE;
    if (CALL_FAST(r->word))
        return INVALID_INPUT;
    status = read_input(v, r->input, input, words);
    if (status)
        return status;
    if (input[1] & FLUSH_ALL_VPS)
        status = read_set((const uint64_t[]){VP_SET_ALL, 0}, 2, &set);
    else if (ex)
        status = read_set(&input[2], words - 2, &set);
    else
        set.word[0] = input[2];
    if (!status)
        flush(v, &set);
    return status;
}

/* ---- interrupts ---- */

static enum status send(struct vcpu *v, uint64_t head, const struct vps *set)
{
    uint32_t vector = (uint32_t)head;
    struct vcpu *other;

    if (vector < 16 || vector > 255 || head >> 32) /* ... and no other trust level */
        return INVALID_PARAMETER;
    for_each_vcpu(v->domain, other) {
        if (is_in(set, other))
            vlapic_accept(other, (uint8_t)vector);
    }
    return SUCCESS;
}

static enum status send_ipi(struct vcpu *v, const struct request *r)
{
    uint64_t input[2] = {r->input, r->output};
    struct vps set = {{0}};
    enum status status = SUCCESS;

    if (!(viridian_mask(v->domain) & HVMPV_hcall_ipi))
        return INVALID_CODE;
    if (!CALL_FAST(r->word))
        status = read_input(v, r->input, input, 2);
    set.word[0] = input[1];
    return status ? status : send(v, input[0], &set);
}

static enum status send_ipi_ex(struct vcpu *v, const struct request *r)
{
    uint32_t words = 3 + CALL_VARIABLE(r->word);
    uint64_t input[INPUT_WORDS];
    enum status status;
    struct vps set;

    if (!(viridian_mask(v->domain) & HVMPV_hcall_ipi))
        return INVALID_CODE;
    if (CALL_FAST(r->word))
        return INVALID_INPUT;
    status = read_input(v, r->input, input, words);
    if (!status)
        status = read_set(&input[1], words - 1, &set);
    return status ? status : send(v, input[0], &set);
}

/* ---- which ---- */

static enum status call(struct vcpu *v, const struct request *r)
{
    bool ex_masks = viridian_mask(v->domain) & HVMPV_ex_processor_masks;

    switch ((enum call)CALL_CODE(r->word)) {
    case FLUSH_SPACE:
    case FLUSH_LIST:
        return flush_call(v, r, false);
    case FLUSH_SPACE_EX:
    case FLUSH_LIST_EX:
        return ex_masks ? flush_call(v, r, true) : INVALID_CODE;
    case LONG_SPIN_WAIT:
        sched_give_way(v);
        return SUCCESS;
    case SEND_IPI:
        return send_ipi(v, r);
    case SEND_IPI_EX:
        return ex_masks ? send_ipi_ex(v, r) : INVALID_CODE;
    }
    return INVALID_CODE;
}

/* A call with repetitions has done all of them or none. */
static uint64_t run(struct vcpu *v, const struct request *r)
{
    bool is_list = CALL_CODE(r->word) == FLUSH_LIST || CALL_CODE(r->word) == FLUSH_LIST_EX;
    uint64_t reps = CALL_REPS(r->word);
    enum status status = INVALID_INPUT;

    if (is_list ? CALL_REP_FIRST(r->word) < reps : !reps)
        status = call(v, r);
    return (uint64_t)status | (status ? 0 : reps << RESULT_REPS_SHIFT);
}

void viridian_hypercall(struct vcpu *v, bool is_64bit)
{
    struct cpu_user_regs *r = &v->regs;
    struct request request = {.word = r->rcx, .input = r->rdx, .output = r->r8};
    uint64_t result;

    if (!is_64bit) /* EDX:EAX, EBX:ECX, EDI:ESI; the page has set bit 31 */
        request = (struct request){
            .word = (uint64_t)(uint32_t)r->rdx << 32 | ((uint32_t)r->rax & ~(1u << 31)),
            .input = (uint64_t)(uint32_t)r->rbx << 32 | (uint32_t)r->rcx,
            .output = (uint64_t)(uint32_t)r->rdi << 32 | (uint32_t)r->rsi};
    result = run(v, &request);
    r->rax = is_64bit ? result : (uint32_t)result;
    if (!is_64bit)
        r->rdx = result >> 32;
}
