/* SPDX-License-Identifier: BSD-2-Clause */
/* zendo.efi's configuration file and command line. */
/* sources: boot/common/config.c boot/efi/options.c */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "boot/common/config.h"
#include "boot/efi/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void inside(struct config_text all, struct config_text part)
{
    if (part.text && (part.text < all.text || part.bytes > all.bytes ||
                      (size_t)(part.text - all.text) > all.bytes - part.bytes))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *copy = malloc(bytes + !bytes);
    struct config_text all = {copy, bytes}, section, rest, none = {NULL, 0};
    struct options options;
    unsigned number[3];

    memcpy(copy, data, bytes);
    section = config_get(all, (struct config_text){"global", 6}, "default");
    inside(all, section);
    inside(all, config_get(all, section, "kernel"));
    inside(all, config_get(all, none, "options"));
    rest = config_get(all, section, "kernel");
    while (rest.text)
        inside(all, config_word(&rest));
    options_parse(all, (struct config_text){"zendo.efi", 9}, &options);
    inside(all, options.config);
    inside(all, options.section);
    inside(all, options.extra);
    options_video(options.section, number);
    while (bytes)
        bytes = config_name_shorten(copy, bytes);
    free(copy);
    return 0;
}
