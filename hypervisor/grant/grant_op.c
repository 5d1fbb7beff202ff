/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grant_table_op hypercall: arrays of operations, each with a status of its own.
 *
 * Every operation is copied in once and worked on; then the last words of it, from the one that has
 * the first output, are copied back. Between two of them the call may be preempted: the arguments
 * then name the rest of the array.
 */
#include "grant/grant.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "grant/table.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "lib/bits.h"
#include "p2m/copy.h"
#include "p2m/guest_word.h"

/* The command's number; above it stands where within an operation a continued call goes on. */
#define GRANT_CMD_BITS 12

long grant_continue(uint64_t done, uint64_t bytes, uint32_t within)
{
    uint64_t *args = hypercall_args();

    args[0] = (args[0] & (BIT(GRANT_CMD_BITS) - 1)) | (uint64_t)within << GRANT_CMD_BITS;
    args[1] += done * bytes;
    args[2] -= done;
    return -ERESTART;
}

/* Where the words to be copied back begin. */
#define OUT_FROM(type, field) ROUND_DOWN(offsetof(type, field), sizeof(uint64_t))

/* copy_from_guest() and copy_to_guest() of so few bytes that words do it, with their number known
 * when compiled. */
static inline __attribute__((__always_inline__)) bool get(void *op, uint64_t at, size_t bytes)
{
    if (unlikely(vcpu_current()->hvm) || bytes % sizeof(uint64_t))
        return !copy_from_guest(op, at, bytes);
    return guest_range_ok(at, bytes) && guest_get_words(op, at, bytes / sizeof(uint64_t));
}

/* The words of @op from byte @out on. */
static inline __attribute__((__always_inline__)) bool put(uint64_t at, const void *op, size_t out,
                                                          size_t bytes)
{
    const uint64_t *words = (const uint64_t *)((const char *)op + out);

    at += out;
    bytes -= out;
    if (unlikely(vcpu_current()->hvm) || bytes % sizeof(uint64_t) || bytes > 2 * sizeof(uint64_t))
        return !copy_to_guest(at, words, bytes);
    return guest_range_ok(at, bytes) && guest_put(at, words[0]) &&
           (bytes < 2 * sizeof(uint64_t) || guest_put(at + sizeof(uint64_t), words[1]));
}

/* Inlined with each operation, so that it is called directly. @out: OUT_FROM its first output. */
static inline __attribute__((__always_inline__)) long each(uint64_t gva, uint32_t count, void *op,
                                                           size_t bytes, size_t out,
                                                           void (*run)(void *op))
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t at = gva + (uint64_t)i * bytes;

        if (!get(op, at, bytes))
            return -EFAULT;
        run(op);
        if (!put(at, op, out, bytes))
            return -EFAULT;
        if (i + 1 < count && hypercall_preempt())
            return grant_continue(i + 1, bytes, 0);
    }
    return 0;
}

static inline void run_map(void *op)
{
    grant_map(op);
}

static inline void run_copy(void *op)
{
    grant_copy(op);
}

static inline void run_transfer(void *op)
{
    grant_transfer(op);
}

static inline void run_swap(void *op)
{
    struct gnttab_swap_grant_ref *swap = op;

    swap->status = (int16_t)entry_swap(vcpu_current()->domain, swap->ref_a, swap->ref_b);
}

/* One operation of either unmapping kind: they differ in the second field. */
static_assert(sizeof(struct gnttab_unmap_grant_ref) == sizeof(struct gnttab_unmap_and_replace) &&
                  offsetof(struct gnttab_unmap_grant_ref, dev_bus_addr) ==
                      offsetof(struct gnttab_unmap_and_replace, new_addr) &&
                  offsetof(struct gnttab_unmap_grant_ref, handle) ==
                      offsetof(struct gnttab_unmap_and_replace, handle) &&
                  offsetof(struct gnttab_unmap_grant_ref, status) ==
                      offsetof(struct gnttab_unmap_and_replace, status),
              "xen/grant_table.h");

static inline int unmap_one(struct grant_undone *done, uint64_t at, bool replace)
{
    struct gnttab_unmap_grant_ref op __attribute__((__uninitialized__));
    uint64_t new_addr;

    if (!get(&op, at, sizeof(op)))
        return -EFAULT;
    if (replace) {
        new_addr = op.dev_bus_addr;
        op.dev_bus_addr = 0;
    }
    op.status = (int16_t)grant_unmap(done, &op, replace ? &new_addr : NULL);
    return put(at, &op, OUT_FROM(struct gnttab_unmap_grant_ref, status), sizeof(op)) ? 0 : -EFAULT;
}

/* Batches share one TLB flush. It comes before anything is given back, and before any return. */
static off_path long unmap_each(uint64_t gva, uint32_t count, bool replace)
{
    const size_t bytes = sizeof(struct gnttab_unmap_grant_ref);
    struct grant_undone done
        __attribute__((__uninitialized__)); /* large; `count` says what is in */
    uint32_t i = 0;
    int rc = 0;

    done.count = 0;
    done.flush = false;
    while (i < count && !rc) {
        rc = unmap_one(&done, gva + (uint64_t)i * bytes, replace);
        i++;
        if (i % GRANT_BATCH == 0 && i < count && !rc) {
            grant_unmap_finish(&done);
            if (hypercall_preempt())
                return grant_continue(i, bytes, 0);
        }
    }
    grant_unmap_finish(&done);
    return rc;
}

/* What is copied in is all that is in @op. */
#define EACH(type, run)                                                                            \
    do {                                                                                           \
        type op __attribute__((__uninitialized__));                                                \
                                                                                                   \
        return each(gva, count, &op, sizeof(op), OUT_FROM(type, status), run);                     \
    } while (0)

static off_path long map_each(uint64_t gva, uint32_t count)
{
    EACH(struct gnttab_map_grant_ref, run_map);
}

static off_path long copy_each(uint64_t gva, uint32_t count)
{
    EACH(struct gnttab_copy, run_copy);
}

static off_path long transfer_each(uint64_t gva, uint32_t count)
{
    if (!grant_defaults.transfer)
        return -EOPNOTSUPP;
    EACH(struct gnttab_transfer, run_transfer);
}

static off_path long swap_each(uint64_t gva, uint32_t count)
{
    EACH(struct gnttab_swap_grant_ref, run_swap);
}

static long run_single(uint32_t cmd, uint64_t gva)
{
    switch (cmd) {
    case GNTTABOP_setup_table:
        return grant_setup_table(gva);
    case GNTTABOP_query_size:
        return grant_query_size(gva);
    case GNTTABOP_set_version:
        return grant_set_version(gva);
    case GNTTABOP_get_status_frames:
        return grant_get_status_frames(gva);
    default:
        return grant_get_version(gva);
    }
}

/* What is not made all the time. @number: without @within. */
static off_path long run_other(uint32_t number, uint32_t within, uint64_t gva, uint32_t items)
{
    if (unlikely(items > INT32_MAX) || unlikely(within && number != GNTTABOP_cache_flush))
        return -EINVAL;
    switch (number) {
    case GNTTABOP_unmap_and_replace:
        return unmap_each(gva, items, true);
    case GNTTABOP_transfer:
        return transfer_each(gva, items);
    case GNTTABOP_swap_grant_ref:
        return swap_each(gva, items);
    case GNTTABOP_cache_flush:
        return grant_cache_flush(gva, items, within);
    case GNTTABOP_setup_table:
    case GNTTABOP_query_size:
    case GNTTABOP_get_status_frames:
        return items == 1 ? run_single(number, gva) : -EINVAL;
    case GNTTABOP_set_version: /* no count is looked at for these */
    case GNTTABOP_get_version:
        return run_single(number, gva);
    default:
        return -ENOSYS;
    }
}

long hc_grant_table_op(uint64_t cmd, uint64_t gva, uint64_t count)
{
    uint32_t number = (uint32_t)cmd, items = (uint32_t)count;

    if (likely(items <= INT32_MAX)) {
        switch (number) {
        case GNTTABOP_map_grant_ref:
            return map_each(gva, items);
        case GNTTABOP_unmap_grant_ref:
            return unmap_each(gva, items, false);
        case GNTTABOP_copy:
            return copy_each(gva, items);
        }
    }
    return run_other(number & ((1u << GRANT_CMD_BITS) - 1), number >> GRANT_CMD_BITS, gva, items);
}
