/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration file that xen.efi reads too (xen-doc: misc/efi). */
#pragma once

#include <stddef.h>

/* A piece of text inside something else; text == NULL means absent. */
struct config_text {
    const char *text;
    size_t bytes;
};

/*
 * The value of `item=` in [section], else in [global]. Without a section name (text == NULL)
 * section headers do not matter and the first instance in the file counts. Blanks around names and
 * values are dropped; lines that start with '#' are comments. Returns text == NULL when absent.
 */
struct config_text config_get(struct config_text file, struct config_text section,
                              const char *item);

/* Cuts the first blank-separated word off *rest and returns it; text == NULL when none is left. */
struct config_text config_word(struct config_text *rest);

/* Nonzero when the piece reads exactly so. */
int config_is(struct config_text piece, const char *text);

/*
 * A file name is to be looked for as NAME.cfg with ever shorter names: cuts the length of a name
 * without its suffix at the last '.', '-' or '_'. Returns the shorter length, 0 when none is left.
 */
size_t config_name_shorten(const char *name, size_t bytes);
