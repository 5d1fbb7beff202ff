/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bounds-checked view of a 64-bit ELF file in memory: segments, notes and symbols. The file is
 * not trusted: every offset, count and size is checked against the buffer when it is used, and
 * nothing is written. Layouts and names: System V ABI (gABI) chapters 4 and 5, ELF-64 Object File
 * Format 1.5.
 */
#pragma once

#include "lib/types.h"

struct elf_view {
    const uint8_t *file;
    size_t bytes;
    uint64_t entry; /* e_entry */
    uint64_t segments_at, sections_at;
    uint32_t segment_count, section_count;
};

/* Why elf_open said no. */
enum elf_fault {
    ELF_OK,
    ELF_TOO_SHORT,
    ELF_NO_MAGIC,
    ELF_NOT_64_BIT,
    ELF_NOT_LITTLE_ENDIAN,
    ELF_BAD_VERSION,
    ELF_NOT_LOADABLE,
    ELF_NOT_X86_64,
    ELF_NO_SEGMENTS,
    ELF_BAD_SEGMENT_TABLE,
    ELF_BAD_SEGMENT,
};

/*
 * Checks the header and every program header: its file range lies in the buffer, memory size >=
 * file size for LOAD, no address range wraps. Sections are optional: a bad section table leaves
 * section_count 0 and only costs the symbols.
 */
enum elf_fault must_check elf_open(struct elf_view *view, const void *file, size_t bytes);

/* The reason in words, for "kernel X: REASON". */
const char *elf_fault_text(enum elf_fault fault);

#define ELF_SEGMENT_LOAD 1U /* PT_LOAD */
#define ELF_SEGMENT_NOTE 4U /* PT_NOTE */

struct elf_segment {
    uint32_t type;            /* PT_* */
    bool readable, writable, executable;
    const uint8_t *data;      /* in the buffer */
    uint64_t file_bytes;      /* from data; the rest up to memory_bytes is zero */
    uint64_t memory_bytes;
    uint64_t virtual_address; /* p_vaddr */
    uint64_t load_address;    /* p_paddr */
};

/* Segment number `index` (< segment_count) of an opened view. */
void elf_segment(const struct elf_view *view, uint32_t index, struct elf_segment *segment);

/* The next segment of a type: start with *cursor = 0; false when there are no more. */
bool elf_next_segment(const struct elf_view *view, uint32_t type, uint32_t *cursor,
                      struct elf_segment *segment);

struct elf_note {
    const uint8_t *data;
    uint32_t bytes;
};

/* The first note of an owner (its name without the terminator, as "Xen") and type. */
bool elf_find_note(const struct elf_view *view, const char *owner, uint32_t type,
                   struct elf_note *note);

/* The note's 4 or 8 bytes as a number; false when it has another size. */
bool elf_note_number(const struct elf_note *note, uint64_t *value);

/* The note as a string; NULL when it is not terminated. */
const char *elf_note_string(const struct elf_note *note);

#define ELF_SYMBOL_BYTES 24 /* sizeof(Elf64_Sym) */

struct elf_symbols {
    const uint8_t *table; /* Elf64_Sym, unaligned */
    uint64_t count;
    const char *names;
    uint64_t names_bytes; /* > 0 and the last byte is 0 */
};

/* Finds the symbol table and its names; false when the file has none that fit the buffer. */
bool elf_find_symbols(const struct elf_view *view, struct elf_symbols *symbols);

/*
 * The function or label with the highest address at or below `address`, its name in the buffer and
 * its distance in *offset; NULL when there is none, or when the symbol found has a size and
 * `address` lies behind its end. Linear in the number of symbols.
 */
const char *elf_symbol_at(const struct elf_symbols *symbols, uint64_t address, uint64_t *offset);

/* The value of the symbol of that name; false when there is none. Linear. */
bool elf_symbol_value(const struct elf_symbols *symbols, const char *name, uint64_t *value);
