/* SPDX-License-Identifier: BSD-2-Clause */
/* Bitmaps between guests and the hypervisor. */
#include "control/cpu_bitmap.h"

#include "abi/errno.h"
#include "lib/bits.h"
#include "p2m/copy.h"

int cpu_bitmap_read(struct cpumask *to, const struct xenctl_bitmap *from)
{
    uint32_t bits = min(from->nr_bits, (uint32_t)NR_CPUS);
    uint32_t bytes = DIV_ROUND_UP(bits, 8u);

    for (unsigned int i = 0; i < CPUMASK_WORDS; i++)
        to->bits[i] = 0;
    if (copy_from_guest(to->bits, GUEST_VA(from->bitmap), bytes))
        return -EFAULT;
    if (bits % BITS_PER_WORD)
        to->bits[bits / BITS_PER_WORD] &= bits_low(bits % BITS_PER_WORD);
    for (unsigned int i = cpumask_words; i < CPUMASK_WORDS; i++)
        to->bits[i] = 0;
    return 0;
}

int cpu_bitmap_write(const struct xenctl_bitmap *to, const struct cpumask *from)
{
    uint64_t gva = GUEST_VA(to->bitmap);
    uint64_t room = DIV_ROUND_UP((uint64_t)to->nr_bits, 8u);
    uint64_t whole = min((uint64_t)to->nr_bits / 8, (uint64_t)cpumask_words * 8);
    uint8_t last;

    if (copy_to_guest(gva, from->bits, whole))
        return -EFAULT;
    if (whole == room)
        return 0;
    if (whole == (uint64_t)cpumask_words * 8) /* the guest's map is longer than ours */
        return clear_guest(gva + whole, room - whole);
    last = ((const uint8_t *)from->bits)[whole] & (uint8_t)bits_low(to->nr_bits % 8);
    return copy_to_guest(gva + whole, &last, 1);
}
