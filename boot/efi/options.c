/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking the command line apart.
 *
 * What is always true here: the line is plain text (the caller has replaced what is not ASCII), and
 * nothing in it can fail: what is not understood is named in `unknown` for the caller to report.
 */
#include "boot/efi/options.h"

#include <string.h>

#define VIDEO_MOST 99999U

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter + 32) : letter;
}

static int same_name(struct config_text left, const char *right, size_t bytes)
{
    size_t i;

    if (left.bytes != bytes)
        return 0;
    for (i = 0; i < bytes; i++)
        if (lower(left.text[i]) != lower(right[i]))
            return 0;
    return 1;
}

/* The word is the program: its file name with or without folder and suffix. */
static int is_program(struct config_text word, struct config_text self)
{
    static const char suffix[] = ".efi";
    size_t tail = sizeof suffix - 1, i;

    for (i = word.bytes; i > 0; i--)
        if (word.text[i - 1] == '\\' || word.text[i - 1] == '/' || word.text[i - 1] == ':')
            break;
    word.text += i;
    word.bytes -= i;
    if (word.bytes > tail &&
        same_name((struct config_text){word.text + word.bytes - tail, tail}, suffix, tail))
        return 1;
    if (!self.text)
        return 0;
    return same_name(word, self.text, self.bytes) ||
           (self.bytes > tail && same_name(word, self.text, self.bytes - tail));
}

static void option_take(struct config_text word, struct options *options)
{
    static const char config[] = "cfg=";
    struct config_text name = {word.text + 1, word.bytes - 1};

    if (name.bytes >= sizeof config - 1 && memcmp(name.text, config, sizeof config - 1) == 0) {
        options->config.text = name.text + (sizeof config - 1);
        options->config.bytes = name.bytes - (sizeof config - 1);
    } else if (config_is(name, "basevideo")) {
        options->base_video = 1;
    } else if (config_is(name, "help") || config_is(name, "h") || config_is(name, "?")) {
        options->help = 1;
    } else if (!options->unknown.text) {
        options->unknown = word;
    }
}

void options_parse(struct config_text line, struct config_text self, struct options *options)
{
    struct config_text word;
    int first = 1;

    memset(options, 0, sizeof *options);
    for (; (word = config_word(&line)).text; first = 0) {
        if (first && is_program(word, self))
            continue;
        if (config_is(word, "--")) {
            if (line.bytes)
                options->extra = line;
            return;
        }
        if (word.text[0] == '-' || word.text[0] == '/')
            option_take(word, options);
        else if (!options->section.text)
            options->section = word;
    }
}

int options_video(struct config_text text, unsigned number[3])
{
    static const char start[] = "gfx-";
    size_t at = sizeof start - 1;
    unsigned i;

    number[0] = number[1] = number[2] = 0;
    if (!text.text || text.bytes <= at || memcmp(text.text, start, at))
        return -1;
    for (i = 0; i < 3; i++) {
        size_t digits = 0;

        for (; at < text.bytes && text.text[at] >= '0' && text.text[at] <= '9'; at++, digits++) {
            number[i] = number[i] * 10 + (unsigned)(text.text[at] - '0');
            if (number[i] > VIDEO_MOST)
                return -1;
        }
        if (!digits)
            return -1;
        if (at == text.bytes)
            return 0;
        if (text.text[at++] != 'x')
            return -1;
    }
    return -1;
}
