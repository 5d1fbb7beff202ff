/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/blkd/grants.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define GRANTS_PAGE 4096u

struct grants_area {
    void *at;
    unsigned int count;
    struct grants_area *next;
};

struct grants_slot {
    uint32_t ref;
    void *page; /* NULL: free */
};

static unsigned int where(const struct grants *g, uint32_t ref)
{
    unsigned int at =
        ref * 2654435761u & (g->slots - 1); /* Knuth's multiplier spreads neighbours */

    while (g->slot[at].page && g->slot[at].ref != ref)
        at = (at + 1) & (g->slots - 1);
    return at;
}

bool grants_start(struct grants *g, xengnttab_handle *handle, uint32_t domid, bool persistent,
                  uint64_t *mapped_counter)
{
    *g = (struct grants){.handle = handle, .domid = domid, .persistent = persistent,
                         .mapped_counter = mapped_counter};
    if (!persistent)
        return true;
    g->slots = 2 * GRANTS_MAX_MAPPED;
    g->slot = calloc(g->slots, sizeof(g->slot[0]));
    return g->slot;
}

void grants_stop(struct grants *g)
{
    struct grants_area *area, *next;

    for (area = g->areas; area; area = next) {
        next = area->next;
        xengnttab_unmap(g->handle, area->at, area->count);
        free(area);
    }
    free(g->slot);
    g->slot = NULL;
    g->areas = NULL;
    g->slots = g->mapped = 0;
}

/* Map these, which are all new and different from each other. */
static void map(struct grants *g, uint32_t *ref, unsigned int count)
{
    struct grants_area *area = malloc(sizeof(*area));

    if (!area)
        return;
    area->at = xengnttab_map_domain_grant_refs(g->handle, count, g->domid, ref,
                                               PROT_READ | PROT_WRITE);
    if (!area->at) {
        free(area);
        return;
    }
    area->count = count;
    area->next = g->areas;
    g->areas = area;
    g->mapped += count;
    *g->mapped_counter += count;
    for (unsigned int i = 0; i < count; i++) {
        struct grants_slot *slot = &g->slot[where(g, ref[i])];

        slot->ref = ref[i];
        slot->page = (uint8_t *)area->at + (size_t)i * GRANTS_PAGE;
    }
}

static bool among(const uint32_t *list, unsigned int count, uint32_t ref)
{
    while (count)
        if (list[--count] == ref)
            return true;
    return false;
}

void grants_pages(struct grants *g, const uint32_t *ref, unsigned int count, void **page)
{
    uint32_t fresh[GRANTS_AT_ONCE];
    unsigned int found = 0;

    for (unsigned int i = 0; g->persistent && i < count; i++)
        if (!g->slot[where(g, ref[i])].page && !among(fresh, found, ref[i]))
            fresh[found++] = ref[i];
    if (found && found <= GRANTS_MAX_MAPPED - g->mapped)
        map(g, fresh, found);
    for (unsigned int i = 0; i < count; i++)
        page[i] = g->persistent ? g->slot[where(g, ref[i])].page : NULL;
}
