/* SPDX-License-Identifier: BSD-2-Clause */
/* A PCI function as a PVH dom0 sees it: a model device, and what reaches that of hostile writes. */
/* sources: hypervisor/hvm/vpci/function.c */
#include "tests/unit/check.h"

#include "hvm/vpci/function.h"

#define MSI     0x50u /* 64-bit, maskable, 8 messages */
#define MSIX    0x70u /* 5 entries at 0x2000 of BAR 2, which has 64 bits */
#define ENTRIES 5u
#define BAR     (PCI_BAR0 + 2 * 4)

/* ---- the device ---- */

static uint8_t space[256];
static struct vpci_msix_entry entries[ENTRIES];
static struct vpci_function f;
static unsigned int started, restores, moves;
static uint32_t open_msi, open_msix; /* messages that may be sent */
static bool has_vectors;

static void poke(unsigned int at, uint32_t value, unsigned int bytes)
{
    memcpy(space + at, &value, bytes);
}

static uint32_t peek(unsigned int at, unsigned int bytes)
{
    uint32_t value = 0;

    memcpy(&value, space + at, bytes);
    return value;
}

static uint32_t device_read(struct pci_address a, unsigned int reg, unsigned int bytes)
{
    (void)a;
    CHECK(reg + bytes <= sizeof(space));
    return peek(reg, bytes);
}

/* Registers of messages are not the guest's to write, nor are read-only ones writable. */
static void device_write(struct pci_address a, unsigned int reg, unsigned int bytes,
                         uint32_t value)
{
    (void)a;
    CHECK(reg + bytes <= sizeof(space));
    if (reg < MSI + 20 && reg + bytes > MSI + 2)
        CHECK(reg == MSI + 2 && bytes == 2 && !((value ^ peek(MSI + 2, 2)) & 0xfffe));
    if (reg < MSIX + 4 && reg + bytes > MSIX + 2)
        CHECK(reg == MSIX + 2 && bytes == 2 && !((value ^ peek(MSIX + 2, 2)) & 0x3fff));
    for (unsigned int i = 0; i < bytes; i++) {
        unsigned int at = reg + i;
        uint8_t byte = (uint8_t)(value >> 8 * i);

        if (at == PCI_COMMAND || at == MSI + 2 || at == MSIX + 2 || at == MSIX + 3 ||
            (at >= BAR + 4 && at < BAR + 8))
            space[at] = byte;
        else if (at >= BAR && at < BAR + 4) /* of 16 KiB */
            space[at] = at == BAR ? 4 : at == BAR + 1 ? byte & 0xc0 : byte;
    }
}

static bool msi_start(struct vpci_function *g, unsigned int count)
{
    CHECK(g == &f && !started && count && count <= 8 && !(peek(MSI + 2, 2) & 1));
    if (!has_vectors)
        return false;
    started = count;
    return true;
}

static void msi_stop(struct vpci_function *g)
{
    CHECK(g == &f && started && !(peek(MSI + 2, 2) & 1));
    started = 0;
    open_msi = 0;
}

static void msi_open(struct vpci_function *g, unsigned int n, bool open)
{
    (void)g;
    CHECK(started && n < started && (open_msi >> n & 1) != open);
    open_msi ^= 1u << n;
}

static void msix_open(struct vpci_function *g, unsigned int n, bool open)
{
    CHECK(g->msix.enabled && n < ENTRIES && (open_msix >> n & 1) != open);
    open_msix ^= 1u << n;
}

static void msix_stop(struct vpci_function *g)
{
    (void)g;
    open_msix = 0;
}

static void restore(struct vpci_function *g)
{
    (void)g;
    restores++;
}

static void moved(struct vpci_function *g)
{
    (void)g;
    moves++;
}

static const struct vpci_ops ops = {device_read, device_write, msi_start, msi_stop, msi_open,
                                    msix_open,   msix_stop,    restore,   moved};

static void plug(void)
{
    memset(space, 0, sizeof(space));
    poke(PCI_VENDOR, 0x12348086, 4);
    poke(PCI_STATUS, PCI_STATUS_HAS_CAPABILITIES, 2);
    poke(PCI_CAPABILITIES, MSI, 1);
    poke(MSI, PCI_CAP_MSI | MSIX << 8, 2);
    poke(MSI + 2, 0x0180 | 3 << 1, 2);
    poke(MSI + 20, 0x55, 4); /* pending */
    poke(MSIX, PCI_CAP_MSIX, 2);
    poke(MSIX + 2, ENTRIES - 1, 2);
    poke(MSIX + 4, 0x2000 | 2, 4);
    poke(BAR, 4, 4);
    started = open_msi = open_msix = restores = moves = 0;
    has_vectors = true;
    f = (struct vpci_function){.ops = &ops};
    vpci_scan(&f);
    f.msix.entry = entries;
    vpci_reset(&f);
}

/* ---- tests ---- */

TEST(capabilities_are_found)
{
    plug();
    CHECK_EQ(f.msi.at, MSI);
    CHECK(f.msi.is_64bit && f.msi.maskable);
    CHECK_EQ(f.msi.capable, 3);
    CHECK_EQ(f.msix.at, MSIX);
    CHECK_EQ(f.msix.count, ENTRIES);
    CHECK_EQ(f.msix.base, 0);
    poke(MSI, PCI_CAP_MSI | MSI << 8, 2); /* a list that ends in itself */
    f = (struct vpci_function){.ops = &ops};
    vpci_scan(&f);
    CHECK_EQ(f.msix.at, 0);
    poke(MSI, 0xffff, 2);
    f = (struct vpci_function){.ops = &ops};
    vpci_scan(&f);
    CHECK(!f.msi.at && !f.msix.at);
}

TEST(a_capability_at_the_end_of_space)
{
    plug();
    poke(PCI_CAPABILITIES, 0xf4, 1);
    poke(0xf4, PCI_CAP_MSI, 2);
    poke(0xf6, 0x0180, 2);
    f = (struct vpci_function){.ops = &ops};
    vpci_scan(&f);
    CHECK_EQ(f.msi.at, 0); /* its registers would lie beyond */
}

TEST(msi)
{
    plug();
    vpci_write(&f, MSI + 4, 4, 0xfee01003);
    vpci_write(&f, MSI + 8, 4, 0);
    vpci_write(&f, MSI + 12, 2, 0x4041);
    CHECK_EQ(vpci_read(&f, MSI + 4, 4), 0xfee01000);
    CHECK_EQ(vpci_read(&f, MSI + 12, 2), 0x4041);
    CHECK_EQ(peek(MSI + 4, 4), 0); /* the device has seen nothing of it */
    vpci_write(&f, MSI + 16, 4, 1);
    vpci_write(&f, MSI + 2, 2, 1 | 1 << 4);
    CHECK_EQ(started, 2);
    CHECK_EQ(open_msi, 2);
    CHECK(peek(MSI + 2, 2) & 1);
    CHECK_EQ(vpci_read(&f, MSI + 2, 2), 0x0180 | 3 << 1 | 1 | 1 << 4);
    vpci_write(&f, MSI + 16, 4, 2);
    CHECK_EQ(open_msi, 1);
    CHECK_EQ(vpci_msi_message(&f, 1).data, 0x4041);
    CHECK_EQ(vpci_msi_message(&f, 0).data, 0x4040);
    CHECK_EQ(vpci_msi_message(&f, 1).address, 0xfee01000);
    CHECK_EQ(vpci_read(&f, MSI + 20, 4), 0x55); /* pending bits are the device's */
    vpci_write(&f, MSI, 4, 0); /* off, by a write of the whole first word */
    CHECK_EQ(started, 0);
    CHECK(!(peek(MSI + 2, 2) & 1));
    CHECK_EQ(peek(MSI, 2), PCI_CAP_MSI | MSIX << 8);
}

TEST(msi_that_cannot_be_had)
{
    plug();
    has_vectors = false;
    vpci_write(&f, MSI + 2, 2, 1);
    CHECK(!started && !(peek(MSI + 2, 2) & 1));
    has_vectors = true;
    vpci_write(&f, MSI + 2, 2, 1); /* the next write tries again */
    CHECK_EQ(started, 1);
    vpci_write(&f, MSI + 2, 2, 1 | 7 << 4); /* more than it has */
    CHECK_EQ(started, 8);
}

TEST(msix_table)
{
    plug();
    vpci_write(&f, BAR, 4, 0xe0000000);
    vpci_write(&f, BAR + 4, 4, 1);
    CHECK_EQ(f.msix.base, 0);
    vpci_write(&f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    CHECK_EQ(f.msix.base, 0x1e0002000);
    CHECK_EQ(moves, 1);
    vpci_write(&f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | 4);
    CHECK_EQ(moves, 1);
    vpci_table_write(&f, 16, 8, 0xfee02000);
    vpci_table_write(&f, 24, 4, 0x77);
    vpci_table_write(&f, 28, 4, 0xfffffffe); /* reserved bits stay 0 */
    CHECK_EQ(vpci_table_read(&f, 24, 8), 0x77);
    CHECK_EQ(open_msix, 0);
    vpci_write(&f, MSIX + 2, 2, 0x8000);
    CHECK_EQ(open_msix, 2);
    CHECK(peek(MSIX + 2, 2) == (0x8000 | (ENTRIES - 1)));
    CHECK_EQ(vpci_msix_message(&f, 1).address, 0xfee02000);
    CHECK_EQ(vpci_msix_message(&f, 1).data, 0x77);
    vpci_table_write(&f, 12, 4, 0);
    CHECK_EQ(open_msix, 3);
    vpci_table_write(&f, 28, 4, 1);
    CHECK_EQ(open_msix, 1);
    vpci_write(&f, MSIX + 3, 1, 0xc0); /* all masked, in one byte: by the device itself */
    CHECK_EQ(peek(MSIX + 2, 2) >> 14, 3);
    CHECK_EQ(open_msix, 1);
    poke(MSIX + 2, ENTRIES - 1, 2); /* reset: it has forgotten everything */
    vpci_write(&f, MSIX + 2, 2, 0x8000);
    CHECK_EQ(restores, 1);
    vpci_write(&f, MSIX, 4, 0);
    CHECK_EQ(open_msix, 0);
    CHECK(!(peek(MSIX + 2, 2) & 0x8000));
    vpci_write(&f, PCI_COMMAND, 2, 0);
    CHECK_EQ(f.msix.base, 0);
}

/* Sizing a BAR passes by the table's place without an end at RAM or elsewhere: it is off then. */
TEST(msix_without_a_table_stays_off)
{
    plug();
    poke(MSIX + 4, 0x2000 | 6, 4); /* there is no such BAR */
    f = (struct vpci_function){.ops = &ops};
    vpci_scan(&f);
    vpci_reset(&f);
    CHECK_EQ(f.msix.count, 0);
    vpci_write(&f, MSIX + 2, 2, 0x8000);
    CHECK(!f.msix.enabled && !(peek(MSIX + 2, 2) & 0x8000));
    poke(MSIX + 4, 0x2000 | 2, 4);
    poke(PCI_HEADER_TYPE, 0x81, 1); /* bridges have two BARs */
    f = (struct vpci_function){.ops = &ops};
    vpci_scan(&f);
    CHECK_EQ(f.msix.count, 0);
    CHECK_EQ(f.msix.at, MSIX);
}

TEST(bar_sizing)
{
    plug();
    vpci_write(&f, BAR, 4, ~0u);
    vpci_write(&f, BAR + 4, 4, ~0u);
    CHECK_EQ(vpci_read(&f, BAR, 4), 0xffffc004);
    CHECK_EQ(f.msix.base, 0);
    CHECK_EQ(moves, 0);
}

TEST(hostile_writes)
{
    for (int round = 0; round < 300; round++) {
        plug();
        for (int i = 0; i < 400; i++) {
            unsigned int bytes = 1u << check_random_below(3);
            unsigned int reg = (unsigned int)check_random_below(256) & ~(bytes - 1);
            uint32_t value = (uint32_t)check_random();

            has_vectors = check_random_below(8);
            if (check_random_below(2)) /* most of them where something happens */
                reg = (MSI + (unsigned int)check_random_below(44)) & ~(bytes - 1);
            if (check_random_below(4)) {
                vpci_write(&f, reg, bytes, value);
            } else {
                bytes = 4u << check_random_below(2);
                vpci_table_write(&f, check_random_below(ENTRIES * 16 / bytes) * bytes, bytes,
                                 value & ~(uint64_t)check_random_below(2));
            }
            CHECK_EQ(f.msi.count, started);
            CHECK_EQ(peek(MSI + 2, 2) & 1, started != 0);
            CHECK_EQ(!!(peek(MSIX + 2, 2) & 0x8000), f.msix.enabled);
            (void)vpci_read(&f, reg & ~3u, 4);
            (void)vpci_msi_message(&f, 7);
        }
    }
}
