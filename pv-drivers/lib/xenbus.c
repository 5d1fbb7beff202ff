/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding devices and talking about their state. */
#include "pv-drivers/lib/xenbus.h"

#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/text.h"
#include "pv-drivers/lib/xenstore.h"

#define PATH_BYTES 160
#define TOKEN "state"

static void path_of(char path[PATH_BYTES], const char *folder, const char *node)
{
    snprintf(path, PATH_BYTES, "%s/%s", folder, node);
}

int pv_device_find(struct pv_device *device, const char *kind, unsigned int index)
{
    char name[24], path[PATH_BYTES];
    uint64_t domain;
    int rc;

    path_of(path, "device", kind);
    rc = pv_xenstore_child(0, path, index, name, sizeof(name));
    if (rc < 0)
        return rc;
    if (snprintf(device->front, sizeof(device->front), "device/%s/%s", kind, name) >=
        (int)sizeof(device->front))
        return -XEN_E2BIG;
    path_of(path, device->front, "backend");
    rc = pv_xenstore_read(0, path, device->back, sizeof(device->back));
    if (rc < 0)
        return rc;
    path_of(path, device->front, "backend-id");
    rc = pv_xenstore_number(0, path, &domain);
    if (rc < 0 || domain >= DOMID_FIRST_RESERVED)
        return rc < 0 ? rc : -XEN_EINVAL;
    device->domain = (domid_t)domain;
    return 0;
}

int pv_device_read(const struct pv_device *device, const char *node, char *value, size_t bytes)
{
    char path[PATH_BYTES];

    path_of(path, device->back, node);
    return pv_xenstore_read(0, path, value, bytes);
}

int pv_device_setting(const struct pv_device *device, const char *node, char *value, size_t bytes)
{
    char path[PATH_BYTES];

    path_of(path, device->front, node);
    return pv_xenstore_read(0, path, value, bytes);
}

int pv_device_number(const struct pv_device *device, const char *node, uint64_t *value)
{
    char path[PATH_BYTES];

    path_of(path, device->back, node);
    return pv_xenstore_number(0, path, value);
}

uint64_t pv_device_option(const struct pv_device *device, const char *node, uint64_t otherwise)
{
    uint64_t value;

    return pv_device_number(device, node, &value) ? otherwise : value;
}

int pv_device_write(const struct pv_device *device, const char *node, uint64_t value)
{
    char path[PATH_BYTES];

    path_of(path, device->front, node);
    return pv_xenstore_write(0, path, "%lu", value);
}

int pv_device_write_text(const struct pv_device *device, const char *node, const char *value)
{
    char path[PATH_BYTES];

    path_of(path, device->front, node);
    return pv_xenstore_write(0, path, "%s", value);
}

int pv_device_state(const struct pv_device *device, XenbusState state)
{
    return pv_device_write(device, "state", state);
}

static int wait(const struct pv_device *device, unsigned int states, bool may_be_closed)
{
    uint64_t deadline = pv_clock_ns() + PV_DEVICE_SECONDS * PV_SECOND_NS, state;
    char path[PATH_BYTES];
    int rc;

    path_of(path, device->back, "state");
    rc = pv_xenstore_watch(path, TOKEN);
    while (!rc) {
        uint32_t seen = pv_xenstore_changes();

        /* (a directory that is gone is as closed as can be) */
        rc = pv_device_number(device, "state", &state);
        if (rc == -XEN_ENOENT) {
            state = XenbusStateClosed;
            rc = 0;
        }
        if (rc)
            break;
        if (state <= XenbusStateReconfigured && (states >> state & 1))
            rc = (int)state;
        else if (!may_be_closed && (state == XenbusStateClosing || state == XenbusStateClosed))
            rc = -XEN_ENODEV;
        if (!rc && !pv_xenstore_wait(seen, deadline))
            rc = -XEN_ETIMEDOUT;
    }
    (void)pv_xenstore_unwatch(path, TOKEN);
    return rc;
}

int pv_device_wait(const struct pv_device *device, unsigned int states)
{
    return wait(device, states, false);
}

int pv_device_begin(const struct pv_device *device)
{
    int rc = pv_device_state(device, XenbusStateInitialising);

    if (!rc)
        rc = wait(device, PV_STATE(InitWait) | PV_STATE(Initialised) | PV_STATE(Connected), true);
    return rc < 0 ? rc : 0;
}

int pv_device_close(const struct pv_device *device)
{
    int rc = pv_device_state(device, XenbusStateClosing);

    if (!rc)
        rc = pv_device_state(device, XenbusStateClosed);
    if (!rc)
        rc = wait(device, PV_STATE(Closed) | PV_STATE(InitWait), true);
    return rc < 0 ? rc : 0;
}
