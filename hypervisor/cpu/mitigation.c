/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Speculation: one plan for the machine, made at boot.
 *
 * What is always true here: a domain does not run on branch targets that another one put into the
 * predictor, where the CPU has a barrier for that (IBPB: SDM vol. 3, "Indirect Branch Predictor
 * Barrier"; AMD the same bit of the same register). Between the programs of one guest, and its
 * kernel, its kernel does that. Nobody is offered AVX where it leaks. What is not done is said at
 * boot and in docs/design/pv.md.
 */
#include "cpu/mitigation.h"

#include "console/log.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"

#define PRED_CMD_IBPB 1

static bool use_barrier; /* (c) */
bool mitigation_flush_l1d;

/* Without AVX in XCR0 the instruction does not exist: VGATHER came with AVX2. */
static void stop_gathering(bool no_gather)
{
    if (!cpu_features.gather_leaks || !(cpu_features.xcr0_mask & XSTATE_AVX))
        return;
    if (no_gather)
        cpu_features.xcr0_mask &= ~(XSTATE_AVX | XSTATE_AVX512);
    log_warn("This CPU may leak vector registers between programs (gather data sampling), and its "
             "microcode does not prevent it: AVX is %s (spec-ctrl=gds-mit=)",
             no_gather ? "hidden" : "offered all the same");
}

void mitigation_init(bool barrier, bool no_gather)
{
    const struct cpu_features *f = &cpu_features;

    use_barrier = barrier && f->ibpb;
    log_info("Speculation: branch predictor barrier between domains %s; page tables not separated",
             use_barrier ? "on" : f->ibpb ? "off (spec-ctrl=)" : "off (not in this CPU)");
    mitigation_flush_l1d = f->l1d_flush;
    if (f->l1d_flush)
        log_info("Speculation: L1 data cache flushed at entry to HVM and PVH guests");
    if (f->meltdown)
        log_warn("This CPU may leak hypervisor memory to guests (Meltdown); page tables are not "
                 "separated yet: run only guests you trust");
    stop_gathering(no_gather);
}

void mitigation_switch(domid_t id)
{
    struct percpu *cpu = cpu_self();

    if (likely(cpu->last_domain == id))
        return;
    cpu->last_domain = id;
    if (use_barrier)
        wrmsr(MSR_PRED_CMD, PRED_CMD_IBPB);
}
