/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounds-checked view of a 64-bit ELF file. */
#include "lib/elf.h"

#include "lib/string.h"

/* ELF-64 Object File Format 1.5, figures 2, 3, 5 and 6. Copied out of the file before use: tables
 * may stand at odd addresses. */
struct file_header {
    uint8_t magic[4], class, data, version, os_abi, abi_version, pad[7];
    uint16_t type, machine;
    uint32_t object_version;
    uint64_t entry, segments_at, sections_at;
    uint32_t flags;
    uint16_t header_bytes, segment_bytes, segment_count;
    uint16_t section_bytes, section_count, names_section;
};
static_assert(sizeof(struct file_header) == 64, "Elf64_Ehdr");

struct segment_header {
    uint32_t type, flags;
    uint64_t offset, virtual_address, physical_address, file_bytes, memory_bytes, align;
};
static_assert(sizeof(struct segment_header) == 56, "Elf64_Phdr");

struct section_header {
    uint32_t name, type;
    uint64_t flags, address, offset, bytes;
    uint32_t link, info;
    uint64_t align, entry_bytes;
};
static_assert(sizeof(struct section_header) == 64, "Elf64_Shdr");

struct symbol {
    uint32_t name;
    uint8_t info, other;
    uint16_t section;
    uint64_t value, size;
};
static_assert(sizeof(struct symbol) == 24, "Elf64_Sym");

enum { CLASS_64 = 2, DATA_LITTLE = 1, VERSION_CURRENT = 1 };
enum { TYPE_EXEC = 2, TYPE_DYN = 3, MACHINE_X86_64 = 62 };
enum { FLAG_EXECUTE = 1, FLAG_WRITE = 2, FLAG_READ = 4 };
enum { SECTION_SYMTAB = 2, SECTION_STRTAB = 3 };
enum { SYMBOL_NOTYPE = 0, SYMBOL_FUNC = 2, SYMBOL_UNDEFINED_SECTION = 0 };

/* Does [offset, offset + bytes) lie in a buffer of `size` bytes? */
static bool fits(uint64_t offset, uint64_t bytes, uint64_t size)
{
    return offset <= size && bytes <= size - offset;
}

static void read_segment(const struct elf_view *view, uint32_t index, struct segment_header *header)
{
    memcpy(header, view->file + view->segments_at + (uint64_t)index * sizeof(*header),
           sizeof(*header));
}

static void read_section(const struct elf_view *view, uint32_t index, struct section_header *header)
{
    memcpy(header, view->file + view->sections_at + (uint64_t)index * sizeof(*header),
           sizeof(*header));
}

static enum elf_fault check_header(const struct file_header *header)
{
    if (memcmp(header->magic, "\177ELF", 4))
        return ELF_NO_MAGIC;
    if (header->class != CLASS_64)
        return ELF_NOT_64_BIT;
    if (header->data != DATA_LITTLE)
        return ELF_NOT_LITTLE_ENDIAN;
    if (header->version != VERSION_CURRENT)
        return ELF_BAD_VERSION;
    if (header->type != TYPE_EXEC && header->type != TYPE_DYN)
        return ELF_NOT_LOADABLE;
    if (header->machine != MACHINE_X86_64)
        return ELF_NOT_X86_64;
    if (header->segment_count == 0)
        return ELF_NO_SEGMENTS;
    if (header->segment_bytes != sizeof(struct segment_header))
        return ELF_BAD_SEGMENT_TABLE;
    return ELF_OK;
}

static bool segment_is_good(const struct elf_view *view, const struct segment_header *header)
{
    uint64_t end;

    if (!fits(header->offset, header->file_bytes, view->bytes))
        return false;
    if (header->type != ELF_SEGMENT_LOAD)
        return true;
    return header->memory_bytes >= header->file_bytes &&
           !__builtin_add_overflow(header->virtual_address, header->memory_bytes, &end) &&
           !__builtin_add_overflow(header->physical_address, header->memory_bytes, &end);
}

enum elf_fault elf_open(struct elf_view *view, const void *file, size_t bytes)
{
    struct file_header header;
    enum elf_fault fault;

    *view = (struct elf_view){.file = file, .bytes = bytes};
    if (bytes < sizeof(header))
        return ELF_TOO_SHORT;
    memcpy(&header, file, sizeof(header));
    fault = check_header(&header);
    if (fault != ELF_OK)
        return fault;
    if (!fits(header.segments_at, (uint64_t)header.segment_count * sizeof(struct segment_header),
              bytes))
        return ELF_BAD_SEGMENT_TABLE;

    view->entry = header.entry;
    view->segments_at = header.segments_at;
    view->segment_count = header.segment_count;
    for (uint32_t i = 0; i < view->segment_count; i++) {
        struct segment_header segment;

        read_segment(view, i, &segment);
        if (!segment_is_good(view, &segment))
            return ELF_BAD_SEGMENT;
    }

    if (header.section_bytes == sizeof(struct section_header) &&
        fits(header.sections_at, (uint64_t)header.section_count * sizeof(struct section_header),
             bytes)) {
        view->sections_at = header.sections_at;
        view->section_count = header.section_count;
    }
    return ELF_OK;
}

const char *elf_fault_text(enum elf_fault fault)
{
    switch (fault) {
    case ELF_OK:
        return "good";
    case ELF_TOO_SHORT:
        return "too short for an ELF header";
    case ELF_NO_MAGIC:
        return "not an ELF file";
    case ELF_NOT_64_BIT:
        return "not a 64-bit ELF file";
    case ELF_NOT_LITTLE_ENDIAN:
        return "not a little-endian ELF file";
    case ELF_BAD_VERSION:
        return "unknown ELF version";
    case ELF_NOT_LOADABLE:
        return "neither an executable nor a shared object";
    case ELF_NOT_X86_64:
        return "not for x86-64";
    case ELF_NO_SEGMENTS:
        return "no program headers";
    case ELF_BAD_SEGMENT_TABLE:
        return "program headers lie outside the file";
    case ELF_BAD_SEGMENT:
        return "a segment lies outside the file or wraps around the address space";
    }
    return "unknown fault";
}

void elf_segment(const struct elf_view *view, uint32_t index, struct elf_segment *segment)
{
    struct segment_header header;

    read_segment(view, index, &header);
    *segment = (struct elf_segment){
        .type = header.type,
        .readable = header.flags & FLAG_READ,
        .writable = header.flags & FLAG_WRITE,
        .executable = header.flags & FLAG_EXECUTE,
        .data = view->file + header.offset,
        .file_bytes = header.file_bytes,
        .memory_bytes = header.memory_bytes,
        .virtual_address = header.virtual_address,
        .load_address = header.physical_address,
    };
}

bool elf_next_segment(const struct elf_view *view, uint32_t type, uint32_t *cursor,
                      struct elf_segment *segment)
{
    while (*cursor < view->segment_count) {
        elf_segment(view, (*cursor)++, segment);
        if (segment->type == type)
            return true;
    }
    return false;
}

/* A note as it stands in its segment: this header, the owner's name, the data, each padded to 4. */
struct note_header {
    uint32_t name_bytes, data_bytes, type;
};

struct note_wanted {
    const char *owner;
    uint32_t type;
};

static bool find_in_segment(const struct elf_segment *segment, const struct note_wanted *wanted,
                            struct elf_note *note)
{
    uint64_t owner_bytes = strlen(wanted->owner) + 1, at = 0;
    struct note_header header;

    while (fits(at, sizeof(header), segment->file_bytes)) {
        uint64_t name_at = at + sizeof(header), data_at;

        memcpy(&header, segment->data + at, sizeof(header));
        data_at = name_at + ROUND_UP((uint64_t)header.name_bytes, 4);
        if (!fits(name_at, header.name_bytes, segment->file_bytes) ||
            !fits(data_at, header.data_bytes, segment->file_bytes))
            return false;
        if (header.type == wanted->type && header.name_bytes == owner_bytes &&
            !memcmp(segment->data + name_at, wanted->owner, owner_bytes)) {
            *note = (struct elf_note){segment->data + data_at, header.data_bytes};
            return true;
        }
        at = data_at + ROUND_UP((uint64_t)header.data_bytes, 4);
    }
    return false;
}

bool elf_find_note(const struct elf_view *view, const char *owner, uint32_t type,
                   struct elf_note *note)
{
    const struct note_wanted wanted = {owner, type};
    struct elf_segment segment;
    uint32_t cursor = 0;

    while (elf_next_segment(view, ELF_SEGMENT_NOTE, &cursor, &segment))
        if (find_in_segment(&segment, &wanted, note))
            return true;
    return false;
}

bool elf_note_number(const struct elf_note *note, uint64_t *value)
{
    *value = 0;
    if (note->bytes != 4 && note->bytes != 8)
        return false;
    memcpy(value, note->data, note->bytes);
    return true;
}

const char *elf_note_string(const struct elf_note *note)
{
    const char *text = (const char *)note->data;

    return strnlen(text, note->bytes) < note->bytes ? text : NULL;
}

bool elf_find_symbols(const struct elf_view *view, struct elf_symbols *symbols)
{
    for (uint32_t i = 0; i < view->section_count; i++) {
        struct section_header table, names;

        read_section(view, i, &table);
        if (table.type != SECTION_SYMTAB || table.entry_bytes != sizeof(struct symbol) ||
            table.link >= view->section_count || !fits(table.offset, table.bytes, view->bytes))
            continue;
        read_section(view, table.link, &names);
        if (names.type != SECTION_STRTAB || names.bytes == 0 ||
            !fits(names.offset, names.bytes, view->bytes) ||
            view->file[names.offset + names.bytes - 1] != 0)
            continue;
        *symbols = (struct elf_symbols){
            .table = view->file + table.offset,
            .count = table.bytes / sizeof(struct symbol),
            .names = (const char *)view->file + names.offset,
            .names_bytes = names.bytes,
        };
        return true;
    }
    return false;
}

static void read_symbol(const struct elf_symbols *symbols, uint64_t index, struct symbol *symbol)
{
    memcpy(symbol, symbols->table + index * sizeof(*symbol), sizeof(*symbol));
}

/* A defined symbol whose name lies in the names and says something. */
static bool symbol_is_named(const struct elf_symbols *symbols, const struct symbol *symbol)
{
    return symbol->section != SYMBOL_UNDEFINED_SECTION && symbol->name < symbols->names_bytes &&
           symbols->names[symbol->name];
}

const char *elf_symbol_at(const struct elf_symbols *symbols, uint64_t address, uint64_t *offset)
{
    struct symbol best = {0}, symbol;
    bool found = false;

    for (uint64_t i = 0; i < symbols->count; i++) {
        unsigned int type;

        read_symbol(symbols, i, &symbol);
        type = symbol.info & 0xf;
        if ((type != SYMBOL_FUNC && type != SYMBOL_NOTYPE) || symbol.value > address ||
            !symbol_is_named(symbols, &symbol))
            continue;
        /* Of several names for one address a function's is the better one. */
        if (!found || symbol.value > best.value ||
            (symbol.value == best.value && type == SYMBOL_FUNC && (best.info & 0xf) != type)) {
            best = symbol;
            found = true;
        }
    }
    if (!found || (best.size && address - best.value >= best.size))
        return NULL;
    *offset = address - best.value;
    return symbols->names + best.name;
}

bool elf_symbol_value(const struct elf_symbols *symbols, const char *name, uint64_t *value)
{
    struct symbol symbol;

    for (uint64_t i = 0; i < symbols->count; i++) {
        read_symbol(symbols, i, &symbol);
        if (symbol_is_named(symbols, &symbol) && !strcmp(symbols->names + symbol.name, name)) {
            *value = symbol.value;
            return true;
        }
    }
    return false;
}
