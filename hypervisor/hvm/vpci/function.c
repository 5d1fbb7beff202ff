/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration space of a function as a PVH dom0 sees it (PCI 3.0, 6.2 and 6.8).
 *
 * What is always true here: msi.count is not 0 exactly while the guest's copy says that MSI is on
 * and the hardware had messages for it; an MSI-X entry is unmasked in the hardware only while the
 * guest has MSI-X on and that entry unmasked; the hardware's own enable bits follow the guest's.
 */
#include "hvm/vpci/function.h"

#include "lib/string.h"

#define CONTROL 2u /* message control, in both capabilities */

enum {
    MSI_ENABLE = 1u << 0,
    MSI_COUNT_SHIFT = 4,
    MSI_COUNT_MASK = 7u << 4,
    MSI_64BIT = 1u << 7,
    MSI_MASKABLE = 1u << 8,
    MSIX_TABLE = 4,
    MSIX_COUNT_MASK = 0x7ff,
    MSIX_ALL_MASKED = 1u << 14,
    MSIX_ENABLE = 1u << 15,
    MSIX_ENTRY_MASKED = 1u << 0,
};

#define BAR_IO       1u
#define BAR_TYPE     6u
#define BAR_64BIT    4u
#define BAR_END      (PCI_BAR0 + 6 * 4)
#define BARS         6u
#define BRIDGE_BARS  2u
#define HEADER_KINDS 0x7f
#define HOPS_MAX     48 /* capabilities that fit without a loop */

/* Offsets in msi.image, which begins with message control. */
#define IMAGE_ADDRESS 2
#define IMAGE_HIGH    6
static unsigned int image_data(const struct vpci_msi *m)
{
    return m->is_64bit ? 10 : 6;
}

static unsigned int image_masks(const struct vpci_msi *m)
{
    return image_data(m) + 4;
}

static uint32_t config_read(const struct vpci_function *f, unsigned int reg, unsigned int bytes)
{
    return f->ops->read(f->address, reg, bytes);
}

static void config_write(const struct vpci_function *f, unsigned int reg, unsigned int bytes,
                         uint32_t value)
{
    f->ops->write(f->address, reg, bytes, value);
}

static unsigned int find_capability(const struct vpci_function *f, uint8_t id)
{
    unsigned int at;

    if (!(config_read(f, PCI_STATUS, 2) & PCI_STATUS_HAS_CAPABILITIES))
        return 0;
    at = config_read(f, PCI_CAPABILITIES, 1) & 0xfc;
    for (int hops = 0; hops < HOPS_MAX && at >= 0x40; hops++) {
        uint32_t header = config_read(f, at, 2);

        if ((header & 0xff) == 0xff)
            break;
        if ((header & 0xff) == id)
            return at;
        at = header >> 8 & 0xfc;
    }
    return 0;
}

static void scan_msi(struct vpci_function *f)
{
    struct vpci_msi *m = &f->msi;
    unsigned int at = find_capability(f, PCI_CAP_MSI);
    uint32_t control = at ? config_read(f, at + CONTROL, 2) : 0;

    m->is_64bit = control & MSI_64BIT;
    m->maskable = control & MSI_MASKABLE;
    m->capable = (uint8_t)min(control >> 1 & 7, 5u);
    m->bytes = (uint8_t)(m->maskable ? image_masks(m) + 4 : image_data(m) + 2);
    if (at && at + CONTROL + m->bytes <= 256)
        m->at = (uint8_t)at;
}

static void scan_msix(struct vpci_function *f)
{
    struct vpci_msix *m = &f->msix;
    unsigned int at = find_capability(f, PCI_CAP_MSIX);
    uint32_t kind = config_read(f, PCI_HEADER_TYPE, 1) & HEADER_KINDS, where;

    if (!at || at + CONTROL + 2 > 256)
        return;
    m->at = (uint8_t)at;
    if (at + MSIX_TABLE + 8 > 256 || kind > 1)
        return;
    where = config_read(f, at + MSIX_TABLE, 4);
    if ((where & 7) >= (kind ? BRIDGE_BARS : BARS))
        return;
    m->bar = where & 7;
    m->offset = where & ~7u;
    m->count = (config_read(f, at + CONTROL, 2) & MSIX_COUNT_MASK) + 1;
}

void vpci_scan(struct vpci_function *f)
{
    scan_msi(f);
    scan_msix(f);
}

/* Where is the MSI-X table, as BARs and the command register say now? */
static uint64_t table_place(const struct vpci_function *f)
{
    const struct vpci_msix *m = &f->msix;
    unsigned int reg = PCI_BAR0 + m->bar * 4u;
    uint32_t low = config_read(f, reg, 4);
    uint64_t base = low & ~0xfu;

    if (!(config_read(f, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY) || (low & BAR_IO))
        return 0;
    if ((low & BAR_TYPE) == BAR_64BIT && m->bar + 1u < BARS)
        base |= (uint64_t)config_read(f, reg + 4, 4) << 32;
    return base ? base + m->offset : 0;
}

static void look_at_bars(struct vpci_function *f)
{
    uint64_t base;

    if (!f->msix.count)
        return;
    base = table_place(f);
    if (base == f->msix.base)
        return;
    f->msix.base = base;
    f->ops->moved(f);
}

void vpci_reset(struct vpci_function *f)
{
    memset(f->msi.image, 0, sizeof(f->msi.image));
    for (uint32_t i = 0; i < f->msix.count; i++)
        f->msix.entry[i] = (struct vpci_msix_entry){.word[3] = MSIX_ENTRY_MASKED};
    look_at_bars(f);
}

/* ---- MSI ---- */

static uint32_t get(const struct vpci_msi *m, unsigned int at, unsigned int bytes)
{
    uint32_t value = 0;

    memcpy(&value, m->image + at, bytes);
    return value;
}

/* Bits of byte @at of the image that the guest decides. */
static uint8_t writable(const struct vpci_msi *m, unsigned int at)
{
    if (at == 0)
        return MSI_ENABLE | MSI_COUNT_MASK;
    if (at == 1)
        return 0;
    if (at == IMAGE_ADDRESS)
        return 0xfc;
    if (at < image_data(m) + 2 || (m->maskable && at >= image_masks(m)))
        return 0xff;
    return 0;
}

static unsigned int wanted_count(const struct vpci_msi *m)
{
    uint32_t control = get(m, 0, 2);
    unsigned int log = (control & MSI_COUNT_MASK) >> MSI_COUNT_SHIFT;

    return control & MSI_ENABLE ? 1u << min(log, (unsigned int)m->capable) : 0;
}

static uint32_t masks(const struct vpci_msi *m)
{
    return m->maskable ? get(m, image_masks(m), 4) : 0;
}

static void msi_hardware_enable(struct vpci_function *f, bool on)
{
    unsigned int reg = f->msi.at + CONTROL;
    uint32_t control = config_read(f, reg, 2) & ~(uint32_t)MSI_ENABLE;

    config_write(f, reg, 2, control | (on ? MSI_ENABLE : 0));
}

static void msi_on(struct vpci_function *f, unsigned int count)
{
    if (!f->ops->msi_start(f, count))
        return;
    f->msi.count = (uint8_t)count;
    for (unsigned int n = 0; n < count; n++)
        if (!(masks(&f->msi) >> n & 1))
            f->ops->msi_open(f, n, true);
    msi_hardware_enable(f, true);
}

static void msi_off(struct vpci_function *f)
{
    msi_hardware_enable(f, false);
    f->msi.count = 0;
    f->ops->msi_stop(f);
}

static void msi_write(struct vpci_function *f, unsigned int reg, unsigned int bytes,
                      uint32_t value)
{
    struct vpci_msi *m = &f->msi;
    uint32_t before = masks(m), changed;

    for (unsigned int i = 0; i < bytes; i++) {
        unsigned int at = reg + i - (m->at + CONTROL);

        if (reg + i >= m->at + CONTROL && at < m->bytes)
            m->image[at] = (uint8_t)((m->image[at] & ~writable(m, at)) |
                                     (value >> 8 * i & writable(m, at)));
    }
    if (wanted_count(m) != m->count) {
        if (m->count)
            msi_off(f);
        if (wanted_count(m))
            msi_on(f, wanted_count(m));
        return;
    }
    changed = before ^ masks(m);
    for (unsigned int n = 0; n < m->count; n++)
        if (changed >> n & 1)
            f->ops->msi_open(f, n, !(masks(m) >> n & 1));
}

/* The hardware's value with the guest's own bits in place of those of the copy. */
static uint32_t msi_read(const struct vpci_function *f, unsigned int reg, unsigned int bytes)
{
    const struct vpci_msi *m = &f->msi;
    uint32_t value = config_read(f, reg, bytes);

    for (unsigned int i = 0; i < bytes; i++) {
        unsigned int at = reg + i - (m->at + CONTROL);
        uint32_t bits;

        if (reg + i < m->at + CONTROL || at >= m->bytes)
            continue;
        bits = (uint32_t)writable(m, at) << 8 * i;
        value = (value & ~bits) | ((uint32_t)m->image[at] << 8 * i & bits);
    }
    return value;
}

/* ---- MSI-X ---- */

static bool entry_open(const struct vpci_msix *m, unsigned int n)
{
    return m->enabled && !(m->entry[n].word[3] & MSIX_ENTRY_MASKED);
}

static void msix_control_write(struct vpci_function *f, uint16_t value)
{
    struct vpci_msix *m = &f->msix;
    uint32_t old = config_read(f, m->at + CONTROL, 2);
    bool was = m->enabled;

    if (!m->count)
        return;
    m->enabled = value & MSIX_ENABLE;
    if (was && !m->enabled)
        f->ops->msix_stop(f);
    if (was && m->enabled && !(old & MSIX_ENABLE))
        f->ops->restore(f);
    config_write(f, m->at + CONTROL, 2,
                 (old & MSIX_COUNT_MASK) | (value & (MSIX_ENABLE | MSIX_ALL_MASKED)));
    for (unsigned int n = 0; !was && n < m->count; n++)
        if (entry_open(m, n))
            f->ops->msix_open(f, n, true);
}

/* Message control may be written alone, in halves, or with the capability's first two bytes. */
static void msix_write(struct vpci_function *f, unsigned int reg, unsigned int bytes,
                       uint32_t value)
{
    unsigned int control = f->msix.at + CONTROL;
    uint32_t now = config_read(f, control, 2);

    for (unsigned int i = 0; i < bytes; i++)
        if (reg + i == control || reg + i == control + 1) {
            unsigned int shift = 8 * (reg + i - control);

            now = (now & ~(0xffu << shift)) | (value >> 8 * i & 0xff) << shift;
        }
    msix_control_write(f, (uint16_t)now);
}

uint64_t vpci_table_read(const struct vpci_function *f, uint64_t offset, unsigned int bytes)
{
    uint64_t value = 0;

    memcpy(&value, (const char *)f->msix.entry + offset, bytes);
    return value;
}

void vpci_table_write(struct vpci_function *f, uint64_t offset, unsigned int bytes,
                      uint64_t value)
{
    struct vpci_msix *m = &f->msix;
    unsigned int n = (unsigned int)(offset / sizeof(m->entry[0]));
    bool was = entry_open(m, n);

    memcpy((char *)m->entry + offset, &value, bytes);
    m->entry[n].word[3] &= MSIX_ENTRY_MASKED;
    if (entry_open(m, n) != was)
        f->ops->msix_open(f, n, !was);
}

/* ---- all of it ---- */

struct vpci_message vpci_msi_message(const struct vpci_function *f, unsigned int n)
{
    const struct vpci_msi *m = &f->msi;
    uint64_t high = m->is_64bit ? get(m, IMAGE_HIGH, 4) : 0;
    unsigned int count = max(READ_ONCE(m->count), (uint8_t)1);

    return (struct vpci_message){
        .address = get(m, IMAGE_ADDRESS, 4) | high << 32,
        .data = (get(m, image_data(m), 2) & ~(count - 1)) | n, /* PCI 3.0, 6.8.1.3 */
    };
}

struct vpci_message vpci_msix_message(const struct vpci_function *f, unsigned int n)
{
    const volatile uint32_t *word = f->msix.entry[n].word;

    return (struct vpci_message){.address = word[0] | (uint64_t)word[1] << 32, .data = word[2]};
}

static bool overlaps(unsigned int reg, unsigned int bytes, unsigned int first, unsigned int end)
{
    return reg < end && reg + bytes > first;
}

static bool in_msi(const struct vpci_msi *m, unsigned int reg, unsigned int bytes)
{
    return m->at && overlaps(reg, bytes, m->at + CONTROL, m->at + CONTROL + m->bytes);
}

uint32_t vpci_read(struct vpci_function *f, unsigned int reg, unsigned int bytes)
{
    return in_msi(&f->msi, reg, bytes) ? msi_read(f, reg, bytes) : config_read(f, reg, bytes);
}

void vpci_write(struct vpci_function *f, unsigned int reg, unsigned int bytes, uint32_t value)
{
    unsigned int msix = f->msix.at + CONTROL;

    if (in_msi(&f->msi, reg, bytes)) {
        msi_write(f, reg, bytes, value);
    } else if (f->msix.at && overlaps(reg, bytes, msix, msix + 2)) {
        msix_write(f, reg, bytes, value);
    } else {
        config_write(f, reg, bytes, value);
        if (overlaps(reg, bytes, PCI_COMMAND, PCI_COMMAND + 2) ||
            overlaps(reg, bytes, PCI_BAR0, BAR_END))
            look_at_bars(f);
    }
}
