/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qcow2 and the other formats that QEMU knows: its qemu-storage-daemon shows the image as a file (a
 * FUSE export), which is then served like any other (disk_file.c).
 *
 * The daemon outlives the worker that started it, so that nothing it has not written yet is lost
 * with that; the next worker takes it over. The lock of disk_file.c holds here as well: what a dead
 * process began keeps its file open until the daemon has answered.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pv-drivers/backends/blkd/disk.h"
#include "pv-drivers/backends/blkd/target.h"
#include "pv-drivers/backends/blkd/worker.h"

#define TRIES 100 /* of a start, each of them a tenth of a second after the last */

extern char **environ;

static char mounted[128], pid_file[128];

/* The daemon's process, or 0 when none runs for this disk. */
static pid_t daemon_pid(void)
{
    FILE *f = fopen(pid_file, "re");
    char path[64], name[32] = "";
    int pid = 0;

    if (!f)
        return 0;
    if (fscanf(f, "%d", &pid) != 1)
        pid = 0;
    fclose(f);
    snprintf(path, sizeof(path), "/proc/%d/comm", pid);
    f = fopen(path, "re");
    if (!f)
        return 0;
    if (fscanf(f, "%31s", name) != 1 || strncmp(name, "qemu-storage", 12)) /* a number used again */
        pid = 0;
    fclose(f);
    return pid;
}

/* QEMU's options end at a comma, unless it stands twice. */
static void quote(char *to, size_t size, const char *text)
{
    size_t n = 0;

    for (; *text && n + 2 < size; text++) {
        to[n++] = *text;
        if (*text == ',')
            to[n++] = ',';
    }
    to[n] = 0;
}

static bool daemon_start(const struct target *t, bool read_only)
{
    char name[sizeof(t->where) * 2], file[sizeof(name) + 128], format[128], export[256];
    char *const args[] = {"qemu-storage-daemon", "--daemonize", "--pidfile", pid_file,
                          "--blockdev", file, "--blockdev", format, "--export", export, NULL};
    int status, fd;
    pid_t pid;

    quote(name, sizeof(name), t->where);
    snprintf(file, sizeof(file),
             "driver=file,node-name=file,discard=unmap,read-only=%s,filename=%s",
             read_only ? "on" : "off", name);
    snprintf(format, sizeof(format),
             "driver=%s,node-name=disk,file=file,discard=unmap,read-only=%s", t->format,
             read_only ? "on" : "off");
    snprintf(export, sizeof(export),
             "fuse,id=disk,node-name=disk,mountpoint=%s,writable=%s,allow-other=off", mounted,
             read_only ? "off" : "on");
    umount2(mounted, MNT_DETACH); /* of one that was killed */
    fd = open(mounted, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    close(fd);
    return !posix_spawnp(&pid, args[0], NULL, NULL, args, environ) &&
           waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

static void (*close_file)(struct disk *disk);

/* The last one out: the guest has no such disk any more. */
static void close_image(struct disk *disk)
{
    pid_t pid = daemon_pid();

    close_file(disk);
    if (pid)
        kill(pid, SIGTERM);
    for (int i = 0; i < TRIES && daemon_pid(); i++)
        usleep(100000);
    unlink(mounted);
    unlink(pid_file);
}

struct disk *disk_image_open(struct loop *loop, const struct target *target, bool read_only,
                             const char *name, const char **why)
{
    struct target file = *target;
    struct disk *disk;

    snprintf(mounted, sizeof(mounted), RUN_DIRECTORY "/%s.disk", name);
    snprintf(pid_file, sizeof(pid_file), RUN_DIRECTORY "/%s.pid", name);
    *why = "qemu-storage-daemon does not open the image";
    if (access(target->where, R_OK)) {
        *why = "no such file";
        return NULL;
    }
    for (int i = 0; !daemon_pid() && !daemon_start(target, read_only); i++) {
        if (i == TRIES)
            return NULL;
        usleep(100000); /* (one that ends still has the image) */
    }
    strcpy(file.where, mounted);
    disk = disk_file_open(loop, &file, read_only, why);
    if (!disk)
        return NULL;
    disk->local_path = NULL;
    close_file = disk->close;
    disk->close = close_image;
    return disk;
}
