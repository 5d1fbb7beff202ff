/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One device of one guest, served by one process: what disks and network ports have in common. A
 * kind of device says what it is and how it is served; its own structure begins with a struct
 * device.
 */
#pragma once

#include <stdio.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xen/io/xenbus.h>

#include "pv-drivers/backends/common/loop.h"
#include "pv-drivers/backends/common/store.h"

/* How a process ends, as exit status: the device is gone or closed; to be started again; cannot
 * be served. */
enum device_end { DEVICE_DONE = 0, DEVICE_AGAIN = 1, DEVICE_REFUSED = 2 };

struct device;

struct device_kind {
    const char *class;     /* of xenbus: the directory below backend/ and the kernel's driver */
    const char *program, *script; /* ours, and the hotplug script by which xl.cfg selects us */
    const char *directory; /* below /run, for what outlives a process */
    const char *usage;
    struct device *device; /* the process' own */
    const char *ready;     /* hotplug-status once we have the device */
    const char *waiting;   /* what for, when attach() does not succeed yet */

    /* Everything that needs no front end. DEVICE_AGAIN: later; DEVICE_REFUSED: `why`. */
    enum device_end (*open)(struct device *d, const char **why);
    /* The kernel's driver has let go: say what we can do. */
    bool (*offer)(struct device *d, const char **why);
    /* Take the front end's rings. `again`: it had them connected to another process, so they are to
     * be as that left them. False: not yet, or `why` is set. */
    bool (*attach)(struct device *d, bool again, const char **why);
    void (*attached)(const struct device *d, FILE *log); /* what was agreed on, in a few words */
    /* Before the front end is told that we are connected. */
    bool (*present)(struct device *d);
    void (*changed)(struct device *d);  /* something in xenstore may have, while attached */
    /* All that can be done now. Nanoseconds after which it is to be called again, 0: when something
     * happens, or a second has passed. `why`: it must be disconnected. */
    uint64_t (*run)(struct device *d, const char **why);
    void (*drain)(struct device *d);    /* finish what is in work, take nothing more */
    void (*detach)(struct device *d);   /* give the rings back */
    void (*close)(struct device *d);    /* the device's end; open() may not have been called */
    bool (*stats)(const char *path, FILE *out); /* the rest of a line, of a file in `directory` */
};

struct device {
    const struct device_kind *kind;
    struct loop loop;
    struct xs_handle *xs;
    xenevtchn_handle *evtchn;
    xengnttab_handle *gnttab;
    const char *path; /* /local/domain/BACK/backend/CLASS/FRONT/DEVICE */
    char *front;      /* the front end's directory */
    char name[32];    /* CLASS-FRONT-DEVICE, as the kernel calls it */
    char state_path[64];
    unsigned int domid, number;
    bool prepared, attached;
    bool changed;          /* something in xenstore did */
    bool retry;            /* something was not ready */
    enum xenbus_state own; /* what we said last */
    bool waits;            /* for what attach() waits for, and has said so */
    uint64_t patience;     /* until when the kernel's driver may make up its mind, ns */
};

/* device.c: serve the device at this path until its end. */
enum device_end device_run(const struct device_kind *kind, const char *path);
void device_say(const struct device *d, const char *what);
bool device_state(struct device *d, enum xenbus_state state);

/* kernel.c: the kernel's driver, which takes every device of its class. True: it has nothing to do
 * with ours (any more). `own` is the back end's state as it stands in xenstore. */
bool kernel_lets_go(const struct device *d, enum xenbus_state own);

/* daemon.c: the program; watches for devices and keeps a process for each. */
int daemon_main(const struct device_kind *kind, int argc, char **argv);
