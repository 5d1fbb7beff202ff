/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the configuration file.
 *
 * What is always true here: the file is only looked at, never changed; results are pieces of it.
 * Each query walks the whole file, which is a few lines long.
 */
#include "boot/common/config.h"

#include <string.h>

static int is_blank(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\r' || letter == 0;
}

static struct config_text trim(const char *text, size_t bytes)
{
    struct config_text piece;

    while (bytes && is_blank(*text))
        text++, bytes--;
    while (bytes && is_blank(text[bytes - 1]))
        bytes--;
    piece.text = text;
    piece.bytes = bytes;
    return piece;
}

int config_is(struct config_text piece, const char *text)
{
    return piece.text && piece.bytes == strlen(text) && memcmp(piece.text, text, piece.bytes) == 0;
}

static int same(struct config_text left, struct config_text right)
{
    return left.bytes == right.bytes && memcmp(left.text, right.text, left.bytes) == 0;
}

/* Cuts the next line off *file. */
static struct config_text line_next(struct config_text *file)
{
    const char *end = memchr(file->text, '\n', file->bytes);
    size_t bytes = end ? (size_t)(end - file->text) : file->bytes;
    struct config_text line = trim(file->text, bytes);

    file->text += bytes + (end != NULL);
    file->bytes -= bytes + (end != NULL);
    return line;
}

/* The value of item= in the sections of that name, or in the whole file when it has no name. */
static struct config_text section_get(struct config_text file, struct config_text section,
                                      const char *item)
{
    int inside = section.text == NULL;

    while (file.bytes) {
        struct config_text line = line_next(&file);
        const char *equals;

        if (line.bytes == 0 || line.text[0] == '#')
            continue;
        if (line.text[0] == '[') {
            const char *end = memchr(line.text, ']', line.bytes);
            size_t bytes = end ? (size_t)(end - line.text) : line.bytes;

            inside = !section.text || same(trim(line.text + 1, bytes - 1), section);
            continue;
        }
        equals = memchr(line.text, '=', line.bytes);
        if (!inside || !equals || !config_is(trim(line.text, (size_t)(equals - line.text)), item))
            continue;
        return trim(equals + 1, line.bytes - (size_t)(equals + 1 - line.text));
    }
    return (struct config_text){NULL, 0};
}

struct config_text config_get(struct config_text file, struct config_text section, const char *item)
{
    struct config_text value = section_get(file, section, item);

    if (!value.text && section.text)
        value = section_get(file, (struct config_text){"global", 6}, item);
    return value;
}

struct config_text config_word(struct config_text *rest)
{
    struct config_text word = trim(rest->text, rest->text ? rest->bytes : 0);
    size_t bytes = 0;

    while (bytes < word.bytes && !is_blank(word.text[bytes]))
        bytes++;
    if (!bytes)
        return *rest = (struct config_text){NULL, 0};
    *rest = trim(word.text + bytes, word.bytes - bytes);
    word.bytes = bytes;
    return word;
}

size_t config_name_shorten(const char *name, size_t bytes)
{
    while (bytes) {
        char letter = name[--bytes];

        if (letter == '.' || letter == '-' || letter == '_')
            return bytes;
    }
    return 0;
}
