/* SPDX-License-Identifier: BSD-2-Clause */
/* The PCI functions dom0 has reported. */
#include "pci/device.h"

#include "abi/errno.h"
#include "lib/list.h"
#include "mm/pool.h"
#include "sync/spinlock.h"

struct pci_device {
    struct list_node link;       /* (r) [devices_lock] */
    struct pci_address address;  /* (c) */
    struct pci_device_info info; /* (r) */
};

static struct spinlock devices_lock = SPINLOCK_INIT(LOCK_DEVICE + 2);
static struct list_node devices = LIST_INIT(devices);

/* devices_lock held. */
static struct pci_device *find(struct pci_address a)
{
    struct pci_device *p;

    list_for_each_entry (p, &devices, link)
        if (pci_address_equal(p->address, a))
            return p;
    return NULL;
}

int pci_device_add(struct pci_address a, const struct pci_device_info *info)
{
    struct pci_device *fresh = pool_new(struct pci_device);
    struct pci_device *p;

    if (!fresh)
        return -ENOMEM;
    spin_lock(&devices_lock);
    p = find(a);
    if (!p) {
        p = fresh;
        fresh = NULL;
        p->address = a;
        list_add_tail(&p->link, &devices);
    }
    p->info = *info;
    spin_unlock(&devices_lock);
    pool_free(fresh);
    return 0;
}

int pci_device_remove(struct pci_address a)
{
    struct pci_device *p;

    spin_lock(&devices_lock);
    p = find(a);
    if (p)
        list_del(&p->link);
    spin_unlock(&devices_lock);
    pool_free(p);
    return p ? 0 : -ENODEV;
}

bool pci_device_known(struct pci_address a, struct pci_device_info *info)
{
    const struct pci_device *p;

    spin_lock(&devices_lock);
    p = find(a);
    if (p)
        *info = p->info;
    spin_unlock(&devices_lock);
    return p != NULL;
}
