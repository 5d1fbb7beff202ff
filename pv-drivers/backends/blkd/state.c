/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/blkd/state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIELD(name) {#name, offsetof(struct state_counters, name)}
const struct state_field state_fields[] = {
    FIELD(reads),        FIELD(read_sectors),  FIELD(writes),       FIELD(write_sectors),
    FIELD(flushes),      FIELD(barriers),      FIELD(discards),     FIELD(discard_sectors),
    FIELD(errors),       FIELD(refused),       FIELD(batches),      FIELD(notifications),
    FIELD(copied_pages), FIELD(mapped_grants), FIELD(recoveries),   FIELD(recovered_requests),
    FIELD(limited),      FIELD(inflight),      FIELD(max_inflight),
};
const unsigned int state_field_count = sizeof(state_fields) / sizeof(state_fields[0]);

_Static_assert(sizeof(state_fields) / sizeof(state_fields[0]) ==
                   sizeof(struct state_counters) / sizeof(uint64_t), "every counter has its name");

static void *map(int fd, int prot)
{
    void *at = mmap(NULL, sizeof(struct state), prot, MAP_SHARED, fd, 0);

    return at == MAP_FAILED ? NULL : at;
}

struct state *state_open(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct state *s;

    if (fd < 0)
        return NULL;
    /* The descriptor stays open for as long as we live: the lock is its. */
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR)
            return NULL;
    if (ftruncate(fd, sizeof(*s)) < 0 || !(s = map(fd, PROT_READ | PROT_WRITE)))
        return NULL;
    if (s->magic != STATE_MAGIC || s->version != STATE_VERSION) {
        memset(s, 0, sizeof(*s));
        s->version = STATE_VERSION;
        s->magic = STATE_MAGIC;
    }
    return s;
}

const struct state *state_peek(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const struct state *s = NULL;

    if (fd < 0)
        return NULL;
    if (lseek(fd, 0, SEEK_END) == (off_t)sizeof(*s))
        s = map(fd, PROT_READ);
    close(fd);
    return s && s->magic == STATE_MAGIC && s->version == STATE_VERSION ? s : NULL;
}
