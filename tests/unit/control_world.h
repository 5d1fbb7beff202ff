/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything the control hypercalls call, as small fakes that keep count: the guest's memory is an
 * array, there are two domains besides the caller, and whatever is taken (references, locks,
 * pauses, pool blocks) must have been given back when a call returns. For one test or fuzz program
 * each; it defines what hypervisor/control links against.
 */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "abi/errno.h"
#include "acpi/acpi.h"
#include "console/log.h"
#include "cpu/features.h"
#include "cpu/percpu.h"
#include "cpu/policy.h"
#include "cpu/smp.h"
#include "cpu/xstate.h"
#include "control/debug_keys.h"
#include "debug/panic.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "efi/runtime.h"
#include "hypercall/dispatch.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "lib/range_set.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "mm/ram.h"
#include "grant/grant.h"
#include "p2m/copy.h"
#include "pv/pv.h"
#include "sched/pool.h"
#include "sched/sched.h"
#include "time/time.h"

#include <xen/platform.h>

#define WORLD_FRAMES 8
#define WORLD_VCPUS 2
#define GUEST_BYTES 0x10000 /* guest addresses below this are mapped */
#define DOMS 3              /* 0 the caller, 1 built, 2 without vCPUs */
#define XSAVE_BYTES 832

uint8_t fake_ram[WORLD_FRAMES][PAGE_BYTES];
unsigned char fake_frame_table[WORLD_FRAMES * sizeof(struct page)] aligned(16);
struct percpu fake_percpu[2];
unsigned int fake_cpu, fake_clflushes;
unsigned int cpu_count = 2;
struct domain *domain_control;
struct cpu_features cpu_features = {.xsave = true, .physical_bits = 40, .vendor = "GenuineIntel"};
struct ram_range ram_ranges[RAM_RANGES_MAX] = {{0, 64 << 20, 1, 0}};
unsigned int ram_range_count = 1;

static uint8_t world_guest[GUEST_BYTES];
static struct domain world_domain[DOMS], world_made;
static struct vcpu world_vcpu[DOMS][WORLD_VCPUS];
static struct vcpu *world_vcpus[DOMS][WORLD_VCPUS];
static struct pv_vcpu world_pv[DOMS][WORLD_VCPUS];
static struct range_set world_sets[DOMS][3];
static uint8_t world_xsave[XSAVE_BYTES + 64];
static struct cpu_policy world_policy[DOMS], world_system[CPU_POLICY_COUNT];
static uint64_t world_args[6];
static bool world_control, world_efi;
static int world_blocks, world_refs, world_pauses;
static int world_fail_in;
static volatile uint8_t world_sink;

#define WORLD(cond)                                                              \
    do {                                                                         \
        if (!(cond)) {                                                           \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);           \
            abort();                                                             \
        }                                                                        \
    } while (0)

/* ---- memory ---- */

static bool world_mapped(uint64_t gva, size_t bytes)
{
    return gva < GUEST_BYTES && bytes <= GUEST_BYTES - gva;
}

int copy_from_guest(void *to, uint64_t gva, size_t bytes)
{
    if (!bytes)
        return 0;
    if (!world_mapped(gva, bytes))
        return -EFAULT;
    memcpy(to, world_guest + gva, bytes);
    return 0;
}

int copy_to_guest(uint64_t gva, const void *from, size_t bytes)
{
    if (!bytes)
        return 0;
    if (!world_mapped(gva, bytes))
        return -EFAULT;
    memcpy(world_guest + gva, from, bytes);
    return 0;
}

int clear_guest(uint64_t gva, size_t bytes)
{
    if (!bytes)
        return 0;
    if (!world_mapped(gva, bytes))
        return -EFAULT;
    memset(world_guest + gva, 0, bytes);
    return 0;
}

void *pool_alloc(size_t bytes)
{
    WORLD(bytes <= 4 << 20);
    if (world_fail_in >= 0 && world_fail_in-- == 0)
        return NULL;
    world_blocks++;
    return calloc(1, bytes ? bytes : 1);
}

void *pool_alloc_array(size_t n, size_t bytes)
{
    return pool_alloc(n * bytes);
}

void pool_free(void *p)
{
    world_blocks -= p != NULL;
    free(p);
}

struct range *range_alloc(void)
{
    return malloc(sizeof(struct range));
}

void range_free(struct range *range)
{
    free(range);
}

uint64_t frame_limit = WORLD_FRAMES;

bool page_get_id(struct page *pg, domid_t owner)
{
    return page_owner_id(pg) == owner;
}

bool page_get_writable_id(struct page *pg, domid_t owner)
{
    return page_owner_id(pg) == owner;
}

void page_put(struct page *pg)
{
    (void)pg;
}

void page_put_writable(struct page *pg)
{
    (void)pg;
}

uint64_t heap_free_pages(void)
{
    return 1000;
}

uint64_t heap_claimed_pages(void)
{
    return 10;
}

uint64_t ram_max_mfn(void)
{
    return 0x4000;
}

void hypercall_page_write(void *page)
{
    memset(page, 0xcc, PAGE_BYTES);
}

uint32_t xstate_bytes(void)
{
    return XSAVE_BYTES;
}

/* ---- domains ---- */
struct grant_defaults grant_defaults = {.frames = 64, .maptrack_frames = 1024, .version = 2};
struct domain *domain_get(domid_t id)
{
    if (id >= DOMS)
        return NULL;
    world_refs++;
    return &world_domain[id];
}

struct domain *domain_get_arg(domid_t id)
{
    return domain_get(id == DOMID_SELF ? 0 : id);
}

struct domain *domain_next(domid_t from)
{
    return domain_get(from);
}

void domain_put(struct domain *d)
{
    (void)d;
    world_refs--;
}

int domain_create(domid_t id, const struct xen_domctl_createdomain *config, bool is_control,
                  struct domain **out)
{
    WORLD(!is_control && !(config->flags & XEN_DOMCTL_CDF_hvm));
    WORLD(id >= DOMS && id < DOMID_FIRST_RESERVED);
    world_made.id = id;
    *out = &world_made;
    return config->max_vcpus && config->max_vcpus <= 512 ? 0 : -EINVAL;
}

void domain_publish(struct domain *d)
{
    WORLD(d == &world_made);
}

int vcpu_create(struct domain *d, uint32_t id)
{
    WORLD(id < d->max_vcpus && !d->vcpus[id]);
    return -ENOMEM;
}

struct vcpu *domain_vcpu(const struct domain *d, uint32_t id)
{
    return id < d->max_vcpus ? d->vcpus[id] : NULL;
}

void domain_pause(struct domain *d)
{
    WORLD(d != &world_domain[0]);
    world_pauses++;
}

void domain_unpause(struct domain *d)
{
    (void)d;
    world_pauses--;
}

void vcpu_pause(struct vcpu *v)
{
    WORLD(v->domain != &world_domain[0]);
    world_pauses++;
}

void vcpu_unpause(struct vcpu *v)
{
    (void)v;
    world_pauses--;
}

int domain_pause_by_controller(struct domain *d)
{
    d->controller_pauses++;
    return 0;
}

int domain_unpause_by_controller(struct domain *d)
{
    if (!d->controller_pauses)
        return -EINVAL;
    d->controller_pauses--;
    return 0;
}

void domain_resume(struct domain *d)
{
    d->is_shut_down = false;
}

int domain_kill(struct domain *d)
{
    WORLD(d != &world_domain[0]);
    return 0;
}

void vcpu_raise(struct vcpu *v, enum vcpu_work bit)
{
    (void)v;
    (void)bit;
}

static int context_set(struct vcpu *v, const struct vcpu_guest_context *c)
{
    v->regs = c->user_regs;
    return c->gdt_ents > 7168 ? -EINVAL : 0;
}

static void context_get(struct vcpu *v, struct vcpu_guest_context *c)
{
    c->user_regs = v->regs;
}

static const struct guest_kind world_kind = {.context_set = context_set,
                                             .context_get = context_get};

int pv_ports_changed(struct domain *d)
{
    (void)d;
    return 0;
}

bool caller_is_control(void)
{
    return world_control;
}

bool hypercall_preempt(void)
{
    return false;
}

uint64_t *hypercall_args(void)
{
    return world_args;
}

/* ---- scheduler, time, machine ---- */

void sched_wake(struct vcpu *v)
{
    (void)v;
}

uint64_t sched_cpu_time(struct vcpu *v)
{
    return v ? 5 : 6;
}

void sched_vcpu_info(struct vcpu *v, struct xen_domctl_getvcpuinfo *out)
{
    out->online = !(v->down & VPF_DOWN);
    out->cpu_time = 7;
}

int sched_set_affinity(struct vcpu *v, const struct cpumask *hard, const struct cpumask *soft,
                       bool force)
{
    (void)v;
    (void)soft;
    (void)force;
    return hard && !cpumask_intersects(hard, &cpus_online) ? -EINVAL : 0;
}

void sched_get_affinity(struct vcpu *v, struct cpumask *hard, struct cpumask *soft)
{
    (void)v;
    cpumask_copy(hard, &cpus_online);
    cpumask_copy(soft, &cpus_online);
}

int sched_domctl(struct domain *d, struct xen_domctl_scheduler_op *op)
{
    (void)d;
    return op->sched_id == XEN_SCHEDULER_CREDIT2 ? 0 : -EINVAL;
}

int sched_sysctl(struct xen_sysctl_scheduler_op *op)
{
    return op->sched_id == XEN_SCHEDULER_CREDIT2 ? 0 : -EINVAL;
}

uint64_t time_now_ns(void)
{
    return 123456789;
}

uint64_t time_tsc_khz(void)
{
    return 2000000;
}

void time_publish_wallclock(struct domain *d)
{
    (void)d;
}

void time_set_wallclock(uint64_t secs, uint32_t nsecs, uint64_t system_ns)
{
    (void)secs;
    (void)system_ns;
    WORLD(nsecs < NS_PER_S);
}

int acpi_enter_sleep(uint16_t val_a, uint16_t val_b, uint32_t state, bool extended)
{
    (void)val_a;
    (void)val_b;
    (void)extended;
    return state == 5 ? -EIO : -EINVAL;
}

uint32_t log_ring_read(uint64_t *index, char *to, uint32_t max)
{
    uint32_t count = *index < 3000 ? (uint32_t)(3000 - *index) : 0;

    count = min(count, max);
    memset(to, 'x', count);
    *index += count;
    return count;
}

void log_ring_clear(void) {}

void debug_key(char key)
{
    (void)key;
}

void panic(const char *format, ...)
{
    fprintf(stderr, "panic: %s\n", format);
    abort();
}

/* ---- firmware ---- */

static const struct efi_memory_descriptor world_memory = {.pages = 16, .physical_start = 0x1000};

bool efi_present(void)
{
    return world_efi;
}

uint32_t efi_revision(void)
{
    return 0x20046;
}

uint32_t efi_runtime_revision(void)
{
    return 0x20046;
}

uint32_t efi_vendor_revision(void)
{
    return 1;
}

uint64_t efi_config_table(uint64_t *count)
{
    *count = 3;
    return 0x2000;
}

const uint16_t *efi_vendor(uint32_t *bytes)
{
    static const uint16_t text[] = {'Z', 'o', 'o', 0};

    *bytes = sizeof(text);
    return text;
}

const struct efi_memory_descriptor *efi_memory_at(uint64_t pa)
{
    return pa < 0x11000 ? &world_memory : NULL;
}

/* A firmware that fills all it is given room for. */
uint64_t efi_call_service(enum efi_service service, const uint64_t args[6])
{
    uint64_t *size = (uint64_t *)(service == EFI_GET_VARIABLE ? args[3] : args[0]);

    if (service == EFI_GET_VARIABLE && *size)
        memset((void *)args[4], 0x5a, *size);
    if (service == EFI_GET_NEXT_VARIABLE_NAME) {
        memset((void *)args[1], 0x41, *size);
        *size += 2; /* claims more than there is room for */
    }
    if (service == EFI_SET_VARIABLE && args[3])
        world_sink = ((uint8_t *)args[4])[args[3] - 1]; /* all of it must be readable */
    return 0;
}

/* ---- policies ---- */

const struct cpu_policy *cpu_policy_system(enum cpu_policy_kind kind)
{
    return &world_system[kind];
}

const struct cpu_policy *cpu_policy_domain_max(const struct domain *d)
{
    (void)d;
    return &world_system[CPU_POLICY_PV_MAX];
}

void cpu_policy_domain_set(struct domain *d, struct cpu_policy *p)
{
    cpu_policy_confine(p, &world_system[CPU_POLICY_PV_MAX], false);
    *d->policy = *p;
    pool_free(p);
}

static void world_policies(void)
{
    struct cpu_policy *raw = &world_system[CPU_POLICY_RAW];
    struct cpu_policy_host use = {.xcr0 = 7};

    memset(raw, 0xff, sizeof(*raw));
    raw->hv_limit = raw->hv2_limit = 0;
    memcpy(&raw->basic[0].ebx, "Genu", 4);
    raw->basic[0].eax = 0xd;
    raw->feat[0].eax = 2;
    raw->ext[0].eax = 0x80000008;
    raw->xstate[2] = (struct cpuid_regs){256, 576, 0, 0};
    cpu_policy_derive_host(&world_system[CPU_POLICY_HOST], raw, &use);
    cpu_policy_derive_guest(&world_system[CPU_POLICY_PV_MAX], &world_system[CPU_POLICY_HOST],
                            false, false, &use);
    world_system[CPU_POLICY_PV_DEFAULT] = world_system[CPU_POLICY_PV_MAX];
}

/* ---- as a whole ---- */

static void world_domain_reset(unsigned int n)
{
    struct domain *d = &world_domain[n];

    for (unsigned int i = 0; i < 3; i++)
        range_set_clear(&world_sets[n][i]);
    memset(d, 0, sizeof(*d));
    d->id = (domid_t)n;
    d->kind = &world_kind;
    d->life = DOMAIN_ALIVE;
    d->max_vcpus = WORLD_VCPUS;
    d->vcpus = world_vcpus[n];
    d->policy = &world_policy[n];
    *d->policy = world_system[CPU_POLICY_PV_DEFAULT];
    d->ioports = &world_sets[n][0];
    d->iomem = &world_sets[n][1];
    d->irqs = &world_sets[n][2];
    for (unsigned int i = 0; i < WORLD_VCPUS; i++) {
        struct vcpu *v = &world_vcpu[n][i];

        memset(v, 0, sizeof(*v));
        memset(&world_pv[n][i], 0, sizeof(world_pv[n][i]));
        v->id = i;
        v->domain = d;
        v->pv = &world_pv[n][i];
        v->initialised = i == 0;
        v->xcr0 = v->xcr0_accum = 3;
        v->xsave = world_xsave;
        world_vcpus[n][i] = n < 2 ? v : NULL;
    }
}

static void world_reset(void)
{
    if (!world_system[CPU_POLICY_RAW].basic[0].eax)
        world_policies();
    cpumask_set_limit(2);
    cpumask_set_first(&cpus_online, 2);
    for (unsigned int n = 0; n < DOMS; n++)
        world_domain_reset(n);
    for (unsigned int i = 0; i < WORLD_FRAMES; i++)
        *mfn_page(MFN(i)) = (struct page){.count = (uint64_t)1 << PAGE_OWNER_SHIFT | 1};
    WORLD(!range_set_add(world_domain[0].ioports, 0, 0xffff));
    WORLD(!range_set_add(world_domain[0].iomem, 0x100, 0xffffff));
    WORLD(!range_set_add(world_domain[0].irqs, 0, 15));
    world_domain[0].is_control = world_control = true;
    fake_percpu[0].current = &world_vcpu[0][0];
    fake_percpu[0].idle = fake_percpu[1].idle = &world_vcpu[0][1];
    memset(world_guest, 0, sizeof(world_guest));
    world_efi = true;
    world_fail_in = -1;
    world_blocks = world_refs = world_pauses = 0;
}

/* After every call: nothing is held. */
static void world_check(long rc)
{
    WORLD(rc >= -4095);
    WORLD(!world_refs && !world_pauses && !world_blocks);
    for (unsigned int n = 0; n < DOMS; n++)
        WORLD(!spin_is_locked(&world_domain[n].control_lock) &&
              !spin_is_locked(&world_domain[n].page_lock));
}

#include "control_hvm.h"
#include "control_pool.h"
