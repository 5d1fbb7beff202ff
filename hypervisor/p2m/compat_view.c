/* SPDX-License-Identifier: BSD-2-Clause */
/* Copying from and to the widened arguments of a 32-bit guest. */
#include "p2m/compat_view.h"

#include "abi/errno.h"
#include "lib/string.h"

static int copy_struct(const struct compat_view *view, void *ours, uint64_t at, size_t bytes,
                       enum guest_copy_way way)
{
    if (at > view->size || bytes > view->size - at)
        return -EFAULT;
    if (way == GUEST_COPY_FROM)
        memcpy(ours, view->bytes + at, bytes);
    else if (way == GUEST_COPY_TO)
        memcpy(view->bytes + at, ours, bytes);
    else
        memset(view->bytes + at, 0, bytes);
    return 0;
}

static int copy_list(uint32_t base, uint64_t *ours, uint64_t at, size_t bytes,
                     enum guest_copy_way way)
{
    if (at % 8 || bytes % 8)
        return -EFAULT;
    for (size_t i = 0; i < bytes / 8; i++) {
        uint64_t gva = base + (at / 8 + i) * 4;
        uint32_t word = way == GUEST_COPY_TO ? (uint32_t)ours[i] : 0;

        if (gva > UINT32_MAX || guest_copy(&word, gva, sizeof(word), way))
            return -EFAULT;
        if (way == GUEST_COPY_FROM)
            ours[i] = word;
    }
    return 0;
}

int compat_view_copy(const struct compat_view *view, void *ours, uint64_t gva, size_t bytes,
                     enum guest_copy_way way)
{
    uint64_t which = gva / COMPAT_VA, at = gva % COMPAT_VA;

    if (which == 1)
        return copy_struct(view, ours, at, bytes, way);
    if (which < 2 || which - 2 >= COMPAT_LISTS)
        return -EFAULT;
    return copy_list(view->lists[which - 2], ours, at, bytes, way);
}
