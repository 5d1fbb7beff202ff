/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains, memory and the rooms below event/, for host tests. */
#include "tests/unit/fake/event_world.h"

struct percpu fake_percpu[1];
unsigned int fake_cpu;
unsigned char fake_frame_table[FAKE_FRAMES * sizeof(struct page)] aligned(16);
_Alignas(4096) uint8_t fake_ram[FAKE_FRAMES][PAGE_BYTES];
int fake_frame_refs[FAKE_FRAMES];
void (*fake_on_put)(void);
static domid_t fake_frame_owner[FAKE_FRAMES];

struct domain *domain_control;
struct domain fake_domains[FAKE_DOMAINS];
struct vcpu fake_vcpus[FAKE_DOMAINS][FAKE_VCPUS];
static struct vcpu *fake_vcpu_array[FAKE_DOMAINS][FAKE_VCPUS];
static shared_info_t *fake_shared[FAKE_DOMAINS];
int fake_kicks[FAKE_DOMAINS][FAKE_VCPUS];
long fake_pool_blocks;
long fake_pool_fail_after = -1;
uint64_t fake_args[6];
bool fake_preempt;
int fake_poll_wakes;

void *pool_alloc(size_t bytes)
{
    if (fake_pool_fail_after >= 0 && fake_pool_fail_after-- == 0)
        return NULL;
    __atomic_fetch_add(&fake_pool_blocks, 1, __ATOMIC_RELAXED);
    return calloc(1, bytes ? bytes : 1);
}

void *pool_alloc_array(size_t n, size_t bytes)
{
    return pool_alloc(n * bytes);
}

void pool_free(void *p)
{
    if (p)
        __atomic_fetch_sub(&fake_pool_blocks, 1, __ATOMIC_RELAXED);
    free(p);
}

uint64_t frame_limit = FAKE_FRAMES;

bool page_get_writable_id(struct page *pg, domid_t owner)
{
    uint64_t n = page_mfn(pg).n;

    if (n >= FAKE_FRAMES || fake_frame_owner[n] != owner)
        return false;
    fake_frame_refs[n]++;
    return true;
}

void page_put_writable(struct page *pg)
{
    if (fake_on_put)
        fake_on_put();
    if (fake_frame_refs[page_mfn(pg).n]-- <= 0)
        abort();
}

bool page_get_id(struct page *pg unused, domid_t owner unused)
{
    abort(); /* all are written */
}

void page_put(struct page *pg unused)
{
    abort();
}

struct domain *domain_get_arg(domid_t id)
{
    if (id == DOMID_SELF)
        id = vcpu_current()->domain->id;
    if (id >= FAKE_DOMAINS)
        return NULL;
    domain_ref(&fake_domains[id]);
    return &fake_domains[id];
}

void domain_ref(struct domain *d)
{
    __atomic_fetch_add(&d->refs, 1, __ATOMIC_RELAXED);
}

void domain_put(struct domain *d)
{
    if (__atomic_fetch_sub(&d->refs, 1, __ATOMIC_RELAXED) == 0)
        abort();
}

bool caller_is_control(void)
{
    return vcpu_current()->domain->is_control;
}

int copy_from_guest(void *to, uint64_t gva, size_t bytes)
{
    if (!gva)
        return -EFAULT;
    memcpy(to, (const void *)gva, bytes);
    return 0;
}

long subop_run(const struct subop *table, unsigned int count, uint32_t number, uint64_t gva)
{
    uint8_t copy[SUBOP_MAX_BYTES] aligned(8) = {0};
    long rc;

    for (unsigned int i = 0; i < count; i++)
        if (table[i].number == number) {
            if (!gva)
                return -EFAULT;
            memcpy(copy, (void *)gva, table[i].bytes);
            rc = table[i].run(copy);
            if (rc >= 0 && (table[i].flags & SUBOP_OUT))
                memcpy((void *)gva, copy, table[i].bytes);
            return rc;
        }
    return -ENOSYS;
}

bool hypercall_preempt(void)
{
    return fake_preempt;
}

uint64_t *hypercall_args(void)
{
    return fake_args;
}

void sched_kick(struct vcpu *v)
{
    __atomic_fetch_add(&fake_kicks[v->domain->id][v->id], 1, __ATOMIC_RELAXED);
}

void vcpu_raise(struct vcpu *v, enum vcpu_work bit)
{
    v->work |= 1u << bit;
    sched_kick(v);
}

void sched_poll_wake(struct vcpu *v, uint32_t port)
{
    (void)v;
    (void)port;
    fake_poll_wakes++;
}

int fake_irq_result;
uint32_t fake_irq_port[64], fake_irq_cpu[64];

int irq_bind_guest(struct domain *d, uint32_t pirq, bool will_share, uint32_t port)
{
    (void)d;
    (void)will_share;
    if (fake_irq_result || pirq >= 64)
        return fake_irq_result ? fake_irq_result : -EINVAL;
    if (fake_irq_port[pirq])
        return -EBUSY;
    fake_irq_port[pirq] = port;
    return 0;
}

void irq_unbind_guest(struct domain *d, uint32_t pirq)
{
    (void)d;
    if (!fake_irq_port[pirq])
        abort();
    fake_irq_port[pirq] = 0;
}

void irq_set_affinity(struct domain *d, uint32_t pirq, unsigned int cpu)
{
    (void)d;
    fake_irq_cpu[pirq] = cpu;
}

void log_line(enum log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

void fake_world(uint32_t max_port)
{
    memset(fake_domains, 0, sizeof(fake_domains));
    memset(fake_vcpus, 0, sizeof(fake_vcpus));
    memset(fake_ram, 0, sizeof(fake_ram));
    memset(fake_kicks, 0, sizeof(fake_kicks));
    memset(fake_guests, 0, sizeof(fake_guests));
    memset(fake_irq_port, 0, sizeof(fake_irq_port));
    fake_irq_result = 0;
    fake_preempt = false;
    for (int n = 0; n < FAKE_FRAMES; n++)
        fake_frame_owner[n] = (domid_t)(n / (FAKE_FRAMES / FAKE_DOMAINS + 1));
    for (int i = 0; i < FAKE_DOMAINS; i++) {
        struct domain *d = &fake_domains[i];

        d->id = (domid_t)i;
        d->refs = 1;
        d->is_control = i == 0;
        d->max_vcpus = FAKE_VCPUS;
        d->vcpus = fake_vcpu_array[i];
        if (!fake_shared[i])
            fake_shared[i] = malloc(sizeof(shared_info_t));
        memset(fake_shared[i], 0, sizeof(shared_info_t));
        d->shared_info = fake_shared[i];
        if (event_domain_init(d, max_port))
            abort();
        for (int j = 0; j < FAKE_VCPUS; j++) {
            struct vcpu *v = &fake_vcpus[i][j];

            v->id = (uint32_t)j;
            v->domain = d;
            v->info = &d->shared_info->vcpu_info[j];
            v->sched.cpu = 10 + (uint32_t)j;
            if (event_vcpu_init(v))
                abort();
            fake_vcpu_array[i][j] = v;
        }
    }
    domain_control = &fake_domains[0];
    fake_percpu[0].current = &fake_vcpus[0][0];
}

bool fake_world_end(void)
{
    fake_preempt = false;
    for (int i = 0; i < FAKE_DOMAINS; i++)
        if (event_domain_relinquish(&fake_domains[i]))
            return false;
    for (int i = 0; i < FAKE_DOMAINS; i++) {
        for (int j = 0; j < FAKE_VCPUS; j++)
            event_vcpu_free(&fake_vcpus[i][j]);
        event_domain_free(&fake_domains[i]);
        if (fake_domains[i].refs != 1)
            return false;
    }
    for (int n = 0; n < FAKE_FRAMES; n++)
        if (fake_frame_refs[n])
            return false;
    return fake_pool_blocks == 0;
}

void fake_become(int domain, int vcpu)
{
    fake_percpu[0].current = &fake_vcpus[domain][vcpu];
}

uint64_t fake_frame_of(int domain, int index)
{
    return (uint64_t)domain * (FAKE_FRAMES / FAKE_DOMAINS + 1) + (uint64_t)index;
}

long call(uint32_t op, void *arg)
{
    return hc_event_channel_op(op, (uint64_t)arg);
}
