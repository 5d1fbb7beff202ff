/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory maps from hostile firmware: the list stays sorted, whole and within its array. */
/* sources: boot/common/memmap.c */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "boot/common/memmap.h"

#define ROOM 24

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct boot_range storage[ROOM];
    struct memmap map;
    size_t i;

    memmap_init(&map, storage, ROOM);
    for (; bytes >= 18; bytes -= 18, data += 18) {
        uint64_t base, length, taken;

        memcpy(&base, data + 2, 8);
        memcpy(&length, data + 10, 8);
        switch (data[0] % 4) {
        case 0:
            memmap_add(&map, base, length, data[1] % 8, data[1] / 32);
            break;
        case 1:
            memmap_mark(&map, base, length, data[1] % 7);
            break;
        case 2:
            memmap_release(&map, base, length, data[1] % 7);
            break;
        default:
            taken = memmap_take(&map, length, 0x1000ULL << data[1] % 10, base, 1);
            if (taken && (taken < MEMMAP_LOW_END || taken + length > base))
                abort();
            break;
        }
        for (i = 0; i < map.count; i++)
            if (!storage[i].bytes || storage[i].base + storage[i].bytes < storage[i].base ||
                (i && storage[i - 1].base + storage[i - 1].bytes > storage[i].base))
                abort();
    }
    return 0;
}
