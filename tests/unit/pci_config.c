/* SPDX-License-Identifier: BSD-2-Clause */
/* Configuration space behind ports, shared between the hypervisor and dom0. */
/* sources: hypervisor/pci/config.c */
/* cflags: -Itests/unit/fake_ports -Itests/unit/fake */
#include "tests/unit/check.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "irq/msi.h"
#include "mm/hvmap.h"
#include "mm/pool.h"
#include "pci/config.h"

uint8_t fake_ram[1][PAGE_BYTES];

static uint32_t latch;         /* what the hardware has at 0xCF8 */
static uint8_t space[2][256];  /* functions 00:01.0 and 00:02.0 */
static uint8_t reset_control;  /* 0xCF9, an ordinary port among them */
static unsigned int strays;    /* accesses that reach neither */
static bool filter_says = true;

/* ---- the machine ---- */

static uint8_t *config_byte(uint16_t port)
{
    uint32_t slot = latch >> 11 & 31;

    if (port < 0xcfc || port > 0xcff || !(latch >> 31) || slot < 1 || slot > 2)
        return NULL;
    return &space[slot - 1][(latch & 0xfc) + (port & 3)];
}

uint8_t inb(uint16_t port)
{
    uint8_t *at = config_byte(port);

    if (port == 0xcf9)
        return reset_control;
    strays += !at;
    return at ? *at : 0xff;
}

uint16_t inw(uint16_t port)
{
    return (uint16_t)(inb(port) | inb((uint16_t)(port + 1)) << 8);
}

uint32_t inl(uint16_t port)
{
    return inw(port) | (uint32_t)inw((uint16_t)(port + 2)) << 16;
}

void outb(uint16_t port, uint8_t value)
{
    uint8_t *at = config_byte(port);

    if (port == 0xcf9)
        reset_control = value;
    else if (at)
        *at = value;
    else
        strays++;
}

void outw(uint16_t port, uint16_t value)
{
    outb(port, (uint8_t)value);
    outb((uint16_t)(port + 1), (uint8_t)(value >> 8));
}

void outl(uint16_t port, uint32_t value)
{
    if (port == 0xcf8) {
        latch = value;
        return;
    }
    outw(port, (uint16_t)value);
    outw((uint16_t)(port + 2), (uint16_t)(value >> 16));
}

void *pool_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

void pool_free(void *p)
{
    free(p);
}

void *device_map(paddr_t base, uint64_t bytes, enum map_cache cache)
{
    (void)base, (void)bytes, (void)cache;
    return NULL;
}

bool msi_config_write_filter(struct pci_address a, unsigned int reg, unsigned int bytes,
                             uint32_t *value)
{
    (void)a, (void)reg, (void)bytes, (void)value;
    return filter_says;
}

/* ---- the tests ---- */

static uint32_t dom0_in(uint16_t port, unsigned int bytes)
{
    return pci_dom0_config_access(port, bytes, false, 0);
}

static void dom0_out(uint16_t port, unsigned int bytes, uint32_t value)
{
    (void)pci_dom0_config_access(port, bytes, true, value);
}

TEST(nobody_disturbs_the_others_latch)
{
    const struct pci_address second = {.devfn = 2 << 3};

    strays = 0;
    dom0_out(0xcf8, 4, 0x80000000 | 1 << 11 | 0x10);
    pci_write(second, 0x20, 4, 0xdeadbeef); /* between dom0's two steps */
    dom0_out(0xcfc, 4, 0x12345678);
    CHECK_EQ(pci_read(second, 0x20, 4), 0xdeadbeef);
    CHECK_EQ(dom0_in(0xcf8, 4), 0x80000000 | 1 << 11 | 0x10);
    CHECK_EQ(dom0_in(0xcfc, 4), 0x12345678);
    CHECK_EQ(dom0_in(0xcfe, 2), 0x1234);
    CHECK_EQ(dom0_in(0xcff, 1), 0x12);
    CHECK_EQ(space[0][0x10], 0x78);
    CHECK_EQ(strays, 0);
}

TEST(what_the_filter_refuses_is_lost)
{
    dom0_out(0xcf8, 4, 0x80000000 | 1 << 11 | 0x40);
    filter_says = false;
    dom0_out(0xcfc, 4, 0x55555555);
    filter_says = true;
    CHECK_EQ(dom0_in(0xcfc, 4), 0);
    dom0_out(0xcf8, 4, 1 << 11 | 0x40); /* not enabled */
    dom0_out(0xcfc, 4, 0x55555555);
    CHECK_EQ(space[0][0x40], 0);
    CHECK_EQ(dom0_in(0xcfc, 4), 0xffffffff);
}

/* The hardware's latch holds what the hypervisor looked at last: nothing of dom0's may go past the
 * filter by way of it. */
TEST(accesses_do_not_span_latch_and_data)
{
    const struct pci_address second = {.devfn = 2 << 3};

    pci_write(second, 0x50, 4, 0);
    strays = 0;
    dom0_out(0xcfa, 4, 0x66666666);
    CHECK_EQ(dom0_in(0xcfa, 4), 0xffffffff);
    dom0_out(0xcfb, 2, 0x6666);
    CHECK_EQ(pci_read(second, 0x50, 4), 0);
    dom0_out(0xcfd, 4, 0x66666666); /* past the end */
    CHECK_EQ(strays, 0);
    dom0_out(0xcf9, 1, 0x0e); /* an ordinary port */
    CHECK_EQ(dom0_in(0xcf9, 1), 0x0e);
    CHECK_EQ(reset_control, 0x0e);
}

TEST(ranges_of_ecam)
{
    CHECK_EQ(pci_ecam_add(0, 0, 0, 255), -EINVAL);
    CHECK_EQ(pci_ecam_add(0, 0xe0000001, 0, 255), -EINVAL);
    CHECK_EQ(pci_ecam_add(0, 0xe0000000, 9, 8), -EINVAL);
    CHECK_EQ(pci_ecam_add(0, 0xe0000000, 0, 255), 0);
    CHECK_EQ(pci_ecam_add(0, 0xe0000000, 0, 255), 0); /* said again */
    CHECK_EQ(pci_ecam_add(0, 0xd0000000, 0, 255), -EINVAL);
    for (uint16_t segment = 1; segment < 32; segment++)
        CHECK_EQ(pci_ecam_add(segment, 0xe0000000, 0, 255), 0);
    CHECK_EQ(pci_ecam_add(32, 0xe0000000, 0, 255), -ENOMEM);
}

static struct pci_address seen;
static unsigned int seen_reg;

static uint32_t view(struct pci_address a, unsigned int reg, unsigned int bytes, bool write,
                     uint32_t value)
{
    seen = a;
    seen_reg = reg;
    return write ? 0 : value + bytes;
}

/* A dom0 with virtual PCI: all that it reaches by the data window is asked of that. */
TEST(another_view)
{
    pci_dom0_view = view;
    dom0_out(0xcf8, 4, 0x80000000 | 3 << 16 | 5 << 11 | 1 << 8 | 0x40);
    CHECK_EQ(dom0_in(0xcfe, 2), 2);
    CHECK(pci_address_equal(seen, (struct pci_address){.bus = 3, .devfn = 5 << 3 | 1}));
    CHECK_EQ(seen_reg, 0x42);
    dom0_out(0xcff, 1, 0x99);
    CHECK_EQ(seen_reg, 0x43);
    dom0_out(0xcf8, 4, 5 << 11); /* not enabled */
    seen_reg = 0;
    CHECK_EQ(dom0_in(0xcfc, 4), 0xffffffff);
    CHECK_EQ(seen_reg, 0);
    pci_dom0_view = NULL;
}
