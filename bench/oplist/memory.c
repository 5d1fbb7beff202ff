/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory: how fast it is copied, and what reaching a page costs that no TLB knows. (Where
 * instructions are counted, the walk of the page tables costs nothing; it does on a real machine.)
 */
#include <string.h>
#include <sys/mman.h>

#include "oplist.h"

#define PAGE      4096ul
#define MIB       (1ul << 20)
#define FAR_PAGES 8192ul /* more than any TLB holds */

static char *from, *to;

ITEM(copies, {
    memcpy(to, from, MIB);
    __asm__ volatile("" ::: "memory");
})

static uint64_t copy(unsigned long rounds)
{
    if (!from)
        from = touched(8 * MIB), to = touched(8 * MIB);
    return from && to ? copies(rounds) : NO_SUCH_THING;
}

/* A chain through one word of each page, in an order that no prefetcher guesses. */
static void **chain;

static bool chain_make(void)
{
    static unsigned int order[FAR_PAGES];
    char *at = touched(FAR_PAGES * PAGE);
    uint64_t random = 1;

    if (!at)
        return false;
    for (unsigned int i = 0; i < FAR_PAGES; i++) {
        unsigned int other;

        random = random * 6364136223846793005u + 1442695040888963407u;
        other = (unsigned int)((random >> 33) % (i + 1));
        order[i] = order[other];
        order[other] = i;
    }
    for (unsigned int i = 0; i < FAR_PAGES; i++) { /* each in another line of its page */
        unsigned int here = order[i], next = order[(i + 1) % FAR_PAGES];

        *(void **)(at + here * PAGE + here % 64 * 64) = at + next * PAGE + next % 64 * 64;
    }
    chain = (void **)(at + order[0] * PAGE + order[0] % 64 * 64);
    return true;
}

static uint64_t walk(unsigned long rounds)
{
    uint64_t begun;
    void **at;

    if (!chain && !chain_make())
        return NO_SUCH_THING;
    at = chain;
    begun = now();
    for (unsigned long i = 0; i < rounds; i++)
        at = *at;
    __asm__ volatile("" ::"r"(at));
    return now() - begun;
}

const struct item memory_items[] = {
    {"copy", copy},
    {"walk", walk},
    {0},
};
