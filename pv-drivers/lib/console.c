/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: two streams in one page. */
#include "pv-drivers/lib/console.h"

#include <xen/io/console.h>

#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/ring.h"
#include "pv-drivers/lib/text.h"

static struct pv_stream out, in;
static evtchn_port_t console_port;

void pv_console_init(void *page, evtchn_port_t port)
{
    struct xencons_interface *ring = page;

    pv_stream_init(&out, true, ring->out, sizeof(ring->out), &ring->out_prod, &ring->out_cons);
    pv_stream_init(&in, false, ring->in, sizeof(ring->in), &ring->in_cons, &ring->in_prod);
    console_port = port;
    if (pv_event_bind(port, NULL, NULL))
        console_port = 0; /* (the first port bound) */
}

void pv_console_write(const char *text, size_t bytes)
{
    uint64_t deadline = 0;

    while (bytes && console_port) {
        int done = pv_stream_write(&out, text, bytes);

        if (done < 0)
            return; /* nobody to tell */
        if (done) {
            pv_event_send(console_port);
            text += done;
            bytes -= (size_t)done;
            deadline = 0;
            continue;
        }
        if (!deadline)
            deadline = pv_clock_ns() + PV_SECOND_NS;
        if (!pv_event_take(console_port, deadline))
            return;
    }
}

int pv_console_read(char *text, size_t bytes)
{
    int done = pv_stream_read(&in, text, bytes);

    if (done > 0)
        pv_event_send(console_port); /* there is room again */
    return done;
}

void pv_print(const char *format, ...)
{
    char text[256];
    va_list args;
    size_t from = 0, to = 0;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    for (; text[to]; to++) {
        if (text[to] != '\n')
            continue;
        pv_console_write(text + from, to - from);
        pv_console_write("\r\n", 2);
        from = to + 1;
    }
    pv_console_write(text + from, to - from);
}
