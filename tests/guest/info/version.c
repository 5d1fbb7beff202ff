/* SPDX-License-Identifier: BSD-2-Clause */
/* xen_version: every sub-operation, bad pointers, unknown numbers. */
#include "tests/guest/lib/child.h"

TEST(info, version_number)
{
    CHECK_EQ(hc_xen_version(XENVER_version, NULL), 4 << 16 | 17);
    CHECK_EQ(hc_xen_version(XENVER_version, HV_POINTER), 4 << 16 | 17);
    CHECK_EQ(hc_xen_version(XENVER_pagesize, NULL), 4096);
}

TEST(info, version_texts)
{
    static const struct {
        unsigned int cmd, bytes;
        const char *name;
    } rows[] = {
        {XENVER_extraversion, sizeof(xen_extraversion_t), "extraversion"},
        {XENVER_compile_info, sizeof(xen_compile_info_t), "compile_info"},
        {XENVER_capabilities, sizeof(xen_capabilities_info_t), "capabilities"},
        {XENVER_changeset, sizeof(xen_changeset_info_t), "changeset"},
        {XENVER_commandline, sizeof(xen_commandline_t), "commandline"},
        {XENVER_platform_parameters, sizeof(xen_platform_parameters_t), "parameters"},
        {XENVER_guest_handle, 16, "handle"},
    };
    unsigned char *page = page_alloc();

    for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
        memset(page, 0xa5, PAGE_BYTES);
        CHECK_CASE(rows[i].name, hc_xen_version(rows[i].cmd, page), 0);
        CHECK_CASE(rows[i].name, page[rows[i].bytes], 0xa5);
        CHECK_CASE(rows[i].name, hc_xen_version(rows[i].cmd, BAD_POINTER), -EFAULT);
        CHECK_CASE(rows[i].name, hc_xen_version(rows[i].cmd, HV_POINTER), -EFAULT);
        CHECK_CASE(rows[i].name, hc_xen_version(rows[i].cmd, NONCANONICAL), -EFAULT);
        CHECK_CASE(rows[i].name, hc_xen_version(rows[i].cmd, ~0UL - 4), -EFAULT);
    }
}

TEST(info, version_features)
{
    xen_feature_info_t f = {.submap_idx = 0};

    CHECK_EQ(hc_xen_version(XENVER_get_features, &f), 0);
    CHECK(f.submap & (1u << XENFEAT_dom0));
    CHECK(f.submap & (1u << XENFEAT_mmu_pt_update_preserve_ad));
    CHECK(f.submap & (1u << XENFEAT_gnttab_map_avail_bits));
    CHECK(!(f.submap & (1u << XENFEAT_auto_translated_physmap)));
    CHECK(!(f.submap & (1u << XENFEAT_hvm_callback_vector)));
    CHECK_EQ(hc_xen_version(XENVER_get_features, BAD_POINTER), -EFAULT);
}

TEST(info, version_unknown)
{
    CHECK_EQ(hc_xen_version(99, NULL), -ENOSYS);
    CHECK_EQ(hc_xen_version(0x7fffffff, NULL), -ENOSYS);
    CHECK_EQ(hc_xen_version(~0UL, NULL), -ENOSYS);
}

TEST(info, unknown_hypercalls)
{
    static const uint64_t numbers[] = {11, 43, 47, 50, 55, 56, 63, 64, 100, 255, 256, 0x7fffffff,
                                       0x80000000, 0xffffffff};

    for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
        CHECK_CASE("number", hypercall(numbers[i], 0, 0, 0, 0, 0), -ENOSYS);
}

static void child_features(void *arg unused)
{
    xen_feature_info_t f = {.submap_idx = 0};

    CHECK_EQ(hc_xen_version(XENVER_get_features, &f), 0);
    CHECK(!(f.submap & (1u << XENFEAT_dom0)));
    box.value[0] = f.submap;
}

TEST(info, child_runs)
{
    child_run(child_features, NULL, SHUTDOWN_poweroff);
}
