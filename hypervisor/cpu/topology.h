/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, cores and packages, read from APIC ids. */
#pragma once

#include <stdint.h>

struct cpu_policy;

/* How an APIC id divides: bits below `core_shift` number the thread, those up to `package_shift`
 * the core, the rest the package. */
struct cpu_topology {
    uint8_t core_shift, package_shift;
};

/* From the CPUID leaves of @raw (SDM vol. 2, CPUID 1, 4, 0xb; APM vol. 3, 0x80000008,
 * 0x8000001e). */
struct cpu_topology cpu_topology_of(const struct cpu_policy *raw);

static inline uint32_t cpu_topology_core(struct cpu_topology t, uint32_t apic_id)
{
    return (apic_id & ((1u << t.package_shift) - 1)) >> t.core_shift;
}

static inline uint32_t cpu_topology_package(struct cpu_topology t, uint32_t apic_id)
{
    return apic_id >> t.package_shift;
}
