/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One PCI function as a PVH dom0 sees it: its configuration space is the hardware's but for what
 * decides where interrupts go. Those registers are a copy that the guest writes; the hardware gets
 * messages of the hypervisor's own, and each that arrives is sent on to where the copy says.
 *
 * Pure but for the operations; one lock covers a function and is held by callers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/list.h"
#include "lib/types.h"
#include "pci/config.h"

struct vpci_function;

/* What a guest wrote as a message. */
struct vpci_message {
    uint64_t address;
    uint32_t data;
};

struct vpci_ops {
    /* The hardware's configuration space (pci/config.h). */
    uint32_t (*read)(struct pci_address a, unsigned int reg, unsigned int bytes);
    void (*write)(struct pci_address a, unsigned int reg, unsigned int bytes, uint32_t value);
    /* Give the device @count messages of ours, not yet to be sent: number n then stands for the
     * guest's MSI n. Without MSI that many: false. Then none again. */
    bool (*msi_start)(struct vpci_function *f, unsigned int count);
    void (*msi_stop)(struct vpci_function *f);
    /* Message @n of those (below the count) may be sent, or not for now. */
    void (*msi_open)(struct vpci_function *f, unsigned int n, bool open);
    /* The same for entry @n of the MSI-X table, which gets a message of ours with the first time.
     * Then MSI-X is off: all these messages are given back. */
    void (*msix_open)(struct vpci_function *f, unsigned int n, bool open);
    void (*msix_stop)(struct vpci_function *f);
    /* The device may have forgotten its messages: give it them again. */
    void (*restore)(struct vpci_function *f);
    /* The place of the MSI-X table, f->msix.base, is another one: there the guest must not reach
     * the device itself. */
    void (*moved)(struct vpci_function *f);
};

#define VPCI_MSI_MAX 32

struct vpci_msi {
    uint8_t at;        /* offset of the capability, 0: none */
    uint8_t bytes;     /* of the registers from message control on */
    bool is_64bit, maskable;
    uint8_t capable;   /* log2 of the messages it has */
    uint8_t image[22]; /* the guest's registers from message control on */
    uint8_t count;     /* messages that are started, 0: none */
};

struct vpci_msix_entry {
    uint32_t word[4]; /* address low and high, data, control */
};

struct vpci_msix {
    uint8_t at;       /* offset of the capability, 0: none */
    uint8_t bar;      /* which holds the table */
    uint32_t offset;  /* in that */
    uint32_t count;   /* entries; 0: there is no reaching the table, and so no switching it on */
    bool enabled;
    uint64_t base;    /* where the table is now, 0: out of reach */
    struct vpci_msix_entry *entry;
};

struct vpci_function {
    struct list_node link;      /* the owner's */
    struct pci_address address; /* (c) */
    const struct vpci_ops *ops; /* (c) */
    struct vpci_msi msi;
    struct vpci_msix msix;
    void *data;                 /* the operations' */
};

/* Find out what the function has. @f->address and ops are set, the rest is zero. Then, when
 * msix.count is not 0, the caller gives msix.entry that many and calls vpci_reset(). */
void vpci_scan(struct vpci_function *f);
void vpci_reset(struct vpci_function *f);

/* The guest reads and writes @bytes (1, 2, 4, aligned) of register @reg. */
uint32_t vpci_read(struct vpci_function *f, unsigned int reg, unsigned int bytes);
void vpci_write(struct vpci_function *f, unsigned int reg, unsigned int bytes, uint32_t value);

/* MSI @n, and entry @n of the MSI-X table, as the guest wants them. Any context: what it writes
 * meanwhile may be half there, as with real devices. */
struct vpci_message vpci_msi_message(const struct vpci_function *f, unsigned int n);
struct vpci_message vpci_msix_message(const struct vpci_function *f, unsigned int n);

/* Accesses of 4 or 8 bytes to the MSI-X table at @offset, both within it and aligned. */
uint64_t vpci_table_read(const struct vpci_function *f, uint64_t offset, unsigned int bytes);
void vpci_table_write(struct vpci_function *f, uint64_t offset, unsigned int bytes,
                      uint64_t value);
static inline uint64_t vpci_table_bytes(const struct vpci_function *f)
{
    return (uint64_t)f->msix.count * sizeof(struct vpci_msix_entry);
}
