/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest guest, PV or PVH, a kernel of libzendo-pv: says a line in the hypervisor's log and
 * one on its console, then does what its command line says.
 *
 * Words: nothing (power off), reboot, crash (reports a crash), fault (one that it cannot handle),
 * halt (its CPU, with interrupts off), spin (burns its CPU), block (waits for ever).
 */
#include "pv-drivers/lib/console.h"
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/start.h"

/* A trap without a table of handlers: the end of a PV guest, a triple fault in others. */
static void fault(void)
{
    static const struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((__packed__)) none;

    if (pv_guest.is_pv)
        (void)pv_hypercall(__HYPERVISOR_set_trap_table, 0, 0, 0, 0, 0);
    else
        __asm__ volatile("lidt %0" ::"m"(none));
    __asm__ volatile("ud2");
}

void pv_main(void)
{
    static char up[] = "TINY-GUEST-LOGS\n";

    (void)pv_hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, sizeof(up) - 1, (uintptr_t)up, 0,
                       0);
    pv_print("TINY-GUEST-UP\n");
    while (pv_has_word("spin"))
        __asm__ volatile("pause");
    while (pv_has_word("block"))
        (void)pv_event_wait(PV_FOREVER);
    while (pv_has_word("halt") && !pv_guest.is_pv)
        __asm__ volatile("hlt");
    if (pv_has_word("fault"))
        fault();
    if (pv_has_word("crash"))
        pv_shutdown(SHUTDOWN_crash);
    if (pv_has_word("reboot"))
        pv_shutdown(SHUTDOWN_reboot);
}
