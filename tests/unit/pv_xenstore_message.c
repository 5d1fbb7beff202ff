/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages from xenstore, whole, in pieces and wrong. */
/* sources: pv-drivers/lib/xenstore_message.c pv-drivers/lib/ring.c */
#include "tests/unit/check.h"

#include "pv-drivers/lib/xenstore_message.h"

static struct xenstore_domain_interface page;
static struct pv_stream in, daemon;
static struct pv_xenstore_message message;

static void start(void)
{
    memset(&page, 0, sizeof(page));
    page.rsp_cons = page.rsp_prod = -300u;
    pv_stream_init(&in, false, page.rsp, sizeof(page.rsp), &page.rsp_cons, &page.rsp_prod);
    pv_stream_init(&daemon, true, page.rsp, sizeof(page.rsp), &page.rsp_prod, &page.rsp_cons);
    memset(&message, 0xee, sizeof(message));
    message.got = 0;
}

static void say(uint32_t type, uint32_t id, const void *payload, uint32_t bytes)
{
    struct xsd_sockmsg header = {.type = type, .req_id = id, .len = bytes};

    CHECK_EQ(pv_stream_write(&daemon, &header, sizeof(header)), sizeof(header));
    CHECK_EQ(pv_stream_write(&daemon, payload, bytes), bytes);
}

TEST(an_answer)
{
    start();
    say(XS_READ, 7, "value", 5);
    CHECK_EQ(pv_xenstore_receive(&message, &in), 1);
    CHECK_EQ(pv_xenstore_answer(&message, XS_READ, 7), 5);
    CHECK_STR(message.payload, "value");
    CHECK_EQ(pv_xenstore_answer(&message, XS_READ, 8), -XEN_EBADMSG);
    CHECK_EQ(pv_xenstore_answer(&message, XS_WRITE, 7), -XEN_EBADMSG);
    message.got = 0;
    CHECK_EQ(pv_xenstore_receive(&message, &in), 0);
}

TEST(errors_have_numbers)
{
    start();
    say(XS_ERROR, 1, "ENOENT", 7);
    say(XS_ERROR, 2, "ESOMETHING", 10); /* no 0 at its end */
    say(XS_ERROR, 3, "", 0);
    CHECK_EQ(pv_xenstore_receive(&message, &in), 1);
    CHECK_EQ(pv_xenstore_answer(&message, XS_READ, 1), -XEN_ENOENT);
    message.got = 0;
    CHECK_EQ(pv_xenstore_receive(&message, &in), 1);
    CHECK_EQ(pv_xenstore_answer(&message, XS_READ, 2), -XEN_EIO);
    message.got = 0;
    CHECK_EQ(pv_xenstore_receive(&message, &in), 1);
    CHECK_EQ(pv_xenstore_answer(&message, XS_READ, 3), -XEN_EIO);
    CHECK_EQ(pv_xenstore_error("EAGAIN"), -XEN_EAGAIN);
    CHECK_EQ(pv_xenstore_error("EPERM"), -XEN_EPERM);
}

TEST(strings)
{
    start();
    say(XS_DIRECTORY, 1, "51712\0\0x\0last", 13); /* the last one without its 0 */
    CHECK_EQ(pv_xenstore_receive(&message, &in), 1);
    CHECK_STR(pv_xenstore_string(&message, 0), "51712");
    CHECK_STR(pv_xenstore_string(&message, 1), "");
    CHECK_STR(pv_xenstore_string(&message, 2), "x");
    CHECK_STR(pv_xenstore_string(&message, 3), "last");
    CHECK(!pv_xenstore_string(&message, 4));
    message.got = 0;
    say(XS_DIRECTORY, 1, "", 0);
    CHECK_EQ(pv_xenstore_receive(&message, &in), 1);
    CHECK(!pv_xenstore_string(&message, 0));
}

/* A payload of the greatest length comes through a ring of 1 KiB, in pieces of all sizes. */
TEST(long_messages_in_pieces)
{
    static char sent[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
    struct xsd_sockmsg header = {.type = XS_READ, .len = XENSTORE_PAYLOAD_MAX};

    for (int round = 0; round < 50; round++) {
        size_t done = 0;
        int rc = 0;

        start();
        for (size_t i = 0; i < sizeof(sent); i++)
            sent[i] = (char)check_random();
        memcpy(sent, &header, sizeof(header));
        while (!rc) {
            size_t piece = 1 + check_random_below(700);
            int n;

            if (piece > sizeof(sent) - done)
                piece = sizeof(sent) - done;
            n = pv_stream_write(&daemon, sent + done, piece);
            CHECK(n >= 0);
            done += (size_t)n;
            rc = pv_xenstore_receive(&message, &in);
        }
        CHECK_EQ(rc, 1);
        CHECK_EQ(done, sizeof(sent));
        CHECK(!memcmp(message.payload, sent + sizeof(header), XENSTORE_PAYLOAD_MAX));
        CHECK_EQ(message.payload[XENSTORE_PAYLOAD_MAX], 0);
    }
}

TEST(a_length_that_cannot_be)
{
    static const uint32_t wrong[] = {XENSTORE_PAYLOAD_MAX + 1, 0x7fffffff, ~0u, ~0u - 15};

    for (int i = 0; i < 4; i++) {
        struct xsd_sockmsg header = {.type = XS_READ, .len = wrong[i]};

        start();
        CHECK_EQ(pv_stream_write(&daemon, &header, sizeof(header)), sizeof(header));
        CHECK_EQ(pv_xenstore_receive(&message, &in), -XEN_EBADMSG);
        CHECK_EQ(pv_xenstore_receive(&message, &in), -XEN_EBADMSG);
    }
}
