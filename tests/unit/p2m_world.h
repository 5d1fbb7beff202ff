/* SPDX-License-Identifier: BSD-2-Clause */
/* A heap of few frames under a frame table, in which allocations can fail. */
#pragma once

#include "tests/unit/check.h"

#include "debug/panic.h"
#include "mm/heap.h"
#include "mm/page.h"

#ifndef FRAMES
#define FRAMES 2048u
#endif

uint32_t page_writes_watched;
uint8_t fake_ram[FRAMES][PAGE_BYTES] aligned(4096);
unsigned char fake_frame_table[FRAMES * sizeof(struct page)] aligned(16);

static bool used[FRAMES];
static unsigned int used_count, fail_in; /* fail_in: the allocation that fails, 0 none */

void panic(const char *format, ...)
{
    CHECK_FAIL("panic: %s", format);
    abort();
}

struct page *heap_alloc(unsigned int order, unsigned int addr_bits)
{
    CHECK_EQ(order, 0);
    (void)addr_bits;
    if (fail_in && --fail_in == 0)
        return NULL;
    for (unsigned int i = 1; i < FRAMES; i++)
        if (!used[i]) {
            used[i] = true;
            used_count++;
            memset(fake_ram[i], 0, PAGE_BYTES);
            return mfn_page(MFN(i));
        }
    return NULL;
}

void heap_free(struct page *pg, unsigned int order)
{
    uint64_t i = page_mfn(pg).n;

    CHECK_EQ(order, 0);
    CHECK(used[i]);
    used[i] = false;
    used_count--;
    memset(fake_ram[i], 0xcc, PAGE_BYTES); /* who still walks it will notice */
}

