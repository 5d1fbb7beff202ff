/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of the host (`p9=` of the configuration), by the protocol 9P2000.L over two streams of
 * bytes (xen/io/9pfs.h). One request at a time; every call waits for its answer.
 */
#pragma once

#include "pv-drivers/lib/buffers.h"
#include "pv-drivers/lib/ninepfs_message.h"
#include "pv-drivers/lib/ring.h"
#include "pv-drivers/lib/xenbus.h"

#define PV_9P_SECONDS 60u
#define PV_9P_FILES   16u   /* open at once */
#define PV_9P_DATA    (PV_9P_MESSAGE - 24u) /* of one read or write */

/* For pv_9p_file(): Linux's numbers, which the protocol has. */
enum { PV_9P_READ = 0, PV_9P_WRITE = 1, PV_9P_CREATE = 0100, PV_9P_TRUNCATE = 01000 };

struct pv_9p {
    struct pv_device device;
    char tag[32]; /* what the configuration calls this share */
    /* the rest is the driver's */
    evtchn_port_t port;
    struct pv_stream in, out;
    struct pv_buffers data;
    void *interface; /* a page with indices, granted */
    grant_ref_t interface_ref;
    bool used[PV_9P_FILES + 1]; /* by number (fid); 0 is the root */
    struct pv_9p_message message;
};

/* Open the @index'th share. */
int pv_9p_open(struct pv_9p *fs, unsigned int index) PV_MUST_CHECK;
int pv_9p_close(struct pv_9p *fs);

/* Open the file @path ("a/b", from the share's root): a number for the other calls. @flags of
 * PV_9P_*; a file created has mode 0644. What the server refuses is its error number. */
int pv_9p_file(struct pv_9p *fs, const char *path, unsigned int flags) PV_MUST_CHECK;
void pv_9p_file_close(struct pv_9p *fs, int file);

/* Read or write up to @bytes at @offset; how many that were: at most PV_9P_DATA, 0 at the end. */
int pv_9p_read(struct pv_9p *fs, int file, uint64_t offset, void *to, size_t bytes) PV_MUST_CHECK;
int pv_9p_write(struct pv_9p *fs, int file, uint64_t offset, const void *from,
                size_t bytes) PV_MUST_CHECK;
