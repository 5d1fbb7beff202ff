/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug keys: one table of key, what it shows, and the function.
 *
 * What is always true here: keys that take locks run outside interrupts, for the locks may be held
 * by whom the interrupt stopped; what they print is bounded for each domain, and the watchdog does
 * not bite meanwhile.
 */
#include "control/debug_keys.h"

#include "acpi/acpi.h"
#include "console/log.h"
#include "cpu/nmi.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "domain/domain.h"
#include "domain/dump.h"
#include "domain/kind.h"
#include "event/event.h"
#include "grant/grant.h"
#include "irq/irq.h"
#include "lib/types.h"
#include "lib/ring.h"
#include "mm/heap.h"
#include "sched/sched.h"
#include "sched/softirq.h"
#include "sched/stall.h"
#include "sync/spinlock.h"
#include "time/time.h"
#include "time/timer.h"

#define VCPUS_SHOWN 64 /* of a domain */
#define KEYS_WAITING 16

static void each_domain(void (*show)(struct domain *d))
{
    struct domain *d = domain_next(0);

    while (d) {
        domid_t after = (domid_t)(d->id + 1);

        show(d);
        domain_put(d);
        d = after ? domain_next(after) : NULL;
    }
}

static void show_domain(struct domain *d)
{
    struct vcpu *v;

    log_info("d%u: %s, %lu of %lu pages, %u vCPUs, refs %u, pauses %u%s%s", d->id,
             d->kind ? d->kind->name : "system", d->tot_pages, d->max_pages,
             domain_vcpu_count(d), d->refs, d->pause_count, d->is_shut_down ? ", shut down" : "",
             d->life == DOMAIN_DYING ? ", dying" : "");
    for_each_vcpu(d, v) {
        if (v->id == VCPUS_SHOWN) {
            log_info("  and more");
            break;
        }
        log_info("  v%u: CPU %u, runstate %u, down %u, pauses %u, blocked %#x, upcall %u/%u", v->id,
                 sched_vcpu_cpu(v), v->sched.runstate, v->down, v->pause_count, v->sched.blocked,
                 v->info->evtchn_upcall_pending, v->info->evtchn_upcall_mask);
    }
}

static void key_domains(void)
{
    each_domain(show_domain);
}

static void key_events(void)
{
    each_domain(event_dump);
}

static void key_grants(void)
{
    each_domain(grant_dump);
}

static void dump_vcpus(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v)
        if (v->id < VCPUS_SHOWN)
            domain_dump_vcpu(v);
}

static void key_dom0(void)
{
    if (domain_control)
        dump_vcpus(domain_control);
}

static void dump_translated(struct domain *d)
{
    if (d->is_translated)
        dump_vcpus(d);
}

static void key_translated(void)
{
    each_domain(dump_translated);
}

/* In NMI context on each CPU but the one with the key. */
static void show_here(const struct cpu_user_regs *regs)
{
    log_always("CPU %u: ", cpu_id());
    panic_show(regs);
}

static void key_registers(void)
{
    unsigned int cpu;

    log_always("CPU %u: here", cpu_id());
    panic_show(NULL);
    for_each_online_cpu(cpu)
        if (cpu != cpu_id() && !nmi_run_on(cpu, show_here))
            log_always("CPU %u: does not answer", cpu);
}

static void key_nmi(void)
{
    uint64_t taken;
    uint32_t unknown;

    nmi_counts(&taken, &unknown);
    log_info("NMI: %lu taken, %u of unknown origin", taken, unknown);
}

static void key_send_nmi(void)
{
    log_info("Sending an NMI to CPU %u", cpu_id());
    irq_send_nmi(cpu_id());
}

static void key_timers(void)
{
    unsigned int cpu;

    for_each_online_cpu(cpu)
        log_info("CPU %u: %u timers", cpu, timer_count(cpu));
}

static void key_crash(void)
{
    panic("crash asked for by debug key");
}

static void key_memory(void)
{
    log_info("Memory: %lu of %lu pages free, %lu claimed", heap_free_pages(), heap_total_pages(),
             heap_claimed_pages());
}

static void key_time(void)
{
    log_info("Time: %lu ns since start, TSC %lu kHz%s", time_now_ns(), time_tsc_khz(),
             time_tsc_reliable() ? ", the same on all CPUs" : "");
}

static void key_reboot(void)
{
    log_info("Rebooting the machine");
    machine_reboot();
}

static void key_help(void);

/* ANYWHERE: in an interrupt, too, when nothing else may work any more. */
enum key_kind { ACTS = 0, SHOWS = 1, ANYWHERE = 2 };

static const struct {
    char key;
    unsigned int kind; /* enum key_kind bits */
    const char *text;
    void (*run)(void);
} keys[] = {
    {'0', SHOWS, "registers of domain 0", key_dom0},
    {'C', ANYWHERE, "crash the machine", key_crash},
    {'N', ACTS, "send an NMI", key_send_nmi},
    {'R', ANYWHERE, "reboot the machine", key_reboot},
    {'a', SHOWS, "timers", key_timers},
    {'d', SHOWS | ANYWHERE, "registers of all CPUs", key_registers},
    {'e', SHOWS, "event channels", key_events},
    {'g', SHOWS, "grant tables", key_grants},
    {'h', ACTS, "this list", key_help},
    {'i', SHOWS, "interrupts", irq_dump},
    {'m', SHOWS, "memory", key_memory},
    {'n', SHOWS, "NMI statistics", key_nmi},
    {'q', SHOWS, "domains and vCPUs", key_domains},
    {'r', SHOWS, "run queues", sched_dump},
    {'t', SHOWS, "time", key_time},
    {'v', SHOWS, "registers of PVH and HVM guests", key_translated},
    {'w', ACTS, "the log again", console_replay_all},
};

static void key_help(void)
{
    log_info("Debug keys:");
    for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
        log_info("  %c  %s", keys[i].key, keys[i].text);
    log_info("  *  all that show something");
}

void debug_key(char key)
{
    bool known = false;

    log_dump_begin();
    stall_suspend();
    for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++) {
        if (keys[i].key == key || (key == '*' && (keys[i].kind & SHOWS))) {
            known = true;
            keys[i].run();
        }
    }
    stall_resume();
    if (!known && key > ' ' && key <= '~')
        log_info("No debug key '%c'; 'h' lists them", key);
    log_dump_end();
}

static char typed_data[KEYS_WAITING];
static struct ring typed = {.data = typed_data, .size = sizeof(typed_data)}; /* [typed_lock] */
static struct spinlock typed_lock = SPINLOCK_INIT(LOCK_CONSOLE_INPUT);

static void run_typed(void *data)
{
    uint64_t flags;
    bool any;
    char key;

    (void)data;
    do {
        flags = spin_lock_irqsave(&typed_lock);
        any = ring_get(&typed, &key);
        spin_unlock_irqrestore(&typed_lock, flags);
        if (any)
            debug_key(key);
    } while (any);
}

void debug_key_typed(char key)
{
    static struct softirq_work work = {.run = run_typed};
    uint64_t flags;

    for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++) {
        if (keys[i].key == key && (keys[i].kind & ANYWHERE)) {
            debug_key(key);
            return;
        }
    }
    flags = spin_lock_irqsave(&typed_lock);
    (void)ring_put(&typed, key);
    spin_unlock_irqrestore(&typed_lock, flags);
    softirq_queue(&work);
}
