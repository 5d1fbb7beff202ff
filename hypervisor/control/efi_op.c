/* SPDX-License-Identifier: BSD-2-Clause */
/* platform_op: EFI runtime services for the control domain. Errors of the firmware come back in
 * `status` with result 0; negative results are about the request itself. */
#include "control/platform_op.h"

#include "abi/errno.h"
#include "efi/runtime.h"
#include "lib/string.h"
#include "mm/pool.h"
#include "p2m/copy.h"

/* Bounds of what is copied for one call; firmware's own limits are below them. */
#define NAME_CHARS_MAX 1024
#define DATA_BYTES_MAX (1u << 20)

#define ARG(x) ((uint64_t)(uintptr_t)(x))

static void time_from_guest(struct efi_time *to, const struct xenpf_efi_time *from)
{
    *to = (struct efi_time){
        .year = from->year,
        .month = from->month,
        .day = from->day,
        .hour = from->hour,
        .minute = from->min,
        .second = from->sec,
        .nanosecond = from->ns,
        .time_zone = from->tz,
        .daylight = from->daylight,
    };
}

static void time_to_guest(struct xenpf_efi_time *to, const struct efi_time *from)
{
    *to = (struct xenpf_efi_time){
        .year = from->year,
        .month = from->month,
        .day = from->day,
        .hour = from->hour,
        .min = from->minute,
        .sec = from->second,
        .ns = from->nanosecond,
        .tz = from->time_zone,
        .daylight = from->daylight,
    };
}

static long get_time(struct xenpf_efi_runtime_call *c)
{
    struct efi_time_capabilities capabilities = {0};
    struct efi_time now = {0};

    if (c->misc)
        return -EINVAL;
    c->status = efi_call_service(EFI_GET_TIME, (uint64_t[6]){ARG(&now), ARG(&capabilities)});
    if (c->status)
        return 0;
    time_to_guest(&c->u.get_time.time, &now);
    c->u.get_time.resolution = capabilities.resolution;
    c->u.get_time.accuracy = capabilities.accuracy;
    if (capabilities.sets_to_zero)
        c->misc |= XEN_EFI_GET_TIME_SET_CLEARS_NS;
    return 0;
}

static long set_time(struct xenpf_efi_runtime_call *c)
{
    struct efi_time time;

    if (c->misc)
        return -EINVAL;
    time_from_guest(&time, &c->u.set_time);
    c->status = efi_call_service(EFI_SET_TIME, (uint64_t[6]){ARG(&time)});
    return 0;
}

static long get_wakeup_time(struct xenpf_efi_runtime_call *c)
{
    uint8_t enabled = 0, pending = 0;
    struct efi_time time = {0};

    if (c->misc)
        return -EINVAL;
    c->status = efi_call_service(EFI_GET_WAKEUP_TIME,
                                 (uint64_t[6]){ARG(&enabled), ARG(&pending), ARG(&time)});
    if (c->status)
        return 0;
    c->misc = (enabled ? XEN_EFI_GET_WAKEUP_TIME_ENABLED : 0) |
              (pending ? XEN_EFI_GET_WAKEUP_TIME_PENDING : 0);
    time_to_guest(&c->u.get_wakeup_time, &time);
    return 0;
}

static long set_wakeup_time(struct xenpf_efi_runtime_call *c)
{
    const uint32_t known = XEN_EFI_SET_WAKEUP_TIME_ENABLE | XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY;
    bool enable = c->misc & XEN_EFI_SET_WAKEUP_TIME_ENABLE;
    bool has_time = enable && !(c->misc & XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY);
    struct efi_time time;

    if (c->misc & ~known)
        return -EINVAL;
    time_from_guest(&time, &c->u.set_wakeup_time);
    c->status = efi_call_service(EFI_SET_WAKEUP_TIME,
                                 (uint64_t[6]){enable, has_time ? ARG(&time) : 0});
    return 0;
}

static long get_monotonic(struct xenpf_efi_runtime_call *c)
{
    uint32_t high = 0;

    if (c->misc)
        return -EINVAL;
    c->status = efi_call_service(EFI_GET_NEXT_HIGH_MONOTONIC_COUNT, (uint64_t[6]){ARG(&high)});
    c->misc = c->status ? 0 : high;
    return 0;
}

/* A copy of a guest's UCS-2 string, or NULL with the error. */
static uint16_t *take_name(uint64_t gva, long *rc)
{
    uint16_t *name = pool_array(uint16_t, NAME_CHARS_MAX);

    *rc = -ENOMEM;
    if (!name)
        return NULL;
    for (uint32_t i = 0; i < NAME_CHARS_MAX; i++) {
        *rc = copy_from_guest(&name[i], GUEST_ELEM(gva, uint16_t, i), sizeof(name[i]));
        if (*rc || !name[i])
            break;
        *rc = -ENOBUFS; /* should this have been the last */
    }
    if (*rc) {
        pool_free(name);
        return NULL;
    }
    return name;
}

static long get_variable(struct xenpf_efi_runtime_call *c)
{
    uint64_t size = c->u.get_variable.size, room = size;
    struct xenpf_efi_guid guid = c->u.get_variable.vendor_guid;
    uint32_t attributes = 0;
    uint16_t *name;
    void *data = NULL;
    long rc;

    if (c->misc)
        return -EINVAL;
    if (size > DATA_BYTES_MAX)
        return -E2BIG;
    name = take_name(GUEST_VA(c->u.get_variable.name), &rc);
    if (!name)
        return rc;
    if (size && !(data = pool_alloc(size))) {
        pool_free(name);
        return -ENOMEM;
    }
    c->status = efi_call_service(EFI_GET_VARIABLE, (uint64_t[6]){ARG(name), ARG(&guid),
                                                                 ARG(&attributes), ARG(&size),
                                                                 ARG(data)});
    if (!c->status)
        rc = copy_to_guest(GUEST_VA(c->u.get_variable.data), data, min(size, room));
    c->misc = attributes;
    c->u.get_variable.size = size; /* also how much it would take */
    pool_free(data);
    pool_free(name);
    return rc;
}

static long set_variable(struct xenpf_efi_runtime_call *c)
{
    struct xenpf_efi_guid guid = c->u.set_variable.vendor_guid;
    uint64_t size = c->u.set_variable.size;
    void *data = NULL;
    uint16_t *name;
    long rc;

    if (size > DATA_BYTES_MAX)
        return -E2BIG;
    name = take_name(GUEST_VA(c->u.set_variable.name), &rc);
    if (!name)
        return rc;
    if (size) {
        data = pool_alloc(size);
        rc = data ? copy_from_guest(data, GUEST_VA(c->u.set_variable.data), size) : -ENOMEM;
    }
    if (!rc)
        c->status = efi_call_service(EFI_SET_VARIABLE, (uint64_t[6]){ARG(name), ARG(&guid),
                                                                     c->misc, size, ARG(data)});
    pool_free(data);
    pool_free(name);
    return rc;
}

static long get_next_variable_name(struct xenpf_efi_runtime_call *c)
{
    struct xenpf_efi_guid guid = c->u.get_next_variable_name.vendor_guid;
    uint64_t size = c->u.get_next_variable_name.size, room = size;
    uint64_t gva = GUEST_VA(c->u.get_next_variable_name.name);
    uint16_t *name;
    long rc;

    if (c->misc)
        return -EINVAL;
    if (size < sizeof(*name) || size > DATA_BYTES_MAX)
        return -EINVAL;
    name = pool_alloc(size + sizeof(*name)); /* one more: what the guest has may lack its NUL */
    if (!name)
        return -ENOMEM;
    rc = copy_from_guest(name, gva, size);
    if (!rc) {
        c->status = efi_call_service(EFI_GET_NEXT_VARIABLE_NAME,
                                     (uint64_t[6]){ARG(&size), ARG(name), ARG(&guid)});
        if (!c->status)
            rc = copy_to_guest(gva, name, min(size, room));
        c->u.get_next_variable_name.size = size;
        c->u.get_next_variable_name.vendor_guid = guid;
    }
    pool_free(name);
    return rc;
}

static long query_variable_info(struct xenpf_efi_runtime_call *c)
{
    uint64_t most = 0, left = 0, largest = 0;

    if (c->misc & ~XEN_EFI_VARINFO_BOOT_SNAPSHOT)
        return -EINVAL;
    if (c->misc || efi_runtime_revision() < EFI_REVISION_2_00)
        return -EOPNOTSUPP;
    c->status = efi_call_service(EFI_QUERY_VARIABLE_INFO,
                                 (uint64_t[6]){c->u.query_variable_info.attr, ARG(&most),
                                               ARG(&left), ARG(&largest)});
    c->u.query_variable_info.max_store_size = most;
    c->u.query_variable_info.remain_store_size = left;
    c->u.query_variable_info.max_size = largest;
    return 0;
}

long platform_efi_runtime_call(struct xen_platform_op *op)
{
    struct xenpf_efi_runtime_call *c = &op->u.efi_runtime_call;

    if (!efi_present())
        return -ENOSYS;
    switch (c->function) {
    case XEN_EFI_get_time:
        return get_time(c);
    case XEN_EFI_set_time:
        return set_time(c);
    case XEN_EFI_get_wakeup_time:
        return get_wakeup_time(c);
    case XEN_EFI_set_wakeup_time:
        return set_wakeup_time(c);
    case XEN_EFI_get_next_high_monotonic_count:
        return get_monotonic(c);
    case XEN_EFI_get_variable:
        return get_variable(c);
    case XEN_EFI_set_variable:
        return set_variable(c);
    case XEN_EFI_get_next_variable_name:
        return get_next_variable_name(c);
    case XEN_EFI_query_variable_info:
        return query_variable_info(c);
    case XEN_EFI_query_capsule_capabilities: /* firmware updates are for the firmware's own boot */
    case XEN_EFI_update_capsule:
        return -EOPNOTSUPP;
    default:
        return -ENOSYS;
    }
}
