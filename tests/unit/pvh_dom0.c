/* SPDX-License-Identifier: BSD-2-Clause */
/* What a PVH dom0 is built from: the kernel's notes and the memory map it is given. */
/* sources: hypervisor/hvm/pvh_kernel.c hypervisor/hvm/pvh_map.c hypervisor/lib/elf.c */
/* sources: hypervisor/lib/sort.c */
#include "tests/unit/check.h"

#include <elf.h>

#include "hvm/pvh_kernel.h"
#include "hvm/pvh_map.h"
#include "lib/bits.h"

#include <xen/elfnote.h>
#include <xen/features.h>

/* ---- kernels ---- */

#define LOADS 2

struct file {
    Elf64_Ehdr header;
    Elf64_Phdr segments[LOADS + 1];
    struct note {
        Elf64_Nhdr header;
        char owner[4];
        uint32_t value;
    } entry, features;
    char text[64];
};

static struct file file;

static struct note note(uint32_t type, uint32_t value)
{
    return (struct note){{4, 4, type}, "Xen", value};
}

static void build(void)
{
    memset(&file, 0, sizeof(file));
    memcpy(file.header.e_ident, ELFMAG, SELFMAG);
    file.header.e_ident[EI_CLASS] = ELFCLASS64;
    file.header.e_ident[EI_DATA] = ELFDATA2LSB;
    file.header.e_ident[EI_VERSION] = EV_CURRENT;
    file.header.e_type = ET_EXEC;
    file.header.e_machine = EM_X86_64;
    file.header.e_phoff = offsetof(struct file, segments);
    file.header.e_phentsize = sizeof(Elf64_Phdr);
    file.header.e_phnum = LOADS + 1;
    file.segments[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                                    .p_offset = offsetof(struct file, text),
                                    .p_paddr = 0x1000000,
                                    .p_filesz = 64,
                                    .p_memsz = 0x100};
    file.segments[1] = file.segments[0];
    file.segments[1].p_paddr = 0x2000800;
    file.segments[1].p_memsz = 0x1000;
    file.segments[LOADS] = (Elf64_Phdr){.p_type = PT_NOTE,
                                        .p_offset = offsetof(struct file, entry),
                                        .p_filesz = 2 * sizeof(struct note),
                                        .p_memsz = 2 * sizeof(struct note)};
    file.entry = note(XEN_ELFNOTE_PHYS32_ENTRY, 0x1000010);
    file.features = note(XEN_ELFNOTE_SUPPORTED_FEATURES, 1u << XENFEAT_dom0);
}

static const char *read_file(struct pvh_kernel *k)
{
    return pvh_kernel_read(k, &file, sizeof(file));
}

TEST(a_kernel_is_read)
{
    struct pvh_kernel k;

    build();
    CHECK(!read_file(&k));
    CHECK_EQ(k.entry, 0x1000010);
    CHECK_EQ(k.first, 0x1000000);
    CHECK_EQ(k.end, 0x2002000);
}

TEST(what_is_no_pvh_dom0_is_refused)
{
    struct pvh_kernel k;

    build();
    file.entry.header.n_type = XEN_ELFNOTE_ENTRY;
    CHECK(read_file(&k));
    build();
    file.features.value = 0;
    CHECK(read_file(&k));
    build();
    file.entry.value = 0x3000000; /* entry outside */
    CHECK(read_file(&k));
    build();
    file.segments[0].p_paddr = 0x1000; /* among what firmware has */
    CHECK(read_file(&k));
    build();
    file.segments[1].p_paddr = 4 * GiB; /* out of reach of 32-bit code */
    CHECK(read_file(&k));
    build();
    file.segments[1].p_memsz = 4 * GiB;
    CHECK(read_file(&k));
    build();
    CHECK(pvh_kernel_read(&k, &file, sizeof(file.header)));
}

/* ---- memory maps ---- */

static struct pvh_map map;

static void machine(const struct pvh_run *runs, size_t count, const struct pvh_run *acpi)
{
    memset(&map, 0, sizeof(map));
    pvh_map_add(&map, 0, 0x9fc00, 1, runs, count, acpi);
    pvh_map_add(&map, 0x9fc00, 0x400, 2, runs, count, acpi);
    pvh_map_add(&map, 0xf0000, 0x10000, 2, runs, count, acpi);
    pvh_map_add(&map, MiB, 255 * MiB, 1, runs, count, acpi);
    pvh_map_add(&map, 256 * MiB, MiB, 4, runs, count, acpi);
    pvh_map_add(&map, 4 * GiB, GiB, 1, runs, count, acpi);
}

/* The type of @address in the map, 0 for a hole; checks that entries rise. */
static uint32_t type_at(uint64_t address)
{
    uint64_t last = 0;
    uint32_t type = 0;

    for (unsigned int i = 0; i < map.count; i++) {
        const struct hvm_memmap_table_entry *e = &map.entry[i];

        CHECK(e->addr >= last && e->size);
        last = e->addr + e->size;
        if (address >= e->addr && address < last)
            type = e->type;
    }
    return type;
}

TEST(memory_that_is_not_dom0s_is_reserved)
{
    struct pvh_run runs[] = {{0x8000, 0x1000}, {1, 0x80}, {0x4000, 0x4000}, {0x100000, 0x200}};
    const struct pvh_run acpi = {0x3ffe, 2};
    size_t count = pvh_runs_join(runs, ARRAY_SIZE(runs));

    CHECK_EQ(count, 3);
    CHECK_EQ(runs[1].first, 0x4000);
    CHECK_EQ(runs[1].count, 0x5000);
    machine(runs, count, &acpi);
    CHECK_EQ(type_at(0), 2);
    CHECK_EQ(type_at(0x1000), 1);
    CHECK_EQ(type_at(0x80fff), 1);
    CHECK_EQ(type_at(0x81000), 2);
    CHECK_EQ(type_at(0xa0000), 0);
    CHECK_EQ(type_at(MiB), 2);
    CHECK_EQ(type_at(0x3ffdfff), 2);
    CHECK_EQ(type_at(0x3ffe000), 3);
    CHECK_EQ(type_at(0x4000000), 1);
    CHECK_EQ(type_at(0x8ffffff), 1);
    CHECK_EQ(type_at(0x9000000), 2);
    CHECK_EQ(type_at(256 * MiB), 4);
    CHECK_EQ(type_at(4 * GiB), 1);
    CHECK_EQ(type_at(4 * GiB + 2 * MiB), 2);
    CHECK_EQ(type_at(5 * GiB), 0);
}

/* Whatever the pieces: as much RAM as dom0 has of the machine's, and none that it has not. */
TEST(random_pieces)
{
    for (int round = 0; round < 2000; round++) {
        struct pvh_run runs[24];
        bool inside = round & 1; /* the tables lie in what dom0 has */
        struct pvh_run acpi = {0xf000, 2};
        uint64_t at = 0x100, pages = 0, ram = 0;
        size_t count = 0, joined;

        while (count < ARRAY_SIZE(runs)) {
            uint64_t size = check_random_below(40) + 1;

            at += check_random_below(3);
            runs[count++] = (struct pvh_run){at, size};
            at += size;
            pages += size;
        }
        for (size_t i = 0; i < count; i++) {
            size_t other = check_random_below(count);
            struct pvh_run t = runs[i];

            runs[i] = runs[other];
            runs[other] = t;
        }
        joined = pvh_runs_join(runs, count);
        if (inside)
            acpi = (struct pvh_run){runs[0].first + runs[0].count - 1, 1};
        CHECK(joined && joined <= count);
        machine(runs, joined, &acpi);
        for (unsigned int i = 0; i < map.count; i++)
            ram += map.entry[i].type == 1 ? map.entry[i].size : 0;
        CHECK_EQ(ram, (pages - (inside ? acpi.count : 0)) << 12);
        CHECK_EQ(type_at(acpi.first << 12), 3);
        CHECK_EQ(type_at((runs[joined - 1].first + runs[joined - 1].count - 1) << 12),
                 inside && joined == 1 ? 3 : 1);
    }
}

TEST(too_many_pieces_are_counted)
{
    struct pvh_run runs[PVH_MAP_MAX];
    const struct pvh_run acpi = {0};

    for (unsigned int i = 0; i < PVH_MAP_MAX; i++)
        runs[i] = (struct pvh_run){0x200 + i * 2, 1};
    machine(runs, PVH_MAP_MAX, &acpi);
    CHECK(map.count > PVH_MAP_MAX);
}
