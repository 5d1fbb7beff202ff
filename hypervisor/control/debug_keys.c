/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug keys: one table of key, what it shows, and the function. */
#include "control/debug_keys.h"

#include "acpi/acpi.h"
#include "console/log.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "domain/dump.h"
#include "domain/kind.h"
#include "event/event.h"
#include "grant/grant.h"
#include "irq/irq.h"
#include "lib/types.h"
#include "mm/heap.h"
#include "sched/sched.h"
#include "time/time.h"

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
    for_each_vcpu(d, v)
        log_info("  v%u: CPU %u, runstate %u, down %u, pauses %u, blocked %#x, upcall %u/%u", v->id,
                 sched_vcpu_cpu(v), v->sched.runstate, v->down, v->pause_count, v->sched.blocked,
                 v->info->evtchn_upcall_pending, v->info->evtchn_upcall_mask);
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

static void key_dom0(void)
{
    struct vcpu *v;

    /* registers of a vCPU that runs elsewhere are those of its last entry: a hint */
    if (domain_control)
        for_each_vcpu(domain_control, v)
            domain_dump_vcpu(v);
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

static const struct {
    char key;
    const char *shows;
    void (*run)(void);
} keys[] = {
    {'0', "registers of domain 0", key_dom0},
    {'e', "event channels", key_events},
    {'g', "grant tables", key_grants},
    {'h', "this list", key_help},
    {'i', "interrupts", irq_dump},
    {'m', "memory", key_memory},
    {'q', "domains and vCPUs", key_domains},
    {'r', "run queues", sched_dump},
    {'t', "time", key_time},
    {'R', "reboot the machine", key_reboot},
};

static void key_help(void)
{
    log_info("Debug keys:");
    for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
        log_info("  %c  %s", keys[i].key, keys[i].shows);
    log_info("  *  all that show something");
}

void debug_key(char key)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
        if (keys[i].key == key || (key == '*' && keys[i].run != key_reboot))
            keys[i].run();
}
