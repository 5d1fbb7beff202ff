/* SPDX-License-Identifier: BSD-2-Clause */
/* The network front end: a ring of frames out, a ring of empty pages in. */
#include "pv-drivers/lib/net.h"

#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/grant.h"
#include "pv-drivers/lib/memory.h"
#include "pv-drivers/lib/text.h"

#define TX_PAGES 32u
#define RX_PAGES 64u

/* ---- opening and closing ---- */

static int allocate(struct pv_net_ring *r, domid_t domain, unsigned int pages, size_t entry_bytes)
{
    int rc = pv_buffers_open(&r->buffers, domain, pages);

    if (rc)
        return rc;
    r->page = pv_pages_alloc(1);
    if (!r->page)
        return -XEN_ENOMEM;
    pv_ring_init(&r->ring, r->page, PV_PAGE_BYTES, entry_bytes);
    rc = pv_grant_give(domain, r->page, false);
    r->ref = rc < 0 ? 0 : (grant_ref_t)rc;
    return rc < 0 ? rc : 0;
}

static int release(struct pv_net_ring *r)
{
    int rc = pv_buffers_close(&r->buffers);

    if (r->ref && pv_grant_end(r->ref))
        return -XEN_EBUSY;
    pv_pages_free(r->page, 1);
    return rc;
}

/* "00:16:3e:00:00:01" */
static int read_mac(struct pv_net *net)
{
    char text[18];
    int rc = pv_device_read(&net->device, "mac", text, sizeof(text));

    if (rc != sizeof(text) - 1)
        return rc < 0 ? rc : -XEN_EINVAL;
    for (unsigned int i = 0; i < 17; i++) {
        char c = text[i] | 0x20;
        unsigned int digit = c >= '0' && c <= '9'   ? (unsigned int)(c - '0')
                             : c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a' + 10)
                                                    : 16;

        if (i % 3 == 2 ? text[i] != ':' : digit > 15)
            return -XEN_EINVAL;
        if (i % 3 != 2)
            net->mac[i / 3] = (uint8_t)(net->mac[i / 3] << 4 | digit);
    }
    return 0;
}

static int publish(struct pv_net *net)
{
    const struct {
        const char *node;
        uint64_t value;
    } nodes[] = {
        {"tx-ring-ref", net->tx.ref}, {"rx-ring-ref", net->rx.ref}, {"event-channel", net->port},
        {"request-rx-copy", 1},       {"feature-rx-notify", 1},     {"feature-no-csum-offload", 1},
    };
    int rc = 0;

    for (unsigned int i = 0; !rc && i < sizeof(nodes) / sizeof(nodes[0]); i++)
        rc = pv_device_write(&net->device, nodes[i].node, nodes[i].value);
    if (!rc)
        rc = pv_device_state(&net->device, XenbusStateConnected);
    if (!rc)
        rc = pv_device_wait(&net->device, PV_STATE(Connected));
    return rc < 0 ? rc : 0;
}

/* Give all pages that are ours to the back end, to be filled. */
static void refill(struct pv_net *net)
{
    for (;;) {
        int id = pv_ring_id(&net->rx.ring), page = id < 0 ? id : pv_buffers_take(&net->rx.buffers);
        struct netif_rx_request request = {.id = (uint16_t)id};

        if (page < 0)
            break;
        net->rx.buffer[id] = (uint8_t)page;
        request.gref = net->rx.buffers.ref[page];
        pv_ring_put(&net->rx.ring, &request, sizeof(request));
    }
    if (pv_ring_push(&net->rx.ring) && net->port)
        pv_event_send(net->port);
}

int pv_net_open(struct pv_net *net, unsigned int index)
{
    int rc;

    memset(net, 0, sizeof(*net));
    rc = pv_device_find(&net->device, "vif", index);
    if (rc)
        return rc;
    rc = allocate(&net->tx, net->device.domain, TX_PAGES, sizeof(union netif_tx_sring_entry));
    if (!rc)
        rc = allocate(&net->rx, net->device.domain, RX_PAGES, sizeof(union netif_rx_sring_entry));
    if (!rc)
        rc = pv_event_open(net->device.domain, NULL, NULL);
    if (rc > 0)
        net->port = (evtchn_port_t)rc;
    if (rc >= 0)
        rc = pv_device_begin(&net->device);
    if (!rc)
        rc = read_mac(net);
    if (!rc) {
        refill(net);
        rc = publish(net);
    }
    if (rc)
        (void)pv_net_close(net);
    return rc;
}

int pv_net_close(struct pv_net *net)
{
    int rc = pv_device_close(&net->device), tx, rx;

    if (net->port)
        pv_event_close(net->port);
    tx = release(&net->tx);
    rx = release(&net->rx);
    memset(net, 0, sizeof(*net));
    net->tx.ring.error = net->rx.ring.error = -XEN_ENODEV;
    return rc ? rc : tx ? tx : rx;
}

/* ---- sending ---- */

/* Take back the pages of what has been sent. */
static int reap(struct pv_net *net)
{
    struct netif_tx_response response;
    int rc;

    do {
        while ((rc = pv_ring_take(&net->tx.ring, &response, sizeof(response))) == 1) {
            if (response.status == NETIF_RSP_NULL)
                return net->tx.ring.error = -XEN_EBADMSG; /* we send nothing that is answered so */
            rc = pv_ring_done(&net->tx.ring, response.id);
            if (rc)
                return rc;
            pv_buffers_put(&net->tx.buffers, net->tx.buffer[response.id]);
            net->refused += response.status != NETIF_RSP_OKAY;
        }
    } while (!rc && net->tx.buffers.free_count == 0 && pv_ring_arm(&net->tx.ring));
    return rc;
}

int pv_net_send(struct pv_net *net, const void *frame, size_t bytes)
{
    struct netif_tx_request request = {.size = (uint16_t)bytes};
    int id, page, rc = reap(net);

    if (rc)
        return rc;
    if (bytes < PV_NET_FRAME_MIN || bytes > PV_NET_FRAME_MAX)
        return -XEN_EINVAL;
    id = pv_ring_id(&net->tx.ring);
    page = id < 0 ? id : pv_buffers_take(&net->tx.buffers);
    if (page < 0)
        return page;
    memcpy(pv_buffers_page(&net->tx.buffers, (unsigned int)page), frame, bytes);
    net->tx.buffer[id] = (uint8_t)page;
    request.id = (uint16_t)id;
    request.gref = net->tx.buffers.ref[page];
    pv_ring_put(&net->tx.ring, &request, sizeof(request));
    if (pv_ring_push(&net->tx.ring))
        pv_event_send(net->port);
    net->sent++;
    return 0;
}

/* ---- receiving ---- */

/* One response: the length of the frame that is now in @frame, or 0 when it was none for us. */
static int accept(struct pv_net *net, const struct netif_rx_response *response, void *frame,
                  size_t bytes)
{
    int length = response->status, page, rc = pv_ring_done(&net->rx.ring, response->id);
    bool in_pieces = net->in_pieces || (response->flags & NETRXF_more_data);

    if (rc)
        return rc;
    page = net->rx.buffer[response->id];
    pv_buffers_put(&net->rx.buffers, (unsigned int)page);
    /* extra slots carry no id; only what we did not ask for needs them */
    if ((response->flags & NETRXF_extra_info) ||
        (length > 0 && (unsigned int)length + response->offset > PV_PAGE_BYTES))
        return net->rx.ring.error = -XEN_EBADMSG;
    net->in_pieces = response->flags & NETRXF_more_data;
    if (length < (int)PV_NET_FRAME_MIN || (size_t)length > bytes || in_pieces) {
        net->dropped++;
        return 0;
    }
    memcpy(frame, (uint8_t *)pv_buffers_page(&net->rx.buffers, (unsigned int)page) +
                      response->offset, (size_t)length);
    net->received++;
    return length;
}

int pv_net_receive(struct pv_net *net, void *frame, size_t bytes, unsigned int *flags)
{
    struct netif_rx_response response;
    int length = 0, rc;

    do {
        while (!length && (rc = pv_ring_take(&net->rx.ring, &response, sizeof(response))) == 1) {
            length = accept(net, &response, frame, bytes);
            refill(net); /* (what was copied from this page is ours by now) */
        }
        if (length)
            break;
        if (rc < 0)
            return rc;
    } while (pv_ring_arm(&net->rx.ring));
    if (length > 0 && flags)
        *flags = response.flags & (NETRXF_data_validated | NETRXF_csum_blank);
    return length;
}
