/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/common/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

static void *map(int fd, size_t size, int prot)
{
    void *at = mmap(NULL, size, prot, MAP_SHARED, fd, 0);

    return at == MAP_FAILED ? NULL : at;
}

void *keep_open(const char *path, size_t size, uint64_t magic, uint32_t version)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct keep *k;

    if (fd < 0)
        return NULL;
    /* The descriptor stays open for as long as we live: the lock is its. */
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR)
            return NULL;
    if (ftruncate(fd, size) < 0 || !(k = map(fd, size, PROT_READ | PROT_WRITE)))
        return NULL;
    if (k->magic != magic || k->version != version) {
        memset(k, 0, size);
        k->version = version;
        k->magic = magic;
    }
    return k;
}

const void *keep_peek(const char *path, size_t size, uint64_t magic, uint32_t version)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const struct keep *k = NULL;

    if (fd < 0)
        return NULL;
    if (lseek(fd, 0, SEEK_END) == (off_t)size)
        k = map(fd, size, PROT_READ);
    close(fd);
    if (k && (k->magic != magic || k->version != version)) {
        keep_drop(k, size);
        k = NULL;
    }
    return k;
}

void keep_drop(const void *at, size_t size)
{
    munmap((void *)at, size);
}

void keep_print(FILE *out, const struct keep_counter *list, size_t count, const void *counters)
{
    for (size_t i = 0; i < count; i++)
        fprintf(out, " %s=%llu", list[i].name,
                (unsigned long long)*(const uint64_t *)((const char *)counters + list[i].offset));
}
