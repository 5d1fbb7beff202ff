/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments made to go wrong: endless batches (XSA-45, 150 class), numbers at the ends of their
 * ranges (XSA-29), addresses the hypervisor must not use for the guest, arguments that change while
 * they are read (XSA-155, 313 class).
 */
#include "tests/guest/lib/child.h"

/* A batch longer than memory: it ends at the first entry that cannot be read, and meanwhile others
 * run: the maker watches this one's clock. */
static void endless_batch(void *arg unused)
{
    multicall_entry_t *list = pages_alloc(8);

    for (unsigned int i = 0; i < 8 * PAGE_BYTES / sizeof(*list); i++)
        list[i] = (multicall_entry_t){.op = __HYPERVISOR_xen_version};
    (void)hc_update_va_mapping((char *)list + 7 * PAGE_BYTES, 0, UVMF_INVLPG);
    CHECK_EQ(hc_multicall(list, 0xffffffff), -EFAULT);
    CHECK_EQ(hc_multicall(list, 0x7fffffff), -EFAULT);
    CHECK_EQ(list[447].result, 4 << 16 | 17);
    /* entries that wrap round the top of the address space */
    CHECK_EQ(hc_multicall(~0UL - 63, 2), -EFAULT);
    /* an entry that changes the batch it is in */
    list[0] = (multicall_entry_t){.op = __HYPERVISOR_update_va_mapping,
                                  .args = {(uint64_t)list, 0, UVMF_INVLPG}};
    CHECK(hc_multicall(list, 4) != 0);
    CHECK_EQ(page_protect(list, PTE_RW_FLAGS), 0);
}

TEST(hostile, endless_batch)
{
    child_run(endless_batch, NULL, SHUTDOWN_poweroff);
}

/* Counts without measure. All must come back in bounded time, with an error or a partial result. */
static void huge_counts(void *arg unused)
{
    struct mmu_update u = {pte_machine(0, (uint64_t)image_start, 1),
                           pte_read((uint64_t)image_start)};
    struct mmuext_op ext = {.cmd = MMUEXT_TLB_FLUSH_LOCAL};
    struct xen_memory_reservation r = {.domid = DOMID_SELF, .nr_extents = ~0UL};
    static xen_pfn_t list[4];
    static const uint64_t counts[] = {~0UL, 0xffffffff, 0x7fffffff, 0x80000000, 0x100000000};

    for (unsigned int i = 0; i < ARRAY_SIZE(counts); i++) {
        box.step = i;
        (void)hc_mmu_update(BAD_POINTER, counts[i], NULL, DOMID_SELF);
        (void)hc_mmuext_op(BAD_POINTER, counts[i], NULL, DOMID_SELF);
        (void)hc_grant_table_op(GNTTABOP_map_grant_ref, BAD_POINTER, counts[i]);
        (void)hc_grant_table_op(GNTTABOP_copy, BAD_POINTER, counts[i]);
        (void)hc_grant_table_op(GNTTABOP_unmap_grant_ref, BAD_POINTER, counts[i]);
        (void)hc_console_io(CONSOLEIO_write, counts[i], BAD_POINTER);
        (void)hc_set_gdt(list, counts[i]);
        r.nr_extents = counts[i];
        set_xen_guest_handle(r.extent_start, list);
        (void)hc_memory_op(XENMEM_populate_physmap, &r);
        (void)hc_memory_op(XENMEM_decrease_reservation, &r);
        set_xen_guest_handle(r.extent_start, (xen_pfn_t *)BAD_POINTER);
        (void)hc_memory_op(XENMEM_populate_physmap, &r);
        /* the sub-operation's upper bits are where a hypervisor keeps its place */
        (void)hc_memory_op(counts[i] & ~63UL, &r);
        (void)hc_memory_op((counts[i] & ~63UL) | XENMEM_exchange, &r);
    }
    (void)u;
    (void)ext;
    (void)hc_mmu_update(&u, 0x80000001, NULL, DOMID_SELF); /* "go on" with nothing begun */
    (void)hc_mmuext_op(&ext, 0x80000001, NULL, DOMID_SELF);
}

TEST(hostile, huge_counts)
{
    child_run(huge_counts, NULL, SHUTDOWN_poweroff);
}

/* Each call with each of a set of bad pointers in each argument. What it answers matters little;
 * that this guest, its maker and the machine live does. */
static void bad_pointers(void *arg unused)
{
    static const uint64_t bad[] = {0, BAD_POINTER, HV_POINTER, M2P_BASE, NONCANONICAL, ~0UL,
                                   ~0UL - 7, 0xffff87fffffffff8, 0xffff7ffffffffff8,
                                   0x00007ffffffffff8, 0xffff82d040000000, 0xffff830000000000,
                                   (uint64_t)image_end - 4};
    /* all but those that end or stop us by design */
    static const uint8_t calls[] = {0, 1, 2, 5, 7, 8, 9, 10, 12, 13, 14, 15, 17, 18, 20, 21, 22, 24,
                                    25, 26, 27, 28, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41,
                                    42, 48};

    for (unsigned int c = 0; c < ARRAY_SIZE(calls); c++)
        for (unsigned int sub = 0; sub < 16; sub++)
            for (unsigned int b = 0; b < ARRAY_SIZE(bad); b++) {
                box.step = calls[c] << 16 | sub << 8 | b;
                if (calls[c] == 0 || calls[c] == 13)
                    (void)hypercall(calls[c], bad[b] ? bad[b] : 8, sub, 0, 0, 0);
                else if (calls[c] == 26 || calls[c] == 1)
                    (void)hypercall(calls[c], bad[b], sub, bad[b], DOMID_SELF, 0);
                else if (calls[c] == 15 || calls[c] == 21)
                    continue;
                else if (calls[c] == 24 && (sub == 2 || sub == 6 || sub == 11))
                    continue; /* down oneself, a periodic timer, an NMI */
                else if (calls[c] == 32 && sub == 10)
                    continue;
                else
                    (void)hypercall(calls[c], sub, bad[b], bad[b], bad[b], bad[b]);
            }
    trap_init();
    CHECK_EQ(hc_xen_version(XENVER_version, NULL), 4 << 16 | 17);
    CHECK_EQ(TRY("ud2", OUT(), IN()), 6);
}

TEST(hostile, bad_pointers)
{
    child_run(bad_pointers, NULL, SHUTDOWN_poweroff);
}

/* ---- arguments that change under the hypervisor's eyes: a second vCPU flips them ---- */

static struct mmu_update flip_update;
static volatile uint64_t flip_values[2];
static volatile uint64_t *flip_target;
static volatile bool flip_stop;

static void flipper(void)
{
    cpu_self()->id = 1;
    while (!flip_stop) {
        *flip_target = flip_values[0];
        *flip_target = flip_values[1];
    }
    for (;;)
        (void)hc_vcpu_op(VCPUOP_down, 1, NULL);
}

static bool flipper_start(volatile uint64_t *target, uint64_t a, uint64_t b)
{
    flip_target = target;
    flip_values[0] = a;
    flip_values[1] = b;
    flip_stop = false;
    return second_initialise(flipper) == 0 && hc_vcpu_op(VCPUOP_up, 1, NULL) == 0;
}

static void double_fetch(void *arg unused)
{
    char *page = page_alloc();
    uint64_t at = pte_machine(0, (uint64_t)page, 1), good = pte(va_mfn(page), PTE_RW_FLAGS);
    uint64_t evil = pte(at >> PAGE_SHIFT, PTE_RW_FLAGS);
    unsigned int accepted = 0;

    flip_update.ptr = at;
    flip_update.val = good;
    NEED(flipper_start(&flip_update.val, good, evil));
    for (unsigned int i = 0; i < 3000; i++) {
        if (hc_mmu_update(&flip_update, 1, NULL, DOMID_SELF) == 0)
            accepted++;
        if ((pte_read((uint64_t)page) ^ good) & PTE_ADDRESS) {
            CHECK_EQ(pte_read((uint64_t)page), good);
            break;
        }
    }
    flip_stop = true;
    box.value[0] = accepted;
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

TEST(hostile, xsa155_double_fetch)
{
    struct child_options o = {.vcpus = 2, .pool_pages = 60};

    child_run_with(double_fetch, &o, SHUTDOWN_poweroff);
}

/* Two vCPUs that pin and unpin, map and unmap the same pages. */
static uint64_t *race_page;

static void racer(void)
{
    cpu_self()->id = 1;
    trap_init();
    while (!flip_stop) {
        (void)mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(race_page), 0);
        (void)page_protect(race_page, PTE_RW_FLAGS);
        (void)mmuext(MMUEXT_UNPIN_TABLE, va_mfn(race_page), 0);
    }
    for (;;)
        (void)hc_vcpu_op(VCPUOP_down, 1, NULL);
}

static void pin_race(void *arg unused)
{
    unsigned int pinned = 0;

    race_page = page_alloc();
    NEED(second_initialise(racer) == 0 && hc_vcpu_op(VCPUOP_up, 1, NULL) == 0);
    for (unsigned int i = 0; i < 2000; i++) {
        (void)page_protect(race_page, PTE_RO_FLAGS);
        pinned += mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(race_page), 0) == 0;
        /* while it is a table of anybody's, nobody may write it */
        (void)mmuext(MMUEXT_PIN_L2_TABLE, va_mfn(race_page), 0);
        (void)mmuext(MMUEXT_UNPIN_TABLE, va_mfn(race_page), 0);
    }
    flip_stop = true;
    box.value[0] = pinned;
    for (unsigned int i = 0; i < 500 && hc_vcpu_op(VCPUOP_is_up, 1, NULL); i++)
        sleep_us(1000);
    (void)mmuext(MMUEXT_UNPIN_TABLE, va_mfn(race_page), 0);
    CHECK_EQ(page_protect(race_page, PTE_RW_FLAGS), 0);
}

TEST(hostile, pin_race)
{
    struct child_options o = {.vcpus = 2, .pool_pages = 60};

    child_run_with(pin_race, &o, SHUTDOWN_poweroff);
}
