/* SPDX-License-Identifier: BSD-2-Clause */
/* What mm/page.c asks of domains: whose TLBs to flush for a frame, and when to free frames. */
#include "mm/page_hooks.h"

#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "mm/tlb.h"
#include "sched/softirq.h"

void page_hook_limbo(void)
{
    softirq_raise(SOFTIRQ_PAGES);
}

/*
 * Only the owner's vCPUs can have translations to a frame that no other domain ever mapped. The
 * owner cannot go away meanwhile: it is the caller's domain, or the answer is "everywhere".
 */
void page_hook_flush(const struct page *pg, uint32_t stamp)
{
    const struct cpumask *mask = &cpus_online;
    const struct vcpu *v = vcpu_current();

    if (!(READ_ONCE(pg->count) & PAGE_MAPPED_ELSEWHERE) && v && v->domain &&
        v->domain->id == page_owner_id(pg) && v->domain->dirty_cpus)
        mask = v->domain->dirty_cpus;
    tlb_flush_stale(mask, stamp);
}
