/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests and answers in the pages shared with a device model. */
#include "hvm/ioreq_page.h"

#include "lib/string.h"

/* The byte of struct ioreq that holds `state` in its low four bits, before `type`. */
#define SLOT_BITS  (__builtin_offsetof(struct ioreq, type) - 1)
#define STATE_MASK 0xf

static_assert(sizeof(struct ioreq) == 32, "struct ioreq");
static_assert(sizeof(struct buf_ioreq) == 8, "struct buf_ioreq");
static_assert(__builtin_offsetof(struct buffered_iopage, write_pointer) == 4, "pointer pair");
static_assert(sizeof(struct buffered_iopage) <= 4096, "a ring is a page");

static uint8_t *slot_bits(struct ioreq *slot)
{
    return (uint8_t *)slot + SLOT_BITS;
}

bool ioreq_slot_put(struct ioreq *slot, const struct ioreq *r)
{
    struct ioreq fresh = *r;

    if ((__atomic_load_n(slot_bits(slot), __ATOMIC_RELAXED) & STATE_MASK) != STATE_IOREQ_NONE)
        return false;
    fresh.vp_eport = READ_ONCE(slot->vp_eport);
    fresh.state = STATE_IOREQ_NONE;
    *slot = fresh;
    fresh.state = STATE_IOREQ_READY;
    __atomic_store_n(slot_bits(slot), *slot_bits(&fresh), __ATOMIC_RELEASE);
    return true;
}

enum ioreq_progress ioreq_slot_poll(struct ioreq *slot, uint8_t *seen, uint64_t *data)
{
    uint8_t bits = __atomic_load_n(slot_bits(slot), __ATOMIC_ACQUIRE), state = bits & STATE_MASK;

    switch (state) {
    case STATE_IOREQ_NONE:
        return IOREQ_ABORTED;
    case STATE_IOREQ_READY:
    case STATE_IOREQ_INPROCESS:
        if (state < *seen)
            return IOREQ_BROKEN;
        *seen = state;
        return IOREQ_WAITING;
    case STATE_IORESP_READY:
        *data = READ_ONCE(slot->data);
        __atomic_store_n(slot_bits(slot), bits & (uint8_t)~STATE_MASK, __ATOMIC_RELEASE);
        return IOREQ_ANSWERED;
    default:
        return IOREQ_BROKEN;
    }
}

/* Code of a size in struct buf_ioreq; -1: it has none. */
static int size_code(uint32_t bytes)
{
    return bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : bytes == 8 ? 3 : -1;
}

/* The pointers only grow, but a slot is their remainder by 511, which does not divide 2^32: take
 * whole rounds off both at once, as long as the device model does not move its own meanwhile. */
static void shorten_pointers(struct buffered_iopage *ring)
{
    uint64_t *pair = (uint64_t *)(void *)ring;
    uint64_t old = __atomic_load_n(pair, __ATOMIC_RELAXED);

    for (unsigned int tries = 0; tries < 4; tries++) {
        uint32_t rounds = (uint32_t)old / IOREQ_BUFFER_SLOT_NUM;
        uint32_t read = (uint32_t)old - rounds * IOREQ_BUFFER_SLOT_NUM;
        uint32_t write = (uint32_t)(old >> 32) - rounds * IOREQ_BUFFER_SLOT_NUM;

        if (!rounds || __atomic_compare_exchange_n(pair, &old, (uint64_t)write << 32 | read, false,
                                                   __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            return;
    }
}

bool ioreq_ring_put(struct buffered_iopage *ring, const struct ioreq *r, bool atomic)
{
    int code = size_code(r->size);
    uint32_t needs = code == 3 ? 2 : 1, write;
    struct buf_ioreq b = {.type = r->type, .addr = r->addr & 0xfffff, .data = (uint32_t)r->data};

    if (r->dir || r->data_is_ptr || r->count != 1 || r->addr > 0xfffff || code < 0)
        return false;
    b.size = (uint8_t)(code & 3);
    write = READ_ONCE(ring->write_pointer);
    if (write - READ_ONCE(ring->read_pointer) > IOREQ_BUFFER_SLOT_NUM - needs)
        return false;
    ring->buf_ioreq[write % IOREQ_BUFFER_SLOT_NUM] = b;
    if (needs == 2) {
        b.data = (uint32_t)(r->data >> 32);
        ring->buf_ioreq[(write + 1) % IOREQ_BUFFER_SLOT_NUM] = b;
    }
    __atomic_store_n(&ring->write_pointer, write + needs, __ATOMIC_RELEASE);
    if (atomic)
        shorten_pointers(ring);
    return true;
}

bool ioreq_pci_decode(uint32_t cf8, uint16_t port, bool extended, uint32_t *sbdf, uint32_t *reg)
{
    if ((port & ~3u) != 0xcfc || !(cf8 & 0x80000000u))
        return false;
    *sbdf = (cf8 >> 8) & 0xffff; /* bus, device, function, as the register has them */
    *reg = (cf8 & 0xfc) | (port & 3u);
    if (extended)
        *reg |= (cf8 >> 16) & 0xf00;
    return true;
}

void ioreq_memory_span(const struct ioreq *r, uint64_t *first, uint64_t *last)
{
    uint64_t before = r->df ? (uint64_t)(r->count - 1) * r->size : 0;

    *first = r->addr - before;
    *last = *first + (uint64_t)r->count * r->size - 1;
}
