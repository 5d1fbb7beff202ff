/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests of a whole worker as a process. Xen's libraries are replaced: xenstore is a list in
 * shared memory, event channels a socket pair, the guest's pages a memory file. BACK and FRONT are
 * the device's directories.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pv-drivers/backends/common/device.h"
#include "tests/unit/granted.h"

#define PAGE_BYTES GRANTED_PAGE
#define PAGES 64u /* of the guest */
#define NODES 96u

struct node {
    char path[128], value[64];
};

static struct shared {
    uint8_t page[PAGES][PAGE_BYTES] __attribute__((aligned(4096)));
    atomic_flag lock;
    struct node node[NODES];
} *shared;
static int memory, changed[2], channel[2], told[2]; /* the guest's ends are [1], [1] and [0] */

/* --- xenstore --- */

static struct node *node_of(const char *path, bool make)
{
    for (struct node *n = shared->node; n < shared->node + NODES; n++) {
        if (!n->path[0] && make)
            snprintf(n->path, sizeof(n->path), "%s", path);
        if (!strcmp(n->path, path))
            return n;
    }
    return NULL;
}

static void node_set(const char *path, const char *value)
{
    while (atomic_flag_test_and_set(&shared->lock))
        ;
    snprintf(node_of(path, true)->value, sizeof(shared->node->value), "%s", value);
    atomic_flag_clear(&shared->lock);
}

struct xs_handle *xs_open(unsigned long flags)
{
    return (void)flags, (struct xs_handle *)shared;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *length)
{
    struct node *n;
    char *value;

    (void)h, (void)t, (void)length;
    while (atomic_flag_test_and_set(&shared->lock))
        ;
    n = node_of(path, false);
    value = n && n->value[0] ? strdup(n->value) : NULL;
    atomic_flag_clear(&shared->lock);
    return value;
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
              unsigned int length)
{
    (void)h, (void)t, (void)length;
    node_set(path, data);
    return true;
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
    return (void)h, (void)path, (void)token, true;
}

int xs_fileno(struct xs_handle *h)
{
    return (void)h, changed[0];
}

char **xs_check_watch(struct xs_handle *h)
{
    char byte;

    (void)h;
    return read(changed[0], &byte, 1) == 1 ? malloc(1) : NULL;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
    return (void)h, 1;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
    return (void)h, (void)t, (void)abort, true;
}

/* --- event channels --- */

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags)
{
    return (void)logger, (void)flags, (xenevtchn_handle *)shared;
}

int xenevtchn_fd(xenevtchn_handle *h)
{
    return (void)h, channel[0];
}

int xenevtchn_notify(xenevtchn_handle *h, evtchn_port_t port)
{
    return (void)h, write(told[1], &port, sizeof(port)) < 0;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *h, uint32_t domid,
                                                     evtchn_port_t port)
{
    return (void)h, domid == 7 && port >= 9 && port < 20 ? (int)port + 33 : -1;
}

int xenevtchn_unbind(xenevtchn_handle *h, evtchn_port_t port)
{
    return (void)h, (void)port, 0;
}

/* --- grants --- */

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned int flags)
{
    return (void)logger, (void)flags, (xengnttab_handle *)shared;
}

void *xengnttab_map_domain_grant_refs(xengnttab_handle *h, uint32_t count, uint32_t domid,
                                      uint32_t *ref, int prot)
{
    uint8_t *area = mmap(NULL, count * PAGE_BYTES, prot, MAP_SHARED, memory, 0);

    (void)h, (void)domid;
    for (unsigned int i = 0; i < count; i++)
        if (ref[i] >= PAGES || mmap(area + i * PAGE_BYTES, PAGE_BYTES, prot, MAP_SHARED | MAP_FIXED,
                                    memory, ref[i] * PAGE_BYTES) == MAP_FAILED)
            return NULL;
    return area;
}

void *xengnttab_map_grant_ref(xengnttab_handle *h, uint32_t domid, uint32_t ref, int prot)
{
    return xengnttab_map_domain_grant_refs(h, 1, domid, &ref, prot);
}

int xengnttab_unmap(xengnttab_handle *h, void *at, uint32_t count)
{
    return (void)h, munmap(at, count * PAGE_BYTES);
}

xengntshr_handle *xengntshr_open(struct xentoollog_logger *logger, unsigned int flags)
{
    return (void)logger, (void)flags, (xengntshr_handle *)shared;
}

/* --- the guest --- */

static pid_t worker;

static void worker_begin(void)
{
    worker = fork();
    if (!worker) {
        freopen("/dev/null", "w", stderr);
        _exit(device_run(&worker_kind, BACK));
    }
}

/* Returns: its status, when it has ended. */
static int worker_ends(void)
{
    int status;

    CHECK_EQ(waitpid(worker, &status, 0), worker);
    worker = 0;
    return status;
}

/* (it may die with the store's lock) */
static void worker_kill(void)
{
    kill(worker, SIGKILL);
    worker_ends();
    atomic_flag_clear(&shared->lock);
}

static void front_state(enum xenbus_state state)
{
    char text[8];

    snprintf(text, sizeof(text), "%u", state);
    node_set(FRONT "/state", text);
    CHECK_EQ(write(changed[1], "", 1), 1);
}

static void back_state(enum xenbus_state want)
{
    for (unsigned int i = 0; i < 30000; i++, usleep(1000)) {
        char *text = xs_read(NULL, 0, BACK "/state", NULL);
        bool there = text && atoi(text) == (int)want;

        free(text);
        if (there)
            return;
    }
    CHECK_FAIL("the back end's state does not become %d", want);
}

/* The toolstack takes the device away, the front end goes: so does the worker, with its state. */
static void device_ends(const char *state_path)
{
    node_set(BACK "/online", "0");
    front_state(XenbusStateClosing);
    back_state(XenbusStateClosing);
    front_state(XenbusStateClosed);
    back_state(XenbusStateClosed);
    CHECK_EQ(worker_ends(), 0);
    CHECK(access(state_path, F_OK));
}

/* Once, and for every test an empty store and empty pages. (One that failed leaves its worker.) */
static void process_world(void)
{
    if (worker > 0)
        kill(worker, SIGKILL), waitpid(worker, NULL, 0);
    if (!shared) {
        mkdir("build", 0755), mkdir(RUN_DIRECTORY, 0700);
        memory = memfd_create("guest", 0);
        CHECK(!ftruncate(memory, sizeof(*shared)));
        shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
        CHECK(!pipe2(changed, O_NONBLOCK) && !pipe2(told, O_NONBLOCK));
        CHECK(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, channel));
    }
    memset(shared, 0, sizeof(*shared));
    granted_page = shared->page;
    granted_pages = PAGES;
}

/* An event on that port of the worker's. */
static void kick(uint32_t port)
{
    uint32_t drop[16];

    while (read(channel[1], drop, sizeof(drop)) > 0) /* enabled again */
        ;
    (void)!write(channel[1], &port, sizeof(port));
}
