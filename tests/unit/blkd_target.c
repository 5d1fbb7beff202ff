/* SPDX-License-Identifier: BSD-2-Clause */
/* What a disk's target in xl.cfg may say to zendo-blkd. */
/* sources: pv-drivers/backends/blkd/target.c */
#include "tests/unit/check.h"

#include "pv-drivers/backends/blkd/target.h"

static struct target target;
static const char *why;

TEST(a_path_is_raw)
{
    CHECK(target_parse(&target, "/srv/a,b:c.img", &why));
    CHECK_STR(target.format, "raw");
    CHECK_STR(target.where, "/srv/a,b:c.img");
    CHECK(target.persistent);
    CHECK(!target.iops && !target.bytes);
}

TEST(formats_and_options)
{
    CHECK(target_parse(&target, "qcow2,iops=500,mbps=3,persistent=0:/srv/a:b", &why));
    CHECK_STR(target.format, "qcow2");
    CHECK_STR(target.where, "/srv/a:b");
    CHECK_EQ(target.iops, 500);
    CHECK_EQ(target.bytes, 3 << 20);
    CHECK(!target.persistent);
}

TEST(everything_else_is_refused)
{
    static const char *const wrong[] = {
        "", ":", "raw", "raw:", "a.img", "qcow:/a", "raw,:/a", "raw,iops:/a", "raw,iops=:/a",
        "raw,iops=-1:/a", "raw,iops=1x:/a", "raw,iops= 1:/a", "raw,mbps=8193:/a",
        "raw,persistent=2:/a", "raw,iops=99999999999999999999:/a", "raw,ports=1:/a", ",raw:/a",
    };
    char text[3000];

    for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        why = NULL;
        if (target_parse(&target, wrong[i], &why))
            CHECK_FAIL("'%s' was taken", wrong[i]);
        CHECK(why);
    }
    memset(text, 'r', sizeof(text) - 1);
    text[sizeof(text) - 1] = 0;
    CHECK(!target_parse(&target, text, &why));
    text[200] = ':';
    CHECK(!target_parse(&target, text, &why));
    text[0] = '/';
    CHECK(!target_parse(&target, text, &why));
}
