/* SPDX-License-Identifier: BSD-2-Clause */
/* SVM on each CPU: is it there, switch it on (APM vol. 2, 15.4). */
#include "hvm/svm/svm.h"

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/pool.h"
#include "time/guest_tsc.h"

#define MSR_VM_CR           0xc0010114
#define VM_CR_SVM_DISABLED  (1ULL << 4)
#define MSR_VM_HSAVE_PA     0xc0010117
#define CPUID_SVM           (1u << 2) /* leaf 0x80000001 ECX */
#define CPUID_NESTED_PAGING (1u << 0) /* leaf 0x8000000a EDX */
#define CPUID_NEXT_RIP      (1u << 3)
#define CPUID_TSC_RATIO     (1u << 4)
#define CPUID_PAUSE_FILTER  (1u << 10)

struct svm_features svm_features;

bool svm_probe(void)
{
    struct cpuid_regs r;

    if (cpuid(0x80000000, 0).eax < 0x8000000a || !(cpuid(0x80000001, 0).ecx & CPUID_SVM))
        return false;
    if (rdmsr(MSR_VM_CR) & VM_CR_SVM_DISABLED) {
        log_warn("SVM is switched off by the firmware: no HVM and PVH guests");
        return false;
    }
    r = cpuid(0x8000000a, 0);
    if (!(r.edx & CPUID_NESTED_PAGING)) {
        log_warn("SVM without nested paging: no HVM and PVH guests");
        return false;
    }
    svm_features = (struct svm_features){.asids = r.ebx,
                                         .next_rip = r.edx & CPUID_NEXT_RIP,
                                         .tsc_ratio = r.edx & CPUID_TSC_RATIO,
                                         .pause_filter = r.edx & CPUID_PAUSE_FILTER};
    if (svm_features.tsc_ratio)
        guest_tsc_scaling = (struct guest_tsc_scaling){.fraction = 32, .whole = 8};
    return true;
}

int svm_cpu_enable(void)
{
    struct svm_cpu *cpu = pool_new(struct svm_cpu);
    void *save = heap_alloc_hyp(0), *host = heap_alloc_hyp(0);

    if (!cpu || !save || !host) {
        pool_free(cpu);
        heap_free_hyp(save, 0);
        heap_free_hyp(host, 0);
        return -ENOMEM;
    }
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
    wrmsr(MSR_VM_HSAVE_PA, direct_pa(save).a);
    cpu->host_address = direct_pa(host).a;
    cpu->asid_generation = 1;
    cpu->asid_next = 1;
    cpu->tsc_ratio = SVM_TSC_SAME;
    if (svm_features.tsc_ratio)
        wrmsr(MSR_SVM_TSC_RATIO, SVM_TSC_SAME);
    cpu_self()->hvm = cpu;
    /* what VMLOAD brings back after each exit: TR, LDTR, system call MSRs; FS and GS are loaded by
     * whoever needs them */
    __asm__ volatile("vmsave %0" ::"a"(cpu->host_address) : "memory");
    return 0;
}

/* INIT, by which firmware starts CPUs, is not blocked by SVM, but GIF may be clear when an NMI of
 * ours is taken; firmware and kernels expect SVM off (APM vol. 2, 15.30.4). */
void svm_cpu_disable(void)
{
    if (!(rdmsr(MSR_EFER) & EFER_SVME))
        return;
    __asm__ volatile("stgi");
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~EFER_SVME);
    wrmsr(MSR_VM_HSAVE_PA, 0);
}

/* SVM knows no log of what a guest writes. */
int svm_log_begin(struct vcpu *v)
{
    (void)v;
    return -EOPNOTSUPP;
}

void svm_log_take(struct vcpu *v)
{
    (void)v;
}

void svm_log_end(struct vcpu *v)
{
    (void)v;
}

/* Nested tables are the host's kind of tables. */
bool svm_page_1g(void)
{
    return cpu_features.page_1g;
}
