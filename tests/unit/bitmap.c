/* SPDX-License-Identifier: BSD-2-Clause */
/* Bits, bitmaps and CPU sets against slow and obvious versions of themselves. */
/* sources: hypervisor/lib/bitmap.c hypervisor/lib/cpumask.c */
#include "tests/unit/check.h"

#include "lib/bitmap.h"
#include "lib/cpumask.h"

TEST(bits)
{
    for (unsigned int i = 0; i < 64; i++) {
        uint64_t x = check_random() | 1;

        CHECK_EQ(bit_first(x << i), i);
        CHECK_EQ(bit_last((x | BIT(63)) >> i), 63 - i);
        CHECK_EQ(fls(BIT(i)), i + 1);
        CHECK_EQ(ilog2(BIT(i) | 1), i);
        CHECK_EQ(bits_low(i), BIT(i) - 1);
        CHECK(is_power_of_2(BIT(i)));
        CHECK(i == 0 || !is_power_of_2(BIT(i) | 1));
    }
    CHECK_EQ(fls(0), 0);
    CHECK(!is_power_of_2(0));
    CHECK_EQ(bits_low(64), -1);
}

TEST(bit_count)
{
    CHECK_EQ(bit_count(0), 0);
    CHECK_EQ(bit_count(~0ULL), 64);
    for (int round = 0; round < 1000; round++) {
        uint64_t x = check_random();
        unsigned int slow = 0;

        for (int i = 0; i < 64; i++)
            slow += (x >> i) & 1;
        CHECK_EQ(bit_count(x), slow);
    }
}

TEST(order_of)
{
    CHECK_EQ(order_of(0), 0);
    CHECK_EQ(order_of(1), 0);
    CHECK_EQ(order_of(4096), 0);
    CHECK_EQ(order_of(4097), 1);
    CHECK_EQ(order_of(8192), 1);
    CHECK_EQ(order_of(8193), 2);
    CHECK_EQ(order_of(2 * MiB), 9);
    CHECK_EQ(order_of(GiB), 18);
    CHECK_EQ(order_of(~0ULL), 52);
}

TEST(bit_test_and_set)
{
    uint64_t words[2] = {0, 0};

    CHECK(!bit_test_and_set(words, 64));
    CHECK(bit_test_and_set(words, 64));
    CHECK_EQ(words[0], 0);
    CHECK_EQ(words[1], 1);
    CHECK(bit_test_and_clear(words, 64));
    CHECK(!bit_test_and_clear(words, 64));
    CHECK_EQ(words[1], 0);
}

#define SIZE 300

struct both {
    uint64_t map[WORDS_FOR_BITS(SIZE)];
    bool slow[SIZE];
};

static size_t slow_next(const bool *slow, size_t size, size_t from, bool wanted)
{
    for (; from < size; from++)
        if (slow[from] == wanted)
            return from;
    return size;
}

static size_t slow_run(const bool *slow, size_t size, size_t from, size_t count)
{
    for (; from + count <= size; from++)
        if (slow_next(slow, from + count, from, true) == from + count && !slow[from])
            return from;
    return size;
}

static void compare(const struct both *both)
{
    for (int i = 0; i < 20; i++) {
        size_t size = 1 + check_random_below(SIZE), from = check_random_below(SIZE + 20);
        size_t count = 1 + check_random_below(20), weight = 0;

        for (size_t n = 0; n < size; n++)
            weight += both->slow[n];
        CHECK_EQ(bitmap_next_set(both->map, size, from),
                 from < size ? slow_next(both->slow, size, from, true) : size);
        CHECK_EQ(bitmap_next_zero(both->map, size, from),
                 from < size ? slow_next(both->slow, size, from, false) : size);
        CHECK_EQ(bitmap_next_zero_run(both->map, size, from, count),
                 slow_run(both->slow, size, from, count));
        CHECK_EQ(bitmap_weight(both->map, size), weight);
        CHECK_EQ(bitmap_is_empty(both->map, size), weight == 0);
        CHECK_EQ(bitmap_is_full(both->map, size), weight == size);
    }
}

TEST(ranges_and_searches)
{
    struct both both = {0};

    for (int round = 0; round < 3000; round++) {
        size_t first = check_random_below(SIZE), count = check_random_below(SIZE - first + 1);
        bool set = check_random() & 1;

        if (round % 3)
            count = count ? count % 70 : 0;
        (set ? bitmap_set_range : bitmap_clear_range)(both.map, first, count);
        for (size_t n = first; n < first + count; n++)
            both.slow[n] = set;
        compare(&both);
    }
}

TEST(range_ends)
{
    uint64_t map[3] = {0, 0, 0};

    bitmap_set_range(map, 64, 64);
    CHECK_EQ(map[0], 0);
    CHECK_EQ(map[1], -1);
    CHECK_EQ(map[2], 0);
    bitmap_set_range(map, 0, 0);
    CHECK_EQ(map[0], 0);
    bitmap_set_range(map, 63, 1);
    CHECK_EQ(map[0], BIT(63));
    bitmap_clear_range(map, 0, 192);
    CHECK(bitmap_is_empty(map, 192));
}

TEST(map_logic)
{
    uint64_t a[2] = {0xf0f0, 1}, b[2] = {0xff00, 3}, to[2];

    bitmap_and(to, a, b, 128);
    CHECK(to[0] == 0xf000 && to[1] == 1);
    bitmap_or(to, a, b, 128);
    CHECK(to[0] == 0xfff0 && to[1] == 3);
    bitmap_and_not(to, a, b, 128);
    CHECK(to[0] == 0xf0 && to[1] == 0);
    bitmap_copy(to, a, 128);
    CHECK(bitmap_is_equal(to, a, 128));
    to[1] |= BIT(10);
    CHECK(!bitmap_is_equal(to, a, 128));
    CHECK(bitmap_is_equal(to, a, 74)); /* bit 74 is beyond */
    CHECK(!bitmap_is_equal(to, a, 75));
    bitmap_zero(to, 128);
    CHECK(bitmap_is_empty(to, 128));
}

TEST(for_each_set)
{
    uint64_t map[2] = {BIT(0) | BIT(63), BIT(5)};
    size_t n, seen[4], count = 0;

    bitmap_for_each_set(n, map, 128)
        seen[count++] = n;
    CHECK_EQ(count, 3);
    CHECK(seen[0] == 0 && seen[1] == 63 && seen[2] == 69);
}

TEST(cpumask)
{
    static struct cpumask a, b, c;
    unsigned int cpu, sum = 0;

    CHECK(cpumask_empty(&a));
    CHECK_EQ(cpumask_first(&a), NR_CPUS);
    CHECK_EQ(cpumask_cycle(&a, 3), NR_CPUS);
    cpumask_set(&a, 3);
    cpumask_set(&a, 4095);
    CHECK(cpumask_test(&a, 3) && cpumask_test(&a, 4095) && !cpumask_test(&a, 4));
    for_each_cpu(cpu, &a)
        sum += cpu;
    CHECK_EQ(sum, 4098);
    CHECK_EQ(cpumask_next(&a, 3), 4095);
    CHECK_EQ(cpumask_next(&a, 4095), NR_CPUS);
    CHECK_EQ(cpumask_cycle(&a, 4095), 3);
    CHECK_EQ(cpumask_weight(&a), 2);
    cpumask_copy(&b, &a);
    CHECK(cpumask_equal(&a, &b));
    cpumask_clear(&b, 3);
    CHECK(!cpumask_equal(&a, &b) && cpumask_subset(&b, &a) && !cpumask_subset(&a, &b));
    CHECK(cpumask_intersects(&a, &b));
    cpumask_and_not(&c, &a, &b);
    CHECK_EQ(cpumask_first(&c), 3);
    CHECK(!cpumask_intersects(&b, &c));
    cpumask_or(&c, &c, &b);
    CHECK(cpumask_equal(&c, &a));
    cpumask_and(&c, &c, &b);
    CHECK(cpumask_equal(&c, &b));
    cpumask_set_only(&c, 77);
    CHECK(cpumask_weight(&c) == 1 && cpumask_test(&c, 77));
    cpumask_set_first(&c, 65);
    CHECK(cpumask_weight(&c) == 65 && cpumask_test(&c, 64) && !cpumask_test(&c, 65));
}

TEST(cpumask_beside_one)
{
    static struct cpumask a, b;

    cpumask_clear_all(&a);
    cpumask_clear_all(&b);
    CHECK(!cpumask_intersects_beside(&a, &b, 70));
    cpumask_set(&a, 70);
    cpumask_set(&b, 70);
    CHECK(!cpumask_intersects_beside(&a, &b, 70));
    CHECK(cpumask_intersects_beside(&a, &b, 6)); /* the same bit of another word */
    CHECK(cpumask_intersects_beside(&a, &b, 71));
    cpumask_set(&a, 5);
    CHECK(!cpumask_intersects_beside(&a, &b, 70));
    cpumask_set(&b, 5);
    CHECK(cpumask_intersects_beside(&a, &b, 70));
    cpumask_set_limit(8); /* a machine of few CPUs */
    CHECK(!cpumask_intersects_beside(&a, &b, 5));
    CHECK(cpumask_intersects_beside(&a, &b, 6));
    cpumask_set_limit(NR_CPUS);
}

TEST(cpumask_atomic)
{
    static struct cpumask a;

    CHECK(!cpumask_set_atomic(&a, 100));
    CHECK(cpumask_set_atomic(&a, 100));
    CHECK(cpumask_test(&a, 100));
    CHECK(cpumask_clear_atomic(&a, 100));
    CHECK(!cpumask_clear_atomic(&a, 100));
    CHECK(cpumask_empty(&a));
}

TEST(cpumask_limit)
{
    static struct cpumask a, b;

    memset(&a, 0xff, sizeof(a));
    cpumask_set_limit(8);
    cpumask_clear_all(&a); /* one word only */
    CHECK(cpumask_empty(&a));
    CHECK_EQ(a.bits[1], -1);
    cpumask_copy(&b, &a);
    CHECK_EQ(b.bits[1], 0);
    cpumask_set(&a, 7);
    CHECK_EQ(cpumask_next(&a, 7), NR_CPUS);
    cpumask_set_first(&b, 4096);
    CHECK_EQ(cpumask_weight(&b), 64);
    cpumask_set_limit(65);
    CHECK_EQ(cpumask_words, 2);
    cpumask_set_limit(NR_CPUS);
    CHECK_EQ(cpumask_words, CPUMASK_WORDS);
}
