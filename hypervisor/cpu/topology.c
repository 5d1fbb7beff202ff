/* SPDX-License-Identifier: BSD-2-Clause */
/* How APIC ids divide into thread, core and package. */
#include "cpu/topology.h"

#include "cpu/policy.h"
#include "lib/bits.h"

/* Bits needed to number @count things. */
static uint8_t width(uint32_t count)
{
    return (uint8_t)(count > 1 ? fls(count - 1) : 0);
}

/* Leaf 0xb: sub-leaf 0 is threads (type 1), sub-leaf 1 cores (type 2); EAX[4:0] is the shift to the
 * next level. */
static bool from_leaf_b(const struct cpu_policy *raw, struct cpu_topology *t)
{
    const struct cpuid_regs *thread = &raw->topo[0], *core = &raw->topo[1];

    if (raw->basic[0].eax < 0xb || !thread->ebx || (thread->ecx >> 8 & 0xff) != 1)
        return false;
    t->core_shift = thread->eax & 0x1f;
    t->package_shift = (core->ecx >> 8 & 0xff) == 2 && core->ebx ? core->eax & 0x1f : t->core_shift;
    return t->package_shift >= t->core_shift;
}

static struct cpu_topology from_amd(const struct cpu_policy *raw)
{
    uint32_t nc = raw->ext[8].ecx; /* ApicIdCoreIdSize 15:12, NC 7:0: threads in the package - 1 */
    uint8_t package = nc >> 12 & 0xf ? nc >> 12 & 0xf : width((nc & 0xff) + 1);
    uint32_t threads = 1;

    if (cpu_policy_has(raw, XEN_X86_FEATURE_TOPOEXT))
        threads = (raw->ext[0x1e].ebx >> 8 & 0xff) + 1;
    return (struct cpu_topology){.core_shift = min(width(threads), package),
                                 .package_shift = package};
}

static struct cpu_topology from_leaves_1_4(const struct cpu_policy *raw)
{
    uint32_t logical = 1, cores = 1;
    struct cpu_topology t = {0};

    if (cpu_policy_has(raw, XEN_X86_FEATURE_HTT))
        logical = raw->basic[1].ebx >> 16 & 0xff;
    if (raw->basic[0].eax >= 4)
        cores = (raw->cache[0].eax >> 26) + 1;
    t.package_shift = max(width(logical), width(cores));
    t.core_shift = t.package_shift - width(cores);
    return t;
}

struct cpu_topology cpu_topology_of(const struct cpu_policy *raw)
{
    struct cpu_topology t;

    if (from_leaf_b(raw, &t))
        return t;
    return cpu_policy_is_amd(raw) ? from_amd(raw) : from_leaves_1_4(raw);
}
