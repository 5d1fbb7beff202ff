/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zendo-blkd: watches for disks that xl.cfg gives to it (script=block-zendo) and keeps a worker, a
 * process of its own, for each. A worker that dies is started again and goes on where it was. See
 * zendo-blkd(8).
 */
#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pv-drivers/backends/blkd/worker.h"

/* A device we have seen. `pid` is 0 when no worker runs; `ended`: it needs none until it is a
 * new one. */
struct child {
    char *path;
    pid_t pid;
    bool ended, seen;
    time_t not_before; /* of the next start */
    struct child *next;
};

static struct child *children;
static struct xs_handle *xs;
static char *base; /* /local/domain/N/backend/vbd */
static sigset_t signals;

static void worker_start(struct child *c)
{
    pid_t self = getpid(), pid = fork();

    if (pid < 0) {
        fprintf(stderr, "%s: no worker: %s\n", c->path, strerror(errno));
        c->not_before = time(NULL) + 1;
        return;
    }
    c->pid = pid;
    if (pid)
        return;
    /* Without us nobody would start it again: let it finish what it has in hand and go. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
    signal(SIGUSR1, SIG_IGN);
    if (getppid() != self)
        _exit(WORKER_AGAIN);
    close_range(3, ~0u, 0);
    execl("/proc/self/exe", "zendo-blkd", "--device", c->path, (char *)NULL);
    _exit(WORKER_AGAIN);
}

static struct child *child_of(const char *path)
{
    struct child *c;

    for (c = children; c; c = c->next)
        if (!strcmp(c->path, path))
            return c;
    c = calloc(1, sizeof(*c));
    if (!c || !(c->path = strdup(path))) {
        free(c);
        return NULL;
    }
    c->next = children;
    children = c;
    return c;
}

/* One device's directory: is it ours, and what does it need? True: a start, but not yet. */
static bool look_at(const char *path)
{
    char *script = store_read(xs, path, "script");
    const char *name = script ? strrchr(script, '/') : NULL;
    unsigned int state, online;
    struct child *c;
    bool again = false;

    if (name && !strcmp(name + 1, SCRIPT_NAME) && (c = child_of(path)) &&
        store_number(xs, &state, XenbusStateReconfigured, -1, path, "state") &&
        store_number(xs, &online, 1, 0, path, "online")) {
        c->seen = true;
        if (c->ended && state == XenbusStateInitialising)
            c->ended = false; /* another device in the same place */
        if (state == XenbusStateClosed && !online)
            c->ended = true;
        if (c->ended && !c->pid &&
            state == XenbusStateClosing) /* one that could not be served goes */
            store_change(xs, path, "state", XenbusStateClosed);
        again = !c->pid && !c->ended && time(NULL) < c->not_before;
        if (!c->pid && !c->ended && !again) {
            worker_start(c);
            again = !c->pid;
        }
    }
    free(script);
    return again;
}

/* All devices. True: one could not be started yet, look again. */
static bool scan(void)
{
    bool again = false;
    unsigned int domains = 0, devices = 0;
    char **domain = xs_directory(xs, XBT_NULL, base, &domains), **device;
    char path[XENSTORE_ABS_PATH_MAX];
    struct child **at, *c;

    for (c = children; c; c = c->next)
        c->seen = false;
    for (unsigned int i = 0; domain && i < domains; i++) {
        snprintf(path, sizeof(path), "%s/%s", base, domain[i]);
        device = xs_directory(xs, XBT_NULL, path, &devices);
        for (unsigned int j = 0; device && j < devices; j++) {
            snprintf(path, sizeof(path), "%s/%s/%s", base, domain[i], device[j]);
            again |= look_at(path);
        }
        free(device);
    }
    free(domain);
    for (at = &children; (c = *at);) {
        if (c->seen || c->pid) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        free(c->path);
        free(c);
    }
    return again;
}

/* True: somebody ended. */
static bool reap(void)
{
    bool any = false;
    struct child *c;
    pid_t pid;
    int status;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (c = children; c; c = c->next)
            if (c->pid == pid) {
                c->pid = 0;
                any = true;
                c->ended = WIFEXITED(status) && WEXITSTATUS(status) != WORKER_AGAIN;
                c->not_before = time(NULL) + 1; /* whatever kills it may kill it again */
                if (!c->ended)
                    fprintf(stderr, "%s: its worker ended with %d, again\n", c->path, status);
            }
    return any;
}

static int stats(FILE *out)
{
    glob_t found;

    if (glob(RUN_DIRECTORY "/*.state", 0, NULL, &found))
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const struct state *s = state_peek(found.gl_pathv[i]);
        const char *name = strrchr(found.gl_pathv[i], '/') + 1;

        if (!s)
            continue;
        fprintf(out, "%.*s connected=%u rings=%u", (int)(strlen(name) - strlen(".state")), name,
                s->connected, s->connected ? s->queues : 0);
        for (unsigned int f = 0; f < state_field_count; f++)
            fprintf(out, " %s=%llu", state_fields[f].name,
                    (unsigned long long)state_counter(&s->counters, f));
        fprintf(out, "\n");
    }
    globfree(&found);
    return 0;
}

/* For the hotplug script: until a worker has the device, or says why not. */
static int wait_for(const char *path)
{
    char *status, *why, token[] = "wait";
    unsigned int count;
    int result = -1;

    if (!(xs = xs_open(0)) || !xs_watch(xs, path, token))
        return 1;
    for (unsigned int i = 0; result < 0 && i < 1000; i++) {
        struct pollfd fd = {.fd = xs_fileno(xs), .events = POLLIN};

        status = store_read(xs, path, "hotplug-status");
        if (status)
            result = strcmp(status, "connected") ? 1 : 0;
        free(status);
        if (result < 0 && poll(&fd, 1, 30000) <= 0)
            break;
        if (result < 0)
            free(xs_read_watch(xs, &count));
    }
    if (result > 0 && (why = store_read(xs, path, "hotplug-error")))
        fprintf(stderr, "zendo-blkd: %s\n", why);
    if (result < 0)
        fprintf(stderr, "zendo-blkd does not answer: does it run?\n");
    return result ? 1 : 0;
}

/* The signals that came. True: end. */
static bool signalled(int fd)
{
    struct signalfd_siginfo info;
    bool end = false;

    while (read(fd, &info, sizeof(info)) == sizeof(info)) {
        end |= info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT;
        if (info.ssi_signo == SIGUSR1)
            stats(stderr);
    }
    return end;
}

static void end_all(void)
{
    for (struct child *c = children; c; c = c->next)
        if (c->pid)
            kill(c->pid, SIGTERM);
    while (wait(NULL) > 0 || errno == EINTR)
        ;
}

static int serve(void)
{
    char token[] = "devices", *self;
    struct pollfd fds[2] = {{.events = POLLIN}, {.events = POLLIN}};

    mkdir(RUN_DIRECTORY, 0700);
    xs = xs_open(0);
    self = xs ? xs_read(xs, XBT_NULL, "domid", NULL) : NULL;
    if (!self || asprintf(&base, "/local/domain/%s/backend/vbd", self) < 0 ||
        !xs_watch(xs, base, token)) {
        fprintf(stderr, "zendo-blkd: no xenstore\n");
        return 1;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGUSR1);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    fds[0].fd = xs_fileno(xs);
    fds[1].fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    for (bool again = true;;) {
        char **event;

        /* (a worker that died may have to wait a second for its next start) */
        poll(fds, 2, 1000);
        while ((event = xs_check_watch(xs))) {
            free(event);
            again = true;
        }
        if (signalled(fds[1].fd))
            break;
        again |= reap();
        if (again)
            again = scan();
    }
    end_all();
    return 0;
}

int main(int argc, char **argv)
{
    setvbuf(stderr, NULL, _IOLBF, 0);
    if (argc == 1)
        return serve();
    if (argc == 3 && !strcmp(argv[1], "--device"))
        return worker_run(argv[2]);
    if (argc == 3 && !strcmp(argv[1], "--wait"))
        return wait_for(argv[2]);
    if (argc == 2 && !strcmp(argv[1], "--stats"))
        return stats(stdout);
    fprintf(stderr,
            "usage: zendo-blkd [--stats]\n"
            "Serves guests' disks with script=" SCRIPT_NAME " in xl.cfg; see zendo-blkd(8).\n");
    return argc == 2 && !strcmp(argv[1], "--help") ? 0 : 2;
}
