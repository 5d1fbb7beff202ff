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

/* Inlined with each operation, so that it is called directly. @out: OUT_FROM its first output. */
static inline __attribute__((__always_inline__)) long each(uint64_t gva, uint32_t count, void *op,
                                                           size_t bytes, size_t out,
                                                           void (*run)(void *op))
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t at = gva + (uint64_t)i * bytes;

        if (copy_from_guest(op, at, bytes))
            return -EFAULT;
        run(op);
        if (copy_to_guest(at + out, (char *)op + out, bytes - out))
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

static int unmap_one(struct grant_undone *done, uint64_t at, bool replace)
{
    const size_t out = OUT_FROM(struct gnttab_unmap_grant_ref, status);
    struct gnttab_unmap_grant_ref op;
    uint64_t new_addr;

    if (copy_from_guest(&op, at, sizeof(op)))
        return -EFAULT;
    if (replace) {
        new_addr = op.dev_bus_addr;
        op.dev_bus_addr = 0;
    }
    op.status = (int16_t)grant_unmap(done, &op, replace ? &new_addr : NULL);
    return copy_to_guest(at + out, (char *)&op + out, sizeof(op) - out);
}

/* Batches share one TLB flush. It comes before anything is given back, and before any return. */
static long unmap_each(uint64_t gva, uint32_t count, bool replace)
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

static long run_array(uint32_t cmd, uint64_t gva, uint32_t count)
{
    union {
        struct gnttab_map_grant_ref map;
        struct gnttab_copy copy;
        struct gnttab_transfer transfer;
        struct gnttab_swap_grant_ref swap;
    } op;

    switch (cmd) {
    case GNTTABOP_map_grant_ref:
        return each(gva, count, &op.map, sizeof(op.map),
                    OUT_FROM(struct gnttab_map_grant_ref, status), run_map);
    case GNTTABOP_unmap_grant_ref:
        return unmap_each(gva, count, false);
    case GNTTABOP_unmap_and_replace:
        return unmap_each(gva, count, true);
    case GNTTABOP_copy:
        return each(gva, count, &op.copy, sizeof(op.copy),
                    OUT_FROM(struct gnttab_copy, status), run_copy);
    case GNTTABOP_swap_grant_ref:
        return each(gva, count, &op.swap, sizeof(op.swap),
                    OUT_FROM(struct gnttab_swap_grant_ref, status), run_swap);
    case GNTTABOP_transfer:
        if (!grant_defaults.transfer)
            return -EOPNOTSUPP;
        return each(gva, count, &op.transfer, sizeof(op.transfer),
                    OUT_FROM(struct gnttab_transfer, status), run_transfer);
    default:
        return -ENOSYS;
    }
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

long hc_grant_table_op(uint64_t cmd, uint64_t gva, uint64_t count)
{
    const uint32_t mask = (1u << GRANT_CMD_BITS) - 1;
    uint32_t number = (uint32_t)cmd & mask, within = (uint32_t)cmd >> GRANT_CMD_BITS;
    uint32_t items = (uint32_t)count;

    if (unlikely(items > INT32_MAX) || unlikely(within && number != GNTTABOP_cache_flush))
        return -EINVAL;
    switch (number) {
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
        return run_array(number, gva, items);
    }
}
