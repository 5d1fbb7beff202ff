/* SPDX-License-Identifier: BSD-2-Clause */
/* The 9pfs front end: messages of 9P2000.L through two streams. */
#include "pv-drivers/lib/ninepfs.h"

#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/grant.h"
#include "pv-drivers/lib/memory.h"
#include "pv-drivers/lib/text.h"

#define xen_mb()  PV_BARRIER()
#define xen_rmb() PV_BARRIER()
#define xen_wmb() PV_BARRIER()
#include <xen/io/9pfs.h>

#define RING_ORDER 2u /* four pages: 8 KiB in each direction */
#define RING_PAGES (1u << RING_ORDER)
#define NO_FID     (~0u)

/* All of @bytes through one stream, or the device is broken. */
static int transfer(struct pv_9p *fs, struct pv_stream *stream, uint8_t *data, size_t bytes)
{
    uint64_t deadline = pv_clock_ns() + PV_9P_SECONDS * PV_SECOND_NS;

    while (bytes) {
        int done = stream->writes ? pv_stream_write(stream, data, bytes)
                                  : pv_stream_read(stream, data, bytes);

        if (done < 0)
            return done;
        if (done)
            pv_event_send(fs->port);
        else if (!pv_event_take(fs->port, deadline))
            return stream->error = -XEN_ETIMEDOUT;
        data += done;
        bytes -= (size_t)done;
    }
    return 0;
}

/* Send the message and have the answer in its place, to be read behind its head. */
static int ask(struct pv_9p *fs)
{
    struct pv_9p_message *m = &fs->message;
    uint8_t type = m->bytes[4];
    int rc;

    if (m->bad)
        return -XEN_E2BIG;
    pv_9p_finish(m);
    rc = transfer(fs, &fs->out, m->bytes, m->end);
    if (!rc)
        rc = transfer(fs, &fs->in, m->bytes, PV_9P_HEAD);
    if (!rc)
        rc = pv_9p_size(m);
    if (rc > 0)
        rc = transfer(fs, &fs->in, m->bytes + PV_9P_HEAD, (size_t)rc - PV_9P_HEAD);
    if (!rc)
        rc = pv_9p_answer(m, type);
    if (rc == -XEN_EBADMSG)
        fs->in.error = rc;
    return rc;
}

/* ---- opening and closing ---- */

static int start_session(struct pv_9p *fs)
{
    int rc;

    pv_9p_begin(&fs->message, PV_9P_TVERSION);
    pv_9p_put_number(&fs->message, PV_9P_MESSAGE, 4);
    pv_9p_put_string(&fs->message, "9P2000.L", 8);
    rc = ask(fs);
    if (rc)
        return rc;
    if (pv_9p_get_number(&fs->message, 4) != PV_9P_MESSAGE ||
        pv_9p_get_number(&fs->message, 2) != 8 ||
        memcmp(fs->message.bytes + fs->message.at, "9P2000.L", 8))
        return -XEN_EOPNOTSUPP;
    pv_9p_begin(&fs->message, PV_9P_TATTACH);
    pv_9p_put_number(&fs->message, 0, 4);
    pv_9p_put_number(&fs->message, NO_FID, 4);
    pv_9p_put_string(&fs->message, "", 0);
    pv_9p_put_string(&fs->message, "", 0);
    pv_9p_put_number(&fs->message, 0, 4);
    return ask(fs);
}

static int allocate(struct pv_9p *fs)
{
    struct xen_9pfs_data_intf *page = fs->interface = pv_pages_alloc(1);
    int rc = pv_buffers_open(&fs->data, fs->device.domain, RING_PAGES);
    uint32_t half = (uint32_t)XEN_FLEX_RING_SIZE(RING_ORDER);

    if (rc || !page)
        return rc ? rc : -XEN_ENOMEM;
    page->ring_order = RING_ORDER;
    for (unsigned int i = 0; i < RING_PAGES; i++)
        page->ref[i] = fs->data.ref[i];
    pv_stream_init(&fs->in, false, fs->data.pages, half, &page->in_cons, &page->in_prod);
    pv_stream_init(&fs->out, true, fs->data.pages + half, half, &page->out_prod, &page->out_cons);
    rc = pv_grant_give(fs->device.domain, page, false);
    if (rc < 0)
        return rc;
    fs->interface_ref = (grant_ref_t)rc;
    rc = pv_event_open(fs->device.domain, NULL, NULL);
    if (rc < 0)
        return rc;
    fs->port = (evtchn_port_t)rc;
    return 0;
}

static int publish(struct pv_9p *fs)
{
    const struct pv_device *device = &fs->device;
    int rc = pv_device_write(device, "version", 1);

    if (!rc)
        rc = pv_device_write(device, "num-rings", 1);
    if (!rc)
        rc = pv_device_write(device, "ring-ref0", fs->interface_ref);
    if (!rc)
        rc = pv_device_write(device, "event-channel-0", fs->port);
    if (!rc)
        rc = pv_device_state(device, XenbusStateInitialised);
    if (!rc)
        rc = pv_device_wait(device, PV_STATE(Connected));
    return rc < 0 ? rc : pv_device_state(device, XenbusStateConnected);
}

int pv_9p_open(struct pv_9p *fs, unsigned int index)
{
    int rc;

    memset(fs, 0, sizeof(*fs));
    rc = pv_device_find(&fs->device, "9pfs", index);
    if (rc)
        return rc;
    rc = pv_device_begin(&fs->device);
    if (!rc)
        rc = pv_device_setting(&fs->device, "tag", fs->tag, sizeof(fs->tag));
    if (rc >= 0)
        rc = pv_device_option(&fs->device, "max-ring-page-order", 0) < RING_ORDER
                 ? -XEN_EOPNOTSUPP : allocate(fs);
    if (!rc)
        rc = publish(fs);
    if (!rc)
        rc = start_session(fs);
    if (rc)
        (void)pv_9p_close(fs);
    return rc;
}

int pv_9p_close(struct pv_9p *fs)
{
    int rc = pv_device_close(&fs->device), busy;

    if (fs->port)
        pv_event_close(fs->port);
    busy = pv_buffers_close(&fs->data);
    if (fs->interface_ref && pv_grant_end(fs->interface_ref))
        busy = -XEN_EBUSY;
    else
        pv_pages_free(fs->interface, 1);
    memset(fs, 0, sizeof(*fs));
    fs->in.error = fs->out.error = -XEN_ENODEV;
    return rc ? rc : busy;
}

/* ---- files ---- */

void pv_9p_file_close(struct pv_9p *fs, int file)
{
    if (file <= 0 || file > (int)PV_9P_FILES)
        return;
    pv_9p_begin(&fs->message, PV_9P_TCLUNK);
    pv_9p_put_number(&fs->message, (uint32_t)file, 4);
    (void)ask(fs);
    fs->used[file] = false; /* the number is free whatever the server says */
}

/* Let @file be what @path leads to from the root, without its last name if @parent: that is
 * then at *last. */
static int walk(struct pv_9p *fs, int file, const char *path, bool parent, const char **last)
{
    uint16_t names = 0;
    int rc;

    pv_9p_begin(&fs->message, PV_9P_TWALK);
    pv_9p_put_number(&fs->message, 0, 4);
    pv_9p_put_number(&fs->message, (uint32_t)file, 4);
    pv_9p_put_number(&fs->message, 0, 2);
    for (size_t length; *path; path += length + (path[length] == '/')) {
        for (length = 0; path[length] && path[length] != '/';)
            length++;
        *last = path;
        if (parent && !path[length])
            break;
        pv_9p_put_string(&fs->message, path, length);
        names++;
    }
    memcpy(fs->message.bytes + PV_9P_HEAD + 8, &names, sizeof(names));
    rc = ask(fs);
    if (rc)
        return rc;
    return pv_9p_get_number(&fs->message, 2) == names ? 0 : -XEN_ENOENT; /* it came only so far */
}

int pv_9p_file(struct pv_9p *fs, const char *path, unsigned int flags)
{
    const char *last = path;
    int file = 1, rc;

    while (file <= (int)PV_9P_FILES && fs->used[file])
        file++;
    if (file > (int)PV_9P_FILES)
        return -XEN_EMFILE;
    rc = walk(fs, file, path, false, &last);
    if (!rc) {
        pv_9p_begin(&fs->message, PV_9P_TLOPEN);
        pv_9p_put_number(&fs->message, (uint32_t)file, 4);
        pv_9p_put_number(&fs->message, flags & ~(unsigned int)PV_9P_CREATE, 4);
    } else if (rc == -XEN_ENOENT && (flags & PV_9P_CREATE)) {
        rc = walk(fs, file, path, true, &last);
        pv_9p_begin(&fs->message, PV_9P_TLCREATE);
        pv_9p_put_number(&fs->message, (uint32_t)file, 4);
        pv_9p_put_string(&fs->message, last, strlen(last));
        pv_9p_put_number(&fs->message, flags, 4);
        pv_9p_put_number(&fs->message, 0644, 4);
        pv_9p_put_number(&fs->message, 0, 4);
    }
    if (rc)
        return rc;
    fs->used[file] = true;
    rc = ask(fs);
    if (rc)
        pv_9p_file_close(fs, file);
    return rc ? rc : file;
}

int pv_9p_read(struct pv_9p *fs, int file, uint64_t offset, void *to, size_t bytes)
{
    uint32_t got;
    int rc;

    if (bytes > PV_9P_DATA)
        bytes = PV_9P_DATA;
    pv_9p_begin(&fs->message, PV_9P_TREAD);
    pv_9p_put_number(&fs->message, (uint32_t)file, 4);
    pv_9p_put_number(&fs->message, offset, 8);
    pv_9p_put_number(&fs->message, bytes, 4);
    rc = ask(fs);
    if (rc)
        return rc;
    got = (uint32_t)pv_9p_get_number(&fs->message, 4);
    if (got > bytes || got > fs->message.end - fs->message.at)
        return fs->in.error = -XEN_EBADMSG;
    pv_9p_get(&fs->message, to, got);
    return (int)got;
}

int pv_9p_write(struct pv_9p *fs, int file, uint64_t offset, const void *from, size_t bytes)
{
    uint32_t done;
    int rc;

    if (bytes > PV_9P_DATA)
        bytes = PV_9P_DATA;
    pv_9p_begin(&fs->message, PV_9P_TWRITE);
    pv_9p_put_number(&fs->message, (uint32_t)file, 4);
    pv_9p_put_number(&fs->message, offset, 8);
    pv_9p_put_number(&fs->message, bytes, 4);
    pv_9p_put(&fs->message, from, bytes);
    rc = ask(fs);
    if (rc)
        return rc;
    done = (uint32_t)pv_9p_get_number(&fs->message, 4);
    return done <= bytes ? (int)done : (fs->in.error = -XEN_EBADMSG);
}
