/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hypercalls of 32-bit code in translated guests.
 *
 * What is always true here: a handler never sees a 32-bit layout. What has the same layout in both
 * is passed on as it is; a structure of another layout is widened into a private copy, which the
 * handler finds at an address that no such guest has (p2m/compat_view.h), and results are cut off
 * and written back. So the rules of copying once and of continuing are those of the handlers.
 */
#include "hypercall/compat.h"

#include "abi/compat.h"
#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/vcpu.h"
#include "hypercall/dispatch.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "p2m/compat_view.h"
#include "p2m/copy.h"

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define MEMORY_SHIFT 6 /* xen/memory.h calls carry where they go on above their command */
#define NO_LIST      0xff

enum { IN = 1, OUT = 2, MANY = 4 };

/* A sub-operation whose structure has another layout. */
struct layout {
    uint8_t call, sub;           /* hypercall and sub-operation, which is argument 0 */
    uint8_t structure;           /* enum compat_struct */
    uint8_t pointer;             /* which argument is its address */
    uint8_t flags;               /* IN, OUT; MANY: argument 2 counts them */
    uint8_t lists[COMPAT_LISTS]; /* where in it pointers to lists of words are */
};

#define ROW(call, sub, s, pointer, flags, list0, list1)       \
    {                                                         \
        __HYPERVISOR_##call, sub, COMPAT_##s, pointer, flags, \
        {                                                     \
            list0, list1                                      \
        }                                                     \
    }
#define AT(s, field) offsetof(struct s, field)
static const struct layout layouts[] = {
    ROW(memory_op, XENMEM_increase_reservation, xen_memory_reservation, 1, IN,
        AT(xen_memory_reservation, extent_start), NO_LIST),
    ROW(memory_op, XENMEM_decrease_reservation, xen_memory_reservation, 1, IN,
        AT(xen_memory_reservation, extent_start), NO_LIST),
    ROW(memory_op, XENMEM_populate_physmap, xen_memory_reservation, 1, IN,
        AT(xen_memory_reservation, extent_start), NO_LIST),
    ROW(memory_op, XENMEM_add_to_physmap, xen_add_to_physmap, 1, IN | OUT, NO_LIST, NO_LIST),
    ROW(memory_op, XENMEM_add_to_physmap_batch, xen_add_to_physmap_batch, 1, IN,
        AT(xen_add_to_physmap_batch, idxs), AT(xen_add_to_physmap_batch, gpfns)),
    ROW(memory_op, XENMEM_remove_from_physmap, xen_remove_from_physmap, 1, IN, NO_LIST, NO_LIST),
    ROW(memory_op, XENMEM_memory_map, xen_memory_map, 1, IN | OUT, NO_LIST, NO_LIST),
    ROW(grant_table_op, GNTTABOP_setup_table, gnttab_setup_table, 1, IN | OUT | MANY,
        AT(gnttab_setup_table, frame_list), NO_LIST),
    ROW(grant_table_op, GNTTABOP_get_status_frames, gnttab_get_status_frames, 1, IN | OUT | MANY,
        NO_LIST, NO_LIST),
    ROW(grant_table_op, GNTTABOP_copy, gnttab_copy, 1, IN | OUT | MANY, NO_LIST, NO_LIST),
    ROW(grant_table_op, GNTTABOP_transfer, gnttab_transfer, 1, IN | OUT | MANY, NO_LIST, NO_LIST),
    ROW(sched_op, SCHEDOP_poll, sched_poll, 1, IN, NO_LIST, NO_LIST),
    ROW(vcpu_op, VCPUOP_set_singleshot_timer, vcpu_set_singleshot_timer, 2, IN, NO_LIST, NO_LIST),
    ROW(vcpu_op, VCPUOP_register_runstate_memory_area, vcpu_register_runstate_memory_area, 2, IN,
        NO_LIST, NO_LIST),
    ROW(vcpu_op, VCPUOP_register_vcpu_time_memory_area, vcpu_register_time_memory_area, 2, IN,
        NO_LIST, NO_LIST),
    ROW(vcpu_op, VCPUOP_get_runstate_info, vcpu_runstate_info, 2, OUT, NO_LIST, NO_LIST),
    ROW(xen_version, XENVER_platform_parameters, xen_platform_parameters, 1, OUT, NO_LIST, NO_LIST),
    ROW(physdev_op, PHYSDEVOP_map_pirq, physdev_map_pirq, 1, IN | OUT, NO_LIST, NO_LIST),
};
#undef ROW
#undef AT

static uint32_t sub_of(uint32_t number, uint32_t a0)
{
    return number == __HYPERVISOR_memory_op ? a0 & ((1u << MEMORY_SHIFT) - 1) : a0;
}

static const struct layout *layout_of(uint32_t number, uint32_t a0)
{
    uint32_t sub = sub_of(number, a0);

    for (unsigned int i = 0; i < ARRAY_SIZE(layouts); i++)
        if (layouts[i].call == number && layouts[i].sub == sub)
            return &layouts[i];
    return NULL;
}

/* What is refused rather than misread: the layout differs, and no 32-bit guest has a use for it. */
static bool is_offered(uint32_t number, uint32_t a0)
{
    if (number != __HYPERVISOR_memory_op)
        return true;
    switch (sub_of(number, a0)) {
    case XENMEM_maximum_ram_page:
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
    case XENMEM_maximum_gpfn:
    case XENMEM_reserved_device_memory_map: /* there are none, so nothing but the count is told */
        return true;
    default:
        return false;
    }
}

/* The handler, with arguments where hypercall_args() finds and edits them. */
static long native(struct vcpu *v, uint32_t number, const uint64_t n[COMPAT_ARGS])
{
    uint64_t *args = v->hc.entry.args;

    for (unsigned int i = 0; i < COMPAT_ARGS; i++)
        args[i] = n[i];
    v->hc.args_taken = true;
    return hypercall_run(n[0], n[1], n[2], n[3], number);
}

static long as_it_is(struct vcpu *v, uint32_t number, uint32_t a[COMPAT_ARGS])
{
    uint64_t n[COMPAT_ARGS];
    long rc;

    for (unsigned int i = 0; i < COMPAT_ARGS; i++)
        n[i] = a[i];
    rc = native(v, number, n);
    for (unsigned int i = 0; i < COMPAT_ARGS && rc == -ERESTART; i++)
        a[i] = (uint32_t)v->hc.entry.args[i];
    return rc;
}

/* How far a continued memory call has come must fit above its command in 32 bits. */
static bool can_continue(const struct layout *l, const void *bytes)
{
    const struct xen_memory_reservation *r = bytes;

    return l->structure != COMPAT_xen_memory_reservation ||
           r->nr_extents <= UINT32_MAX >> MEMORY_SHIFT;
}

/* One structure at @gva. @count: what argument 2 shall be for the handler. */
static long with_struct(struct vcpu *v, const struct layout *l, uint32_t a[COMPAT_ARGS],
                        uint32_t gva, uint32_t count)
{
    uint8_t guest[COMPAT_BYTES_MAX], bytes[COMPAT_BYTES_MAX] aligned(8) = {0};
    struct compat_view view = {.bytes = bytes, .size = compat_native_bytes(l->structure)};
    uint64_t n[COMPAT_ARGS] = {a[0], a[1], a[2], a[3], a[4]};
    long rc;

    if (copy_from_guest(guest, gva, compat_guest_bytes(l->structure)))
        return -EFAULT;
    if (l->flags & IN)
        compat_widen(l->structure, bytes, guest);
    if (!can_continue(l, bytes))
        return a[0] >> MEMORY_SHIFT;
    for (unsigned int i = 0; i < COMPAT_LISTS && l->lists[i] != NO_LIST; i++) {
        uint64_t *list = (uint64_t *)(bytes + l->lists[i]);

        view.lists[i] = (uint32_t)*list;
        *list = *list ? COMPAT_LIST_VA(i) : 0;
    }
    n[l->pointer] = COMPAT_VA;
    if (l->flags & MANY)
        n[2] = count;
    v->hc.compat = &view;
    rc = native(v, l->call, n);
    v->hc.compat = NULL;
    if (rc == -ERESTART &&
        !(l->flags & MANY)) /* argument 0 says how far; the rest is the guest's */
        a[0] = (uint32_t)v->hc.entry.args[0];
    if (!(l->flags & OUT) || (rc < 0 && rc != -ERESTART))
        return rc;
    for (unsigned int i = 0; i < COMPAT_LISTS && l->lists[i] != NO_LIST; i++)
        *(uint64_t *)(bytes + l->lists[i]) = view.lists[i];
    compat_narrow(l->structure, guest, bytes);
    return copy_to_guest(gva, guest, compat_guest_bytes(l->structure)) ? -EFAULT : rc;
}

/* An array of them, one at a time. */
static long with_array(struct vcpu *v, const struct layout *l, uint32_t a[COMPAT_ARGS])
{
    long rc = 0;

    while (a[2] && !rc) {
        rc = with_struct(v, l, a, a[1], 1);
        if (rc)
            break;
        a[1] += compat_guest_bytes(l->structure);
        a[2]--;
        if (a[2] && hypercall_preempt())
            rc = -ERESTART;
    }
    return rc;
}

static long one_call(struct vcpu *v, uint32_t number, uint32_t a[COMPAT_ARGS])
{
    const struct layout *l = layout_of(number, a[0]);
    const uint64_t time[COMPAT_ARGS] = {a[0] | (uint64_t)a[1] << 32};

    if (!hypercall_serves_translated(number))
        return -ENOSYS;
    if (number == __HYPERVISOR_set_timer_op) /* one argument of 64 bits, in two */
        return native(v, number, time);
    if (!l)
        return is_offered(number, a[0]) ? as_it_is(v, number, a) : -ENOSYS;
    return l->flags & MANY ? with_array(v, l, a) : with_struct(v, l, a, a[l->pointer], 0);
}

/* A batch's entry as 32-bit code has it. */
struct entry {
    uint32_t op, result, args[6];
};
static_assert(sizeof(struct entry) == C32_multicall_entry_BYTES &&
                  offsetof(struct entry, result) == C32_multicall_entry_result_AT &&
                  offsetof(struct entry, args) == C32_multicall_entry_args_AT,
              "xen/xen.h");

static long batch_entry(struct vcpu *v, uint32_t gva)
{
    struct entry e;
    long rc;

    if (copy_from_guest(&e, gva, sizeof(e)))
        return -EFAULT;
    rc = e.op == __HYPERVISOR_multicall ? -EINVAL : one_call(v, e.op, e.args);
    if (rc == -ERESTART)
        return copy_to_guest(gva + offsetof(struct entry, args), e.args, sizeof(e.args))
                   ? -EFAULT
                   : -ERESTART;
    e.result = (uint32_t)rc;
    return copy_to_guest(gva + offsetof(struct entry, result), &e.result, sizeof(e.result));
}

static long batch(struct vcpu *v, uint32_t a[COMPAT_ARGS])
{
    while (a[1]) {
        long rc = batch_entry(v, a[0]);

        if (rc)
            return rc;
        a[0] += sizeof(struct entry);
        a[1]--;
        if (a[1] && hypercall_preempt())
            return -ERESTART;
    }
    return 0;
}

long compat_call(uint32_t number, uint32_t a[COMPAT_ARGS])
{
    struct vcpu *v = vcpu_current();

    v->hc.in_multicall = false;
    return number == __HYPERVISOR_multicall ? batch(v, a) : one_call(v, number, a);
}
