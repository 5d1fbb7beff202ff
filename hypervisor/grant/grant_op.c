/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grant_table_op hypercall: arrays of operations, each with a status of its own.
 *
 * Every operation is copied in once, worked on, and copied back. Between two of them the call may
 * be preempted: the arguments then name the rest of the array.
 */
#include "grant/grant.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "grant/table.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "p2m/copy.h"

/* After @done operations of @bytes: go on with the rest in another call. */
static long continue_after(uint64_t done, uint64_t bytes)
{
    uint64_t *args = hypercall_args();

    args[1] += done * bytes;
    args[2] -= done;
    return -ERESTART;
}

/* Inlined with each operation, so that it is called directly. */
static inline __attribute__((__always_inline__)) long each(uint64_t gva, uint32_t count, void *op,
                                                           size_t bytes, void (*run)(void *op))
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t at = gva + (uint64_t)i * bytes;

        if (copy_from_guest(op, at, bytes))
            return -EFAULT;
        run(op);
        if (copy_to_guest(at, op, bytes))
            return -EFAULT;
        if (i + 1 < count && hypercall_preempt())
            return continue_after(i + 1, bytes);
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

static inline void run_swap(void *op)
{
    struct gnttab_swap_grant_ref *swap = op;

    swap->status = (int16_t)entry_swap(vcpu_current()->domain, swap->ref_a, swap->ref_b);
}

/* One operation of either unmapping kind. */
union unmap_op {
    struct gnttab_unmap_grant_ref unmap;
    struct gnttab_unmap_and_replace replace;
};

static int unmap_one(struct grant_undone *done, uint64_t at, bool replace)
{
    struct gnttab_unmap_grant_ref plain = {0};
    union unmap_op op;
    int16_t *status = replace ? &op.replace.status : &op.unmap.status;
    size_t status_at = replace ? offsetof(struct gnttab_unmap_and_replace, status)
                               : offsetof(struct gnttab_unmap_grant_ref, status);

    if (copy_from_guest(&op, at, replace ? sizeof(op.replace) : sizeof(op.unmap)))
        return -EFAULT;
    if (replace) {
        plain.host_addr = op.replace.host_addr;
        plain.handle = op.replace.handle;
        *status = (int16_t)grant_unmap(done, &plain, &op.replace.new_addr);
    } else {
        *status = (int16_t)grant_unmap(done, &op.unmap, NULL);
    }
    return copy_to_guest(at + status_at, status, sizeof(*status));
}

/* Batches share one TLB flush. It comes before anything is given back, and before any return. */
static long unmap_each(uint64_t gva, uint32_t count, bool replace)
{
    const size_t bytes =
        replace ? sizeof(struct gnttab_unmap_and_replace) : sizeof(struct gnttab_unmap_grant_ref);
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
                return continue_after(i, bytes);
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
        struct gnttab_swap_grant_ref swap;
    } op;

    switch (cmd) {
    case GNTTABOP_map_grant_ref:
        return each(gva, count, &op.map, sizeof(op.map), run_map);
    case GNTTABOP_unmap_grant_ref:
        return unmap_each(gva, count, false);
    case GNTTABOP_unmap_and_replace:
        return unmap_each(gva, count, true);
    case GNTTABOP_copy:
        return each(gva, count, &op.copy, sizeof(op.copy), run_copy);
    case GNTTABOP_swap_grant_ref:
        return each(gva, count, &op.swap, sizeof(op.swap), run_swap);
    case GNTTABOP_transfer:    /* giving frames away for good: nobody asks for it any more */
    case GNTTABOP_cache_flush: /* for machines whose DMA does not snoop */
        return -EOPNOTSUPP;
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
    uint32_t number = (uint32_t)cmd, items = (uint32_t)count;

    if (items > INT32_MAX)
        return -EINVAL;
    switch (number) {
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
