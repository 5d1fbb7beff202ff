/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions of a program that leave the guest: CPUID, a port, a register in memory. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>

#include "oplist.h"

#define DELAY_PORT   0x80
#define HPET_BASE    0xfed00000
#define HPET_COUNTER 0xf0

ITEM(cpuids, {
    unsigned int a = 0;
    unsigned int c = 0;

    __asm__ volatile("cpuid" : "+a"(a), "+c"(c) : : "ebx", "edx", "memory");
})

static sigjmp_buf away;

static void on_fault(int number)
{
    (void)number;
    siglongjmp(away, 1);
}

ITEM(port_writes, outb(0, DELAY_PORT))

static uint64_t ports(unsigned long rounds)
{
    if (ioperm(DELAY_PORT, 1, 1))
        return NO_SUCH_THING;
    signal(SIGSEGV, on_fault);
    return sigsetjmp(away, 1) ? NO_SUCH_THING : port_writes(rounds);
}

static volatile uint32_t *hpet;

ITEM(hpet_reads, (void)hpet[HPET_COUNTER / 4])

static uint64_t registers(unsigned long rounds)
{
    char line[128];
    bool there = false;
    FILE *f = fopen("/proc/iomem", "r");
    int mem = open("/dev/mem", O_RDWR | O_SYNC);

    while (f && fgets(line, sizeof(line), f))
        there |= strstr(line, "HPET") != NULL;
    if (f)
        fclose(f);
    if (!hpet && there && mem >= 0)
        hpet = mmap(NULL, 4096, PROT_READ, MAP_SHARED, mem, HPET_BASE);
    if (mem >= 0)
        close(mem);
    if (!hpet || hpet == MAP_FAILED)
        return NO_SUCH_THING;
    signal(SIGBUS, on_fault);
    return sigsetjmp(away, 1) ? NO_SUCH_THING : hpet_reads(rounds);
}

const struct item device_items[] = {
    {"cpuid", cpuids},
    {"port", ports},
    {"mmio", registers},
    {0},
};
