/* SPDX-License-Identifier: BSD-2-Clause */
/* Where vCPUs' event flags are, before and after a guest says where it wants them. */
/* sources: hypervisor/domain/shared.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/shared.h"
#include "event/event.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "p2m/m2p.h"

#define FRAME 1
#define OFFSET 192

uint8_t fake_ram[2][PAGE_BYTES] aligned(4096);
unsigned char fake_frame_table[2 * sizeof(struct page)] aligned(16);
struct percpu fake_percpu[1];
unsigned int fake_cpu, fake_clflushes;
static unsigned int frees, writable;
static struct domain dom;
static struct vcpu vcpu;

void *pool_alloc(size_t bytes)
{
    return calloc(1, bytes);
}
void pool_free(void *p)
{
    frees += p != NULL;
    free(p);
}
void *heap_alloc_hyp(unsigned int order unused)
{
    return NULL;
}
void page_share_id(struct page *pg unused, domid_t owner unused) {}
void page_unshare(struct page *pg unused) {}
void m2p_set(mfn_t m unused, uint64_t pfn unused) {}
void vcpu_pause(struct vcpu *v unused) {}
void vcpu_unpause(struct vcpu *v unused) {}
void event_vcpu_info_moved(struct vcpu *v unused) {}
bool mfn_valid(mfn_t m)
{
    return m.n < 2;
}
bool page_get_writable_id(struct page *pg unused, domid_t owner unused)
{
    writable++;
    return true;
}
void page_put_writable(struct page *pg unused)
{
    writable--;
}

TEST(the_old_place_stays_while_others_may_write_there)
{
    vcpu_info_t *old;

    dom = (struct domain){.id = 1, .max_vcpus = 64};
    vcpu = (struct vcpu){.id = XEN_LEGACY_MAX_VCPUS, .domain = &dom}; /* no slot in shared_info */
    CHECK_EQ(vcpu_info_default(&vcpu), 0);
    old = vcpu.info;
    old->evtchn_upcall_pending = 1;
    CHECK_EQ(vcpu_info_register(&vcpu, MFN(FRAME), OFFSET), 0);
    CHECK(vcpu.info == (vcpu_info_t *)(fake_ram[FRAME] + OFFSET));
    CHECK_EQ(vcpu.info->evtchn_upcall_pending, 1);
    /* an event sent meanwhile: the sender had read the old pointer */
    CHECK_EQ(frees, 0);
    old->evtchn_upcall_pending = 1;
    CHECK_EQ(vcpu_info_register(&vcpu, MFN(FRAME), 0), -EINVAL);
    CHECK_EQ(writable, 1);
    vcpu_info_release(&vcpu);
    CHECK_EQ(writable, 0);
    CHECK(vcpu.info == old); /* never NULL */
    CHECK(vcpu.info_private == old);
    pool_free(vcpu.info_private);
}
