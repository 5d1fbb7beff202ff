/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of devices that exist only here: what is written to them, when, and what is left. */
/* sources: hypervisor/irq/msi.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "irq/line.h"
#include "irq/msi.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"

#define CAP          0x50
#define CONTROL      (CAP + 2)
#define ENABLE       1u
#define CAN_32       (5u << 1)
#define COUNT_MASK   (7u << 4)
#define HAS_MASKS    (1u << 8)
#define TABLE_ENTRIES 8
#define BAR          0xfe000000u

struct percpu fake_percpu[4];
unsigned int fake_cpu;
uint8_t fake_ram[4][PAGE_BYTES];
unsigned char fake_frame_table[4 * sizeof(struct page)] aligned(16);
uint64_t frame_limit = 4;

static uint8_t config[256];
static uint8_t cap_id;
static uint32_t table[TABLE_ENTRIES * 4];
static int allocations, maps, vectors;

/* ---- the machine ---- */

void *pool_alloc(size_t bytes)
{
    allocations++;
    return calloc(1, bytes);
}

void *pool_alloc_array(size_t n, size_t bytes)
{
    return pool_alloc(n * bytes);
}

void pool_free(void *p)
{
    allocations -= p != NULL;
    free(p);
}

void *device_map(paddr_t base, uint64_t bytes, enum map_cache cache)
{
    CHECK(base.a == BAR && bytes == sizeof(table) && cache == MAP_UC);
    maps++;
    return table;
}

uint32_t pci_read(struct pci_address a, unsigned int reg, unsigned int bytes)
{
    uint32_t value = 0;

    (void)a;
    memcpy(&value, config + reg, bytes);
    return value;
}

void pci_write(struct pci_address a, unsigned int reg, unsigned int bytes, uint32_t value)
{
    (void)a;
    memcpy(config + reg, &value, bytes);
}

unsigned int pci_find_capability(struct pci_address a, uint8_t id)
{
    (void)a;
    return id == cap_id ? CAP : 0;
}

int irq_vectors_take(struct irq_line **lines, unsigned int count, unsigned int cpu)
{
    for (unsigned int i = 0; i < count; i++) {
        lines[i]->cpu = cpu;
        lines[i]->vector = (uint8_t)(0x40 + i);
    }
    vectors += (int)count;
    return 0;
}

void irq_vectors_give(struct irq_line **lines, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        vectors -= lines[i]->vector != 0;
        lines[i]->vector = 0;
    }
}

void irq_line_sync(void)
{
}

static uint16_t control(void)
{
    return (uint16_t)pci_read((struct pci_address){0}, CONTROL, 2);
}

static void device(uint8_t id, uint16_t control_word)
{
    memset(config, 0, sizeof(config));
    memset(table, 0, sizeof(table));
    cap_id = id;
    memcpy(config + CONTROL, &control_word, sizeof(control_word));
    config[PCI_COMMAND] = PCI_COMMAND_MEMORY;
    pci_write((struct pci_address){0}, PCI_BAR0, 4, BAR);
}

static const struct pci_address at = {.bus = 2, .devfn = 8};

/* ---- the tests ---- */

TEST(a_device_given_up_is_silent)
{
    struct irq_line *lines[MSI_MAX_MESSAGES];
    uint32_t value = 0x12340000u | ENABLE << 16 | COUNT_MASK << 16;
    int before = allocations;

    device(PCI_CAP_MSI, CAN_32);
    CHECK_EQ(msi_enable(at, 2, 1, lines), 0);
    CHECK_EQ(control() & COUNT_MASK, 1u << 4);
    CHECK_EQ(control() & ENABLE, 0); /* dom0 enables */
    CHECK_EQ(msi_enable(at, 1, 1, lines + 2), -EBUSY);
    CHECK(!msi_config_write_filter(at, CAP + 4, 4, &value)); /* the address is ours */
    CHECK(msi_config_write_filter(at, CAP, 4, &value));
    CHECK_EQ(value >> 16 & COUNT_MASK, 1u << 4);
    pci_write(at, CONTROL, 2, control() | ENABLE);
    msi_disable(lines[0]);
    CHECK(control() & ENABLE); /* the other message is still in use */
    msi_disable(lines[1]);
    CHECK(!(control() & ENABLE));
    CHECK_EQ(vectors, 0);
    CHECK_EQ(allocations, before);
    CHECK(msi_config_write_filter(at, CAP + 4, 4, &value));
}

TEST(masks_start_and_end_set)
{
    struct irq_line *lines[MSI_MAX_MESSAGES];
    uint32_t masks;

    device(PCI_CAP_MSI, CAN_32 | HAS_MASKS);
    CHECK_EQ(msi_enable(at, 4, 0, lines), 0);
    masks = pci_read(at, CAP + 12, 4);
    CHECK_EQ(masks & 15, 15);
    msi_line_mask(lines[2], false);
    CHECK_EQ(pci_read(at, CAP + 12, 4) & 15, 11);
    CHECK_EQ(msi_enable(at, 64, 0, lines), -ERANGE);
    for (unsigned int i = 0; i < 4; i++)
        msi_disable(lines[i]);
    CHECK_EQ(pci_read(at, CAP + 12, 4) & 15, 15);
    CHECK_EQ(vectors, 0);
}

TEST(a_table_is_mapped_once)
{
    struct irq_line *line, *second;
    int before;

    device(PCI_CAP_MSIX, TABLE_ENTRIES - 1);
    CHECK_EQ(msix_enable(at, 3, BAR, 0, &line), 0);
    CHECK_EQ(table[3 * 4 + 3], 1); /* masked */
    CHECK_EQ(table[3 * 4 + 2], 0x40);
    CHECK_EQ(msix_enable(at, 3, BAR, 0, &second), -EBUSY);
    CHECK_EQ(msix_enable(at, TABLE_ENTRIES, BAR, 0, &second), -ERANGE);
    msi_line_mask(line, false);
    msi_disable(line);
    CHECK_EQ(table[3 * 4 + 3], 1);
    before = allocations;
    for (unsigned int i = 0; i < 1000; i++) { /* a driver that comes and goes */
        CHECK_EQ(msix_enable(at, i % TABLE_ENTRIES, BAR, 0, &line), 0);
        msi_disable(line);
    }
    CHECK_EQ(maps, 1);
    CHECK_EQ(allocations, before);
    CHECK_EQ(vectors, 0);
    config[PCI_COMMAND] = 0;
    CHECK_EQ(msix_enable(at, 0, BAR, 0, &line), -ENXIO);
}

TEST(lost_messages_are_written_again)
{
    struct irq_line *line;

    device(PCI_CAP_MSIX, TABLE_ENTRIES - 1);
    CHECK_EQ(msix_enable(at, 1, 0, 0, &line), 0);
    line->run = (irq_run *)1;
    memset(table, 0, sizeof(table));
    CHECK_EQ(msi_restore(at), 0);
    CHECK_EQ(table[1 * 4 + 2], 0x40);
    CHECK_EQ(table[1 * 4 + 3], 0); /* in use: unmasked */
    config[PCI_COMMAND] = 0;
    CHECK_EQ(msi_restore(at), -ENXIO);
    line->run = NULL;
    msi_disable(line);
    CHECK_EQ(vectors, 0);
}
