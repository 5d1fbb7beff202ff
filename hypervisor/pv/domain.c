/* SPDX-License-Identifier: BSD-2-Clause */
/* PV domains and vCPUs: what they consist of beyond what all domains have. */
#include "pv/kind.h"

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/descriptor.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "lib/range_set.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "pv/grant_map.h"
#include "pv/port_hooks.h"
#include "pv/pv.h"
#include "pv/type.h"

#define LINK (PTE_P | PTE_RW | PTE_A) /* supervisor only, not global: differs between domains */
#define PV_VCPUS_MAX 512              /* gdt_ldt_l1[] has room for 32 x 16 */

/* Tables of the per-domain area: L3 -> one L2 -> an L1 for each 16 vCPUs, made as vCPUs come. */
static int pv_domain_init(struct domain *d, const struct xen_domctl_createdomain *config)
{
    struct pv_domain *p;
    uint64_t *l3;
    void *l2;

    if (config->max_vcpus > PV_VCPUS_MAX || (config->flags & ~XEN_DOMCTL_CDF_oos_off &
                                             ~XEN_DOMCTL_CDF_iommu & ~XEN_DOMCTL_CDF_s3_integrity &
                                             ~XEN_DOMCTL_CDF_xs_domain))
        return -EINVAL;
    p = pool_new(struct pv_domain);
    if (!p)
        return -ENOMEM;
    d->pv = p;
    p->perdomain_l3 = p->perdomain_l2 = MFN_NONE;
    spin_init(&p->update_lock, LOCK_PV_UPDATE);
    spin_init(&p->log.lock, LOCK_P2M);
    l3 = heap_alloc_hyp(0);
    l2 = heap_alloc_hyp(0);
    p->ldt_descriptors[0] = heap_alloc_hyp(0);
    p->ldt_descriptors[1] = config->max_vcpus > 256 ? heap_alloc_hyp(0) : NULL;
    if (l3)
        p->perdomain_l3 = direct_mfn(l3);
    if (l2)
        p->perdomain_l2 = direct_mfn(l2);
    if (!l3 || !l2 || !p->ldt_descriptors[0] ||
        (config->max_vcpus > 256 && !p->ldt_descriptors[1]))
        return -ENOMEM; /* domain_free() gives back what there is */
    l3[0] = pte_make(p->perdomain_l2, LINK);
    return 0;
}

static void pv_domain_free(struct domain *d)
{
    struct pv_domain *p = d->pv;

    if (!p)
        return;
    for (unsigned int i = 0; i < ARRAY_SIZE(p->gdt_ldt_l1); i++)
        heap_free_hyp(p->gdt_ldt_l1[i], 0);
    for (unsigned int i = 0; i < ARRAY_SIZE(p->ldt_descriptors); i++)
        heap_free_hyp(p->ldt_descriptors[i], 0);
    if (!mfn_eq(p->perdomain_l2, MFN_NONE))
        heap_free_hyp(direct_va(mfn_paddr(p->perdomain_l2)), 0);
    if (!mfn_eq(p->perdomain_l3, MFN_NONE))
        heap_free_hyp(direct_va(mfn_paddr(p->perdomain_l3)), 0);
    pool_free(p->io_bitmap);
    pool_free(p);
    d->pv = NULL;
}

static int pv_domain_relinquish(struct domain *d)
{
    struct vcpu *v;
    int rc;

    pv_log_end(d);
    for_each_vcpu(d, v) {
        if (!v->pv)
            continue;
        pv_drop_gdt(v);
        pv_drop_ldt(v);
        rc = pv_drop_l4s(v);
        if (rc)
            return rc;
    }
    return 0;
}

static int pv_vcpu_init(struct vcpu *v)
{
    struct pv_domain *pd = v->domain->pv;
    uint64_t *l1 = pd->gdt_ldt_l1[v->id / 16];
    struct pv_vcpu *p = pool_new(struct pv_vcpu);

    if (!p)
        return -ENOMEM;
    v->pv = p;
    p->l4_kernel = p->l4_user = MFN_NONE;
    p->in_kernel = true;
    for (unsigned int i = 0; i < PV_GDT_GUEST_FRAMES; i++)
        p->gdt_frames[i] = MFN_NONE;
    v->debugreg[6] = DR6_FIXED;
    v->debugreg[7] = DR7_FIXED;
    if (!l1) {
        uint64_t *l2 = frame_map(pd->perdomain_l2);

        l1 = heap_alloc_hyp(0);
        if (l1) {
            pd->gdt_ldt_l1[v->id / 16] = l1;
            l2[v->id / 16] = pte_make(direct_mfn(l1), LINK);
        }
        frame_unmap(l2);
        if (!l1)
            return -ENOMEM;
    }
    pv_gdt_init(v);
    l1 += v->id % 16 * 32;
    l1[14] = pte_make(descriptor_page(), PTE_P | PTE_RW | PTE_A | PTE_D | PTE_NX);
    l1[15] = pte_make(direct_mfn(pd->ldt_descriptors[v->id / 256]),
                      PTE_P | PTE_RW | PTE_A | PTE_D | PTE_NX);
    return 0;
}

static void pv_vcpu_free(struct vcpu *v)
{
    pool_free(v->pv);
    v->pv = NULL;
}

static void pv_dump(struct vcpu *v)
{
    const struct pv_vcpu *p = v->pv;

    log_error("  %s mode, L4 kernel %#lx user %#lx, kernel stack %04x:%#lx, IOPL %u",
              p->in_kernel ? "kernel" : "user", p->l4_kernel.n, p->l4_user.n, p->kernel_ss,
              p->kernel_sp, p->iopl);
    log_error("  upcall pending %u mask %u, event callback %#lx, vector %u error %#x",
              v->info->evtchn_upcall_pending, v->info->evtchn_upcall_mask, p->event.rip,
              v->regs.entry_vector, v->regs.error_code);
    if (v == vcpu_current()) {
        uint64_t at = v->regs.rsp, word;

        for (unsigned int n = 0; n < 32 && !copy_from_guest(&word, at, 8); n++, at += 8)
            log_error("  [rsp+%02x] %016lx", n * 8, word);
    }
}

int pv_ports_changed(struct domain *d)
{
    static uint64_t stamps;
    struct pv_domain *p = d->pv;
    const struct range *r;

    if (!p->io_bitmap) {
        if (range_set_is_empty(d->ioports))
            return 0;
        p->io_bitmap = pool_alloc(8192);
        if (!p->io_bitmap)
            return -ENOMEM;
    }
    memset(p->io_bitmap, 0xff, 8192);
    for (r = range_set_first(d->ioports); r; r = range_set_next(r))
        for (uint64_t port = r->first; port <= r->last && port < 0x10000; port++)
            if (!port_is_hooked((uint32_t)port))
                p->io_bitmap[port / 8] &= (uint8_t)~(1u << (port & 7));
    p->io_bitmap_stamp = __atomic_add_fetch(&stamps, 1, __ATOMIC_RELAXED);
    return 0;
}

const struct guest_kind pv_kind = {
    .name = "pv",
    .domain_init = pv_domain_init,
    .domain_relinquish = pv_domain_relinquish,
    .frame_release = pv_release_frame,
    .frame_written = pv_log_frame,
    .domain_free = pv_domain_free,
    .vcpu_init = pv_vcpu_init,
    .vcpu_free = pv_vcpu_free,
    .switch_out = pv_switch_out,
    .switch_in = pv_switch_in,
    .before_entry = pv_before_entry,
    .upcall_deliverable = pv_upcall_deliverable,
    .context_set = pv_context_set,
    .context_get = pv_context_get,
    .dump = pv_dump,
    .grants = &pv_grant_mapper,
};
