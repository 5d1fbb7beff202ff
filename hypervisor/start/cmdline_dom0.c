/* SPDX-License-Identifier: BSD-2-Clause */
/* What the options say about dom0's size on a given machine. */
#include "start/cmdline.h"

uint64_t cmdline_amount_bytes(const struct option_amount *amount, uint64_t total)
{
    uint64_t part, bytes;

    if (amount->negative)
        return amount->bytes < total ? total - amount->bytes : 0;
    part = total / 100 * amount->percent; /* percent < 100 */
    if (__builtin_add_overflow(part, amount->bytes, &bytes))
        return total;
    return min(bytes, total);
}

void cmdline_dom0_memory(const struct options *options, uint64_t total, uint64_t *initial,
                         uint64_t *maximum)
{
    uint64_t size, most = UINT64_MAX;

    if (options->dom0_mem.given)
        size = cmdline_amount_bytes(&options->dom0_mem, total);
    else
        size = min(max(total / 10, min((uint64_t)GiB, total / 2)), (uint64_t)(8 * GiB));
    if (options->dom0_mem_min.given)
        size = max(size, cmdline_amount_bytes(&options->dom0_mem_min, total));
    if (options->dom0_mem_max.given) {
        /* Not held against today's machine: memory to grow into may be freed later. */
        const struct option_amount *limit = &options->dom0_mem_max;

        most = limit->negative || limit->percent ? cmdline_amount_bytes(limit, total)
                                                 : limit->bytes;
        size = min(size, most);
    }
    *initial = size;
    *maximum = most;
}

uint32_t cmdline_dom0_vcpus(const struct options *options, uint32_t cpus)
{
    return min(max(cpus, options->dom0_vcpus_min), options->dom0_vcpus_max);
}
