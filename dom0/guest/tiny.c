/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest PV guest: says a line on both consoles, then does what its command line says.
 *
 * Words: nothing (power off), reboot, crash (reports a crash), fault (jumps nowhere without a trap
 * table), spin (burns its CPU), block (waits for ever).
 */
#include <stdint.h>

#define __XEN_INTERFACE_VERSION__ 0x00040e00
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/io/console.h>
#include <xen/sched.h>

#define VIRT_BASE 0xffffffff80000000UL /* as the ELF note in tiny_entry.S says */
#define DRAIN_TRIES 20000              /* yields until the console's reader has had its chance */

extern char hypercall_page[];
void tiny_main(struct start_info *info);

/* A hypercall through the page that the toolstack asked the hypervisor to fill (domctl
 * hypercall_init): entry n lies n * 32 bytes into it (xen-doc, hypercall ABI). */
static long hypercall(unsigned int number, unsigned long a, unsigned long b, unsigned long c)
{
    long (*entry)(unsigned long, unsigned long, unsigned long) =
        (long (*)(unsigned long, unsigned long, unsigned long))(hypercall_page + number * 32);

    return entry(a, b, c);
}

/* The same without the page, as today's Linux does it. */
static long hypercall_direct(unsigned int number, unsigned long a, unsigned long b)
{
    long result = number;

    __asm__ volatile("syscall" : "+a"(result), "+D"(a), "+S"(b) : : "rcx", "r11", "memory");
    return result;
}

static unsigned long length(const char *text)
{
    unsigned long n = 0;

    while (text[n])
        n++;
    return n;
}

/* The ring's page lies in the initial mapping; its place there is its guest frame number. */
static struct xencons_interface *ring_of(const struct start_info *info)
{
    const unsigned long *machine_to_phys = (const unsigned long *)MACH2PHYS_VIRT_START;
    unsigned long frame = machine_to_phys[info->console.domU.mfn];

    return (struct xencons_interface *)(VIRT_BASE + (frame << 12));
}

static void say(const struct start_info *info, const char *text)
{
    volatile struct xencons_interface *ring = ring_of(info);
    struct evtchn_send send = {.port = info->console.domU.evtchn};
    unsigned long n = length(text);
    XENCONS_RING_IDX at = ring->out_prod;

    hypercall(__HYPERVISOR_console_io, 0 /* CONSOLEIO_write */, n, (unsigned long)text);
    for (unsigned long i = 0; i < n; i++)
        ring->out[at++ % sizeof(ring->out)] = text[i];
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    ring->out_prod = at;
    hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, (unsigned long)&send, 0);
    for (int i = 0; i < DRAIN_TRIES && ring->out_cons != at; i++)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
}

static void shut_down(unsigned int reason)
{
    struct sched_shutdown how = {.reason = reason};

    hypercall_direct(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (unsigned long)&how);
}

static int has_word(const struct start_info *info, const char *word)
{
    unsigned long n = length(word);
    const char *line = (const char *)info->cmd_line;

    for (unsigned long i = 0; i + n <= MAX_GUEST_CMDLINE && line[i]; i++) {
        unsigned long k = 0;

        while (k < n && line[i + k] == word[k])
            k++;
        if (k == n)
            return 1;
    }
    return 0;
}

void tiny_main(struct start_info *info)
{
    struct sched_poll forever = {.nr_ports = 0, .timeout = 0};

    say(info, "TINY-GUEST-UP\r\n");
    if (has_word(info, "spin"))
        for (;;)
            __asm__ volatile("pause");
    while (has_word(info, "block"))
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (unsigned long)&forever, 0);
    if (has_word(info, "fault"))
        ((void (*)(void))0x1000)();
    if (has_word(info, "crash"))
        shut_down(SHUTDOWN_crash);
    if (has_word(info, "reboot"))
        shut_down(SHUTDOWN_reboot);
    shut_down(SHUTDOWN_poweroff);
    for (;;)
        ;
}
