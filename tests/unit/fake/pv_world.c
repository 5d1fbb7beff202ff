/* SPDX-License-Identifier: BSD-2-Clause */
/* A hypervisor and a xenstore daemon for the library in a host program. */
#include "tests/unit/fake/pv_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/grant.h"
#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/memory.h"
#include "pv-drivers/lib/ring.h"
#include "pv-drivers/lib/smp.h"
#include "pv-drivers/lib/start.h"
#include "pv-drivers/lib/xenstore.h"

#include <xen/io/xs_wire.h>

#define PAGES      512u
#define FRAME_BASE 0x1000u
#define STORE_PORT 1u
#define NODES      64u

struct pv_guest pv_guest;
void (*world_backend)(evtchn_port_t port);
void (*world_written)(const char *path, const char *value);
unsigned int world_cpu;

static shared_info_t info;
static uint8_t arena[PAGES][PV_PAGE_BYTES] __attribute__((aligned(4096)));
static bool arena_used[PAGES];
static struct grant_entry_v1 grants[PV_GRANT_FRAMES * 512];
static evtchn_port_t next_port;
static unsigned int port_cpu[128];

static struct xenstore_domain_interface store_page;
static struct pv_stream requests, answers;
static char answer_queue[16384];
static size_t answer_bytes;
static struct {
    char path[128], value[256];
} nodes[NODES];
static struct {
    char path[128], token[32];
} watches[8];

/* ---- pages ---- */

void *pv_pages_alloc(unsigned int count)
{
    for (unsigned int i = 0, run = 0; i < PAGES; i++) {
        run = arena_used[i] ? 0 : run + 1;
        if (run == count) {
            memset(arena_used + i + 1 - count, 1, count);
            return memset(arena[i + 1 - count], 0, (size_t)count * PV_PAGE_BYTES);
        }
    }
    return NULL;
}

void pv_pages_free(void *pages, unsigned int count)
{
    size_t first = (size_t)((uint8_t *)pages - arena[0]) / PV_PAGE_BYTES;

    for (unsigned int i = 0; pages && i < count; i++) {
        if (first + i >= PAGES || !arena_used[first + i])
            abort();
        arena_used[first + i] = false;
    }
}

uint64_t pv_frame_of(const volatile void *page)
{
    uint64_t frame = (uint64_t)((const volatile uint8_t *)page - arena[0]) / PV_PAGE_BYTES;

    if (frame >= PAGES)
        abort(); /* memory of a caller would be shared */
    return frame + FRAME_BASE;
}

unsigned int world_pages_used(void)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < PAGES; i++)
        n += arena_used[i];
    return n;
}

void *world_page(grant_ref_t ref)
{
    if (ref >= sizeof(grants) / sizeof(grants[0]) || !(grants[ref].flags & GTF_permit_access))
        return NULL;
    return arena[grants[ref].frame - FRAME_BASE];
}

/* ---- the store ---- */

static void full_path(char *to, size_t bytes, const char *path)
{
    snprintf(to, bytes, "%s%s", path[0] == '/' ? "" : WORLD_FRONT, path);
}

const char *world_node(const char *path)
{
    for (unsigned int i = 0; i < NODES; i++)
        if (nodes[i].path[0] && !strcmp(nodes[i].path, path))
            return nodes[i].value;
    return NULL;
}

static void queue(uint32_t type, uint32_t id, const void *payload, size_t bytes)
{
    struct xsd_sockmsg header = {.type = type, .req_id = id, .len = (uint32_t)bytes};

    if (answer_bytes + sizeof(header) + bytes > sizeof(answer_queue))
        abort();
    memcpy(answer_queue + answer_bytes, &header, sizeof(header));
    memcpy(answer_queue + answer_bytes + sizeof(header), payload, bytes);
    answer_bytes += sizeof(header) + bytes;
}

static void fire(const char *path)
{
    char payload[192];

    for (unsigned int i = 0; i < 8; i++)
        if (watches[i].path[0] && !strncmp(path, watches[i].path, strlen(watches[i].path)))
            queue(XS_WATCH_EVENT, 0, payload,
                  (size_t)snprintf(payload, sizeof(payload), "%s%c%s", path, 0,
                                   watches[i].token) + 1);
}

static void set(const char *path, const char *value, size_t bytes)
{
    unsigned int at = NODES;

    for (unsigned int i = NODES; i-- > 0;)
        if (!nodes[i].path[0] || !strcmp(nodes[i].path, path))
            at = i;
    for (unsigned int i = 0; i < NODES; i++)
        if (!strcmp(nodes[i].path, path))
            at = i;
    if (at == NODES || bytes >= sizeof(nodes[at].value))
        abort();
    snprintf(nodes[at].path, sizeof(nodes[at].path), "%s", path);
    memcpy(nodes[at].value, value, bytes);
    nodes[at].value[bytes] = 0;
}

void world_set(const char *path, const char *format, ...)
{
    char value[256];
    va_list args;

    va_start(args, format);
    vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    set(path, value, strlen(value));
    fire(path);
}

/* The names of a directory's children, once each. */
static size_t children(const char *path, char *to)
{
    size_t bytes = 0, length = strlen(path);

    for (unsigned int i = 0; i < NODES; i++) {
        const char *name = nodes[i].path + length + 1;
        size_t n = strcspn(name, "/");
        bool known = false;

        if (strncmp(nodes[i].path, path, length) || nodes[i].path[length] != '/')
            continue;
        for (size_t at = 0; at < bytes; at += strlen(to + at) + 1)
            known |= strlen(to + at) == n && !strncmp(to + at, name, n);
        if (known)
            continue;
        memcpy(to + bytes, name, n);
        to[bytes + n] = 0;
        bytes += n + 1;
    }
    return bytes;
}

static void obey(const struct xsd_sockmsg *header, char *payload)
{
    char path[128], text[4096];
    const char *second = payload + strlen(payload) + 1, *value;

    full_path(path, sizeof(path), payload);
    switch (header->type) {
    case XS_READ:
        value = world_node(path);
        if (value)
            queue(XS_READ, header->req_id, value, strlen(value));
        else
            queue(XS_ERROR, header->req_id, "ENOENT", 7);
        return;
    case XS_DIRECTORY:
        queue(XS_DIRECTORY, header->req_id, text, children(path, text));
        return;
    case XS_WRITE:
        set(path, second, header->len - (size_t)(second - payload));
        if (world_written)
            world_written(path, world_node(path));
        fire(path);
        break;
    case XS_WATCH:
    case XS_UNWATCH:
        for (unsigned int i = 0; i < 8; i++) {
            if (header->type == XS_WATCH ? watches[i].path[0] : strcmp(watches[i].path, path))
                continue;
            snprintf(watches[i].path, sizeof(path), "%s", header->type == XS_WATCH ? path : "");
            snprintf(watches[i].token, sizeof(watches[i].token), "%s", second);
            break;
        }
        if (header->type == XS_WATCH)
            fire(path);
        break;
    default:
        queue(XS_ERROR, header->req_id, "ENOSYS", 7);
        return;
    }
    queue(header->type, header->req_id, "OK", 3);
}

static void daemon_turn(void)
{
    static char message[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX + 1];
    static size_t got;
    struct xsd_sockmsg header;
    int n;

    for (;;) {
        size_t want = sizeof(header);

        if (got >= want) {
            memcpy(&header, message, sizeof(header));
            want += header.len;
        }
        if (got == want) {
            message[got] = 0;
            obey(&header, message + sizeof(header));
            got = 0;
            continue;
        }
        n = pv_stream_read(&requests, message + got, want - got);
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    n = pv_stream_write(&answers, answer_queue, answer_bytes);
    if (n > 0) {
        memmove(answer_queue, answer_queue + n, answer_bytes - (size_t)n);
        answer_bytes -= (size_t)n;
        world_raise(STORE_PORT);
    }
}

void world_device(const char *kind, const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), WORLD_FRONT "device/%s/%s/backend", kind, name);
    world_set(path, "/back/%s", name);
    snprintf(path, sizeof(path), WORLD_FRONT "device/%s/%s/backend-id", kind, name);
    world_set(path, "0");
    snprintf(path, sizeof(path), "/back/%s/state", name);
    world_set(path, "2");
}

/* ---- hypercalls ---- */

unsigned int pv_cpu(void)
{
    return world_cpu;
}

bool pv_upcalls(bool on)
{
    (void)on;
    return false;
}

static bool is_masked(evtchn_port_t port)
{
    return info.evtchn_mask[port / 64] >> port % 64 & 1;
}

static void announce(evtchn_port_t port)
{
    if (!is_masked(port) && info.evtchn_pending[port / 64] >> port % 64 & 1)
        __atomic_fetch_or(&info.vcpu_info[port_cpu[port]].evtchn_pending_sel, 1ul << port / 64,
                          __ATOMIC_SEQ_CST);
}

void world_raise(evtchn_port_t port)
{
    __atomic_fetch_or(&info.evtchn_pending[port / 64], 1ul << port % 64, __ATOMIC_SEQ_CST);
    announce(port);
}

static long event_op(uint64_t op, void *arg)
{
    switch (op) {
    case EVTCHNOP_alloc_unbound:
        ((struct evtchn_alloc_unbound *)arg)->port = next_port++;
        return 0;
    case EVTCHNOP_bind_ipi:
        port_cpu[next_port] = ((struct evtchn_bind_ipi *)arg)->vcpu;
        ((struct evtchn_bind_ipi *)arg)->port = next_port++;
        return 0;
    case EVTCHNOP_bind_vcpu:
        port_cpu[((struct evtchn_bind_vcpu *)arg)->port] = ((struct evtchn_bind_vcpu *)arg)->vcpu;
        return 0;
    case EVTCHNOP_unmask:
        info.evtchn_mask[((struct evtchn_unmask *)arg)->port / 64] &=
            ~(1ul << ((struct evtchn_unmask *)arg)->port % 64);
        announce(((struct evtchn_unmask *)arg)->port);
        return 0;
    case EVTCHNOP_close:
        return 0;
    default:
        abort();
    }
}

long pv_hypercall(unsigned int number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    evtchn_port_t sent = 0;

    (void)c, (void)d, (void)e;
    if (number == __HYPERVISOR_event_channel_op && a != EVTCHNOP_send)
        return event_op(a, (void *)b);
    if (number == __HYPERVISOR_event_channel_op)
        sent = ((struct evtchn_send *)b)->port;
    else if (number != __HYPERVISOR_sched_op || a != SCHEDOP_poll)
        abort();
    if (sent != STORE_PORT && world_backend)
        world_backend(sent);
    daemon_turn();
    return 0;
}

void world_time_shift(int shift)
{
    info.vcpu_info[0].time = (struct vcpu_time_info){
        .version = 2, .tsc_timestamp = __builtin_ia32_rdtsc(), .system_time = 1000000000,
        .tsc_to_system_mul = 0x80000000, .tsc_shift = (int8_t)shift};
}

void world_start(void)
{
    memset(&info, 0, sizeof(info));
    memset(arena_used, 0, sizeof(arena_used));
    memset(grants, 0, sizeof(grants));
    memset(nodes, 0, sizeof(nodes));
    memset(watches, 0, sizeof(watches));
    memset(&store_page, 0, sizeof(store_page));
    answer_bytes = 0;
    next_port = 2;
    world_cpu = 0;
    memset(port_cpu, 0, sizeof(port_cpu));
    world_backend = NULL;
    world_written = NULL;
    world_time_shift(0);
    pv_guest = (struct pv_guest){.shared_info = &info, .command_line = ""};
    pv_stream_init(&requests, false, store_page.req, XENSTORE_RING_SIZE, &store_page.req_cons,
                   &store_page.req_prod);
    pv_stream_init(&answers, true, store_page.rsp, XENSTORE_RING_SIZE, &store_page.rsp_prod,
                   &store_page.rsp_cons);
    for (evtchn_port_t port = 1; port < 100; port++)
        pv_event_close(port); /* what the test before left bound */
    if (pv_event_init(false) || pv_xenstore_init(&store_page, STORE_PORT))
        abort();
    pv_grant_init(grants);
}
