/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a front end and a back end meet (xen/io/xenbus.h): each has a directory in xenstore with a
 * `state`, writes there what the other needs, and waits for the other's state.
 */
#pragma once

#include "pv-drivers/lib/abi.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/io/xenbus.h>

#define PV_DEVICE_SECONDS 60u /* a back end may have scripts to run first */
#define PV_STATE(state) (1u << XenbusState##state) /* for pv_device_wait() */

struct pv_device {
    char front[48]; /* directory: "device/vbd/51712" */
    char back[96];  /* the back end's, from the root */
    domid_t domain; /* the back end's */
};

/* The @index'th device of a kind: "vbd", "vif", "9pfs". -XEN_ENOENT: there are fewer. */
int pv_device_find(struct pv_device *device, const char *kind, unsigned int index) PV_MUST_CHECK;

/* A node of the back end's: a text, its length; or a number, 0. */
int pv_device_read(const struct pv_device *device, const char *node, char *value,
                   size_t bytes) PV_MUST_CHECK;
int pv_device_number(const struct pv_device *device, const char *node,
                     uint64_t *value) PV_MUST_CHECK;
/* The same, and what stands for a node that is not there or makes no sense. */
uint64_t pv_device_option(const struct pv_device *device, const char *node, uint64_t otherwise);

/* A node of ours that the toolstack wrote: its length. */
int pv_device_setting(const struct pv_device *device, const char *node, char *value,
                      size_t bytes) PV_MUST_CHECK;
/* Write a node of ours: a number, or a text. */
int pv_device_write(const struct pv_device *device, const char *node,
                    uint64_t value) PV_MUST_CHECK;
int pv_device_write_text(const struct pv_device *device, const char *node,
                         const char *value) PV_MUST_CHECK;
int pv_device_state(const struct pv_device *device, XenbusState state) PV_MUST_CHECK;

/* Say that we begin, and wait until the back end is ready for us: 0. It may have been closed by
 * whoever used the device before. */
int pv_device_begin(const struct pv_device *device) PV_MUST_CHECK;

/* Wait until the back end is in one of these states: PV_STATE(Connected) | ... The state, or
 * -XEN_ENODEV when it closes and that was not wanted, or -XEN_ETIMEDOUT. */
int pv_device_wait(const struct pv_device *device, unsigned int states) PV_MUST_CHECK;

/* Close our end and see the back end follow. Afterwards its mappings of our pages are gone. */
int pv_device_close(const struct pv_device *device) PV_MUST_CHECK;
