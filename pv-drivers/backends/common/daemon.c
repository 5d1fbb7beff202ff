/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A back end's program: watches for devices that xl.cfg gives to it by their hotplug script, and
 * keeps a worker, a process of its own, for each. A worker that dies is started again and goes on
 * where it was.
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

#include "pv-drivers/backends/common/device.h"

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
static const struct device_kind *kind;
static char *base; /* /local/domain/N/backend/CLASS */
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
        _exit(DEVICE_AGAIN);
    close_range(3, ~0u, 0);
    execl("/proc/self/exe", kind->program, "--device", c->path, (char *)NULL);
    _exit(DEVICE_AGAIN);
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

/* Is this our hotplug script? Its name may go on after a dash: one script, different jobs. */
static bool ours(const char *script)
{
    const char *slash = strrchr(script, '/'), *name = slash ? slash + 1 : script;
    size_t length = strlen(kind->script);

    return !strncmp(name, kind->script, length) && (!name[length] || name[length] == '-');
}

/* Start a worker unless it is too early for that. True: look again. */
static bool need_worker(struct child *c)
{
    if (c->pid || c->ended)
        return false;
    if (time(NULL) >= c->not_before)
        worker_start(c);
    return !c->pid;
}

/* One device's directory: is it ours, and what does it need? True: a start, but not yet. */
static bool look_at(const char *path)
{
    char *script = store_read(xs, path, "script");
    unsigned int state, online;
    struct child *c;
    bool again = false;

    if (script && ours(script) && (c = child_of(path)) &&
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
        again = need_worker(c);
    }
    free(script);
    return again;
}

/* Devices that went while nobody served them: a worker puts away what is left of each. True: one
 * could not be started yet. */
static bool look_for_rest(void)
{
    char text[XENSTORE_ABS_PATH_MAX];
    unsigned int domain, device;
    bool again = false;
    struct child *c;
    glob_t found;

    snprintf(text, sizeof(text), "%s/*.state", kind->directory);
    if (glob(text, 0, NULL, &found))
        return false;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *name = strrchr(found.gl_pathv[i], '/') + 1 + strlen(kind->class);

        if (sscanf(name, "-%u-%u", &domain, &device) != 2)
            continue;
        snprintf(text, sizeof(text), "%s/%u/%u", base, domain, device);
        c = child_of(text);
        if (!c || c->seen)
            continue;
        c->seen = true;
        again |= need_worker(c);
    }
    globfree(&found);
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
    again |= look_for_rest();
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
                c->ended = WIFEXITED(status) && WEXITSTATUS(status) != DEVICE_AGAIN;
                c->not_before = time(NULL) + 1; /* whatever kills it may kill it again */
                if (!c->ended)
                    fprintf(stderr, "%s: its worker ended with %d, again\n", c->path, status);
            }
    return any;
}

static int stats(FILE *out)
{
    char pattern[128];
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%s/*.state", kind->directory);
    if (glob(pattern, 0, NULL, &found))
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *name = strrchr(found.gl_pathv[i], '/') + 1;

        fprintf(out, "%.*s", (int)(strlen(name) - strlen(".state")), name);
        if (!kind->stats(found.gl_pathv[i], out))
            fprintf(out, " of another version");
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

    if (!(xs = xs_open(0)) || !xs_watch(xs, path, token)) {
        fprintf(stderr, "%s: no xenstore: %s\n", kind->program, strerror(errno));
        return 1;
    }
    for (unsigned int i = 0; result < 0 && i < 1000; i++) {
        struct pollfd fd = {.fd = xs_fileno(xs), .events = POLLIN};

        status = store_read(xs, path, "hotplug-status");
        if (status && *status) /* (xl begins a vif's with nothing in it) */
            result = strcmp(status, kind->ready) && strcmp(status, "connected");
        free(status);
        if (result < 0 && poll(&fd, 1, 30000) <= 0)
            break;
        if (result < 0)
            free(xs_read_watch(xs, &count));
    }
    if (result > 0) {
        why = store_read(xs, path, "hotplug-error");
        fprintf(stderr, "%s: %s\n", kind->program, why ? why : "refused");
    }
    if (result < 0)
        fprintf(stderr, "%s does not answer: does it run?\n", kind->program);
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

    mkdir(kind->directory, 0700);
    xs = xs_open(0);
    self = xs ? xs_read(xs, XBT_NULL, "domid", NULL) : NULL;
    if (!self || asprintf(&base, "/local/domain/%s/backend/%s", self, kind->class) < 0 ||
        !xs_watch(xs, base, token)) {
        fprintf(stderr, "%s: no xenstore\n", kind->program);
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

int daemon_main(const struct device_kind *of, int argc, char **argv)
{
    kind = of;
    setvbuf(stderr, NULL, _IOLBF, 0);
    if (argc == 1)
        return serve();
    if (argc == 3 && !strcmp(argv[1], "--device"))
        return device_run(kind, argv[2]);
    if (argc == 3 && !strcmp(argv[1], "--wait"))
        return wait_for(argv[2]);
    if (argc == 2 && !strcmp(argv[1], "--stats"))
        return stats(stdout);
    fprintf(stderr, "usage: %s [--stats]\n%s, see %s(8).\n", kind->program, kind->usage,
            kind->program);
    return argc == 2 && !strcmp(argv[1], "--help") ? 0 : 2;
}
