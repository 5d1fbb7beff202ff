/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/blkd/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const formats[] = {"raw", "qcow2", "vpc", "vhdx", "vmdk", "qed"};

static bool number(const char *text, uint64_t most, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno && *value <= most;
}

static bool option(struct target *t, const char *text)
{
    uint64_t value;
    const char *is = strchr(text, '=');

    /* (limits up to where a second's worth in billionths is still a 63-bit number) */
    if (!is || !number(is + 1, 1000000, &value))
        return false;
    if (!strncmp(text, "iops=", 5))
        t->iops = value;
    else if (!strncmp(text, "mbps=", 5) && value <= 8192)
        t->bytes = value << 20;
    else if (!strncmp(text, "persistent=", 11) && value <= 1)
        t->persistent = value;
    else
        return false;
    return true;
}

bool target_parse(struct target *t, const char *text, const char **why)
{
    const char *colon = strchr(text, ':'), *where = text;
    char head[128] = "raw", *word, *rest = head;
    bool known = false;

    *t = (struct target){.persistent = true};
    if (text[0] != '/') {
        if (!colon || (size_t)(colon - text) >= sizeof(head)) {
            *why = "target is neither a path nor FORMAT[,OPTION...]:WHERE";
            return false;
        }
        memcpy(head, text, colon - text);
        head[colon - text] = 0;
        where = colon + 1;
    }
    word = strsep(&rest, ",");
    for (unsigned int i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        known |= !strcmp(word, formats[i]);
    if (!known || !*where || strlen(where) >= sizeof(t->where)) {
        *why = "no such format, or nothing behind it";
        return false;
    }
    strcpy(t->format, word);
    strcpy(t->where, where);
    while ((word = strsep(&rest, ",")))
        if (!option(t, word)) {
            *why = "no such option, or not with such a value";
            return false;
        }
    return true;
}
