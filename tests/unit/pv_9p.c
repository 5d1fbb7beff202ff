/* SPDX-License-Identifier: BSD-2-Clause */
/* The 9pfs front end with a server of a few files, and with one that answers falsely. */
/* sources: pv-drivers/lib/ninepfs.c pv-drivers/lib/ninepfs_message.c pv-drivers/lib/buffers.c */
/* sources: pv-drivers/lib/ring.c pv-drivers/lib/grant.c pv-drivers/lib/xenbus.c */
/* sources: pv-drivers/lib/xenstore.c pv-drivers/lib/xenstore_message.c pv-drivers/lib/event.c */
/* sources: pv-drivers/lib/event_fifo.c pv-drivers/lib/clock.c tests/unit/fake/pv_world.c */
#include "tests/unit/check.h"

#include "pv-drivers/lib/grant.h"
#include "pv-drivers/lib/ninepfs.h"
#include "tests/unit/fake/pv_world.h"

#define BACK  "/back/0/"
#define FRONT WORLD_FRONT "device/9pfs/0/"

static struct pv_9p fs;

/* ---- the server: files "a" and "d/b" and what is created in "d" ---- */

static struct file {
    char name[16];
    uint8_t data[8192];
    uint32_t bytes;
} files[4];
static int fids[PV_9P_FILES + 1]; /* index of a file, -1: none, -2: d, -3: the root */
static struct pv_stream in, out; /* the server's view */
static uint8_t *half;
static struct {
    uint32_t in_cons, in_prod;
    uint8_t pad1[56];
    uint32_t out_cons, out_prod;
    uint8_t pad2[56];
    uint32_t ring_order;
    grant_ref_t ref[4];
} *page;
static bool connected;
static struct pv_9p_message message;
static uint32_t got;
static void (*lie)(struct pv_9p_message *);
static uint32_t create_flags;

static void error(uint32_t number)
{
    pv_9p_begin(&message, 6);
    pv_9p_put_number(&message, number, 4);
}

static int find(const char *name)
{
    for (int i = 0; i < 4; i++)
        if (files[i].name[0] && !strcmp(files[i].name, name))
            return i;
    return strcmp(name, "d") ? strcmp(name, "") ? -1 : -3 : -2;
}

static void walk_to(uint32_t fid, unsigned int names)
{
    char path[64] = "";

    for (unsigned int i = 0; i < names; i++) {
        uint64_t length = pv_9p_get_number(&message, 2);
        size_t at = strlen(path);

        path[at] = '/';
        pv_9p_get(&message, path + at + (i > 0), length);
        path[at + (i > 0) + length] = 0;
    }
    pv_9p_begin(&message, PV_9P_TWALK);
    fids[fid] = find(path);
    if (fids[fid] == -1)
        error(XEN_ENOENT);
    else
        pv_9p_put_number(&message, names, 2);
}

static void transfer_data(uint8_t type, uint32_t fid)
{
    uint64_t offset = pv_9p_get_number(&message, 8), bytes = pv_9p_get_number(&message, 4);
    struct file *file = &files[fids[fid]];

    CHECK(fids[fid] >= 0);
    if (type == PV_9P_TWRITE) {
        bytes = offset + bytes > sizeof(file->data) ? sizeof(file->data) - offset : bytes;
        pv_9p_get(&message, file->data + offset, bytes);
        file->bytes = (uint32_t)(offset + bytes);
    } else if (offset + bytes > file->bytes) {
        bytes = offset < file->bytes ? file->bytes - offset : 0;
    }
    pv_9p_begin(&message, type);
    pv_9p_put_number(&message, bytes, 4);
    if (type == PV_9P_TREAD)
        pv_9p_put(&message, file->data + offset, bytes);
}

static void create(uint32_t fid)
{
    uint64_t length = pv_9p_get_number(&message, 2);

    CHECK_EQ(fids[fid], -2);
    strcpy(files[3].name, "d/");
    pv_9p_get(&message, files[3].name + 2, length);
    files[3].name[2 + length] = 0;
    create_flags = (uint32_t)pv_9p_get_number(&message, 4);
    files[3].bytes = 0;
    fids[fid] = 3;
    pv_9p_begin(&message, PV_9P_TLCREATE);
}

static void serve(void)
{
    uint8_t type = message.bytes[4];
    uint32_t fid, tag;

    message.at = 5;
    message.bad = false;
    tag = (uint32_t)pv_9p_get_number(&message, 2);
    CHECK_EQ(tag, type == PV_9P_TVERSION ? 0xffff : 0);
    fid = (uint32_t)pv_9p_get_number(&message, 4);
    CHECK(type == PV_9P_TVERSION || fid <= PV_9P_FILES);
    switch (type) {
    case PV_9P_TVERSION:
        pv_9p_begin(&message, type);
        pv_9p_put_number(&message, fid, 4);
        pv_9p_put_string(&message, "9P2000.L", 8);
        break;
    case PV_9P_TWALK:
        fid = (uint32_t)pv_9p_get_number(&message, 4);
        CHECK_EQ(fids[fid], -1);
        walk_to(fid, (unsigned int)pv_9p_get_number(&message, 2));
        break;
    case PV_9P_TREAD:
    case PV_9P_TWRITE:
        transfer_data(type, fid);
        break;
    case PV_9P_TLCREATE:
        create(fid);
        break;
    case PV_9P_TCLUNK:
        fids[fid] = -1;
        pv_9p_begin(&message, type);
        break;
    case PV_9P_TLOPEN:
        if (fids[fid] < 0)
            error(XEN_EISDIR);
        else
            pv_9p_begin(&message, type);
        break;
    default:
        pv_9p_begin(&message, type);
    }
    message.bytes[4]++;
    pv_9p_finish(&message);
    if (lie)
        lie(&message);
}

static void back_end(evtchn_port_t port)
{
    uint32_t size = PV_9P_HEAD;
    int n;

    (void)port;
    if (!connected)
        return;
    while (pv_stream_room(&in) > 0) {
        if (got >= PV_9P_HEAD)
            memcpy(&size, message.bytes, 4);
        n = pv_stream_read(&in, message.bytes + got, size - got);
        CHECK(n >= 0);
        got += (uint32_t)n;
        if (got < PV_9P_HEAD)
            continue;
        memcpy(&size, message.bytes, 4);
        if (got < size)
            continue;
        message.end = size;
        serve();
        got = 0;
        CHECK_EQ(pv_stream_write(&out, message.bytes, message.end), message.end);
        world_raise(fs.port);
    }
}

static void written(const char *path, const char *value)
{
    if (strcmp(path, FRONT "state"))
        return;
    if (atoi(value) == XenbusStateInitialising)
        world_set(BACK "state", "2");
    if (atoi(value) == XenbusStateInitialised) {
        CHECK_STR(world_node(FRONT "num-rings"), "1");
        page = world_page((grant_ref_t)atoi(world_node(FRONT "ring-ref0")));
        CHECK_EQ(page->ring_order, 2);
        half = world_page(page->ref[0]);
        pv_stream_init(&out, true, half, 8192, &page->in_prod, &page->in_cons);
        pv_stream_init(&in, false, world_page(page->ref[2]), 8192, &page->out_cons,
                       &page->out_prod);
        connected = true;
        world_set(BACK "state", "4");
    } else if (atoi(value) == XenbusStateClosed) {
        connected = false;
        world_set(BACK "state", "6");
    }
}

static int open_share(void)
{
    world_start();
    world_device("9pfs", "0");
    world_set(FRONT "tag", "share");
    world_set(BACK "max-ring-page-order", "9");
    world_backend = back_end;
    world_written = written;
    got = 0;
    connected = false;
    lie = NULL;
    for (unsigned int i = 0; i <= PV_9P_FILES; i++)
        fids[i] = -1;
    memset(files, 0, sizeof(files));
    strcpy(files[0].name, "a");
    strcpy(files[1].name, "d/b");
    for (unsigned int i = 0; i < sizeof(files[0].data); i++)
        files[0].data[i] = (uint8_t)check_random();
    files[0].bytes = 7000;
    return pv_9p_open(&fs, 0);
}

static void close_share(void)
{
    CHECK_EQ(pv_9p_close(&fs), 0);
    CHECK_EQ(pv_grant_count(), 0);
    CHECK_EQ(world_pages_used(), 0);
}

TEST(a_file_is_read)
{
    static uint8_t data[8192];
    int file, n;
    size_t at = 0;

    CHECK_EQ(open_share(), 0);
    CHECK_STR(fs.tag, "share");
    file = pv_9p_file(&fs, "a", PV_9P_READ);
    CHECK_EQ(file, 1);
    while ((n = pv_9p_read(&fs, file, at, data + at, sizeof(data))) > 0)
        at += (size_t)n;
    CHECK_EQ(n, 0);
    CHECK_EQ(at, 7000);
    CHECK(!memcmp(data, files[0].data, at));
    pv_9p_file_close(&fs, file);
    CHECK_EQ(pv_9p_file(&fs, "d/b", PV_9P_READ), 1);
    CHECK_EQ(pv_9p_file(&fs, "x", PV_9P_READ), -XEN_ENOENT);
    CHECK_EQ(pv_9p_file(&fs, "d", PV_9P_READ), -XEN_EISDIR);
    CHECK_EQ(fids[2], -1); /* its number is free again */
    close_share();
}

TEST(a_file_is_written)
{
    int file;

    CHECK_EQ(open_share(), 0);
    file = pv_9p_file(&fs, "d/new", PV_9P_WRITE | PV_9P_CREATE | PV_9P_TRUNCATE);
    CHECK(file > 0);
    CHECK_STR(files[3].name, "d/new");
    CHECK_EQ(create_flags, 01101);
    CHECK_EQ(pv_9p_write(&fs, file, 0, files[0].data, 5000), PV_9P_DATA);
    CHECK_EQ(pv_9p_write(&fs, file, PV_9P_DATA, files[0].data + PV_9P_DATA, 1000), 1000);
    CHECK(!memcmp(files[3].data, files[0].data, PV_9P_DATA + 1000));
    pv_9p_file_close(&fs, file);
    for (unsigned int i = 0; i < PV_9P_FILES; i++)
        CHECK_EQ(pv_9p_file(&fs, "a", PV_9P_READ), i + 1);
    CHECK_EQ(pv_9p_file(&fs, "a", PV_9P_READ), -XEN_EMFILE);
    close_share();
}

static void wrong_size(struct pv_9p_message *m)
{
    memcpy(m->bytes, &(uint32_t){PV_9P_MESSAGE + 1}, 4);
}
static void no_size(struct pv_9p_message *m)
{
    memcpy(m->bytes, &(uint32_t){6}, 4);
}
static void wrong_tag(struct pv_9p_message *m)
{
    m->bytes[5] ^= 1;
}
static void wrong_type(struct pv_9p_message *m)
{
    m->bytes[4]--;
}
static void wrong_count(struct pv_9p_message *m)
{
    memcpy(m->bytes + PV_9P_HEAD, &(uint32_t){101}, 4);
}
static void no_count(struct pv_9p_message *m)
{
    memcpy(m->bytes + PV_9P_HEAD, &(uint32_t){100}, 4);
    m->end = PV_9P_HEAD + 4;
    memcpy(m->bytes, &m->end, 4);
}
TEST(lies_break_the_share)
{
    static void (*const lies[])(struct pv_9p_message *) = {
        wrong_size, no_size, wrong_tag, wrong_type, wrong_count, no_count};
    uint8_t data[101];

    for (unsigned int i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        int file;

        CHECK_EQ(open_share(), 0);
        file = pv_9p_file(&fs, "a", PV_9P_READ);
        CHECK(file > 0);
        lie = lies[i];
        data[100] = 0x77;
        CHECK_EQ(pv_9p_read(&fs, file, 0, data, 100), -XEN_EBADMSG);
        lie = NULL;
        CHECK_EQ(pv_9p_read(&fs, file, 0, data, 100), -XEN_EBADMSG);
        CHECK_EQ(data[100], 0x77);
        close_share();
    }
}

TEST(false_indices_break_the_share)
{
    CHECK_EQ(open_share(), 0);
    world_backend = NULL;
    page->in_prod += 8193;
    CHECK_EQ(pv_9p_file(&fs, "a", PV_9P_READ), -XEN_EBADMSG);
    close_share();
    CHECK_EQ(open_share(), 0);
    page->out_cons += 1;
    CHECK_EQ(pv_9p_file(&fs, "a", PV_9P_READ), -XEN_EBADMSG);
    close_share();
}

TEST(silence_ends)
{
    CHECK_EQ(open_share(), 0);
    world_backend = NULL;
    world_time_shift(12);
    CHECK_EQ(pv_9p_file(&fs, "a", PV_9P_READ), -XEN_ETIMEDOUT);
    world_time_shift(0);
    CHECK_EQ(pv_9p_file(&fs, "a", PV_9P_READ), -XEN_ETIMEDOUT);
    close_share();
}
