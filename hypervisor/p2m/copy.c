/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copying to and from the calling guest.
 *
 * What is always true here: a PV guest's kernel address space is the one loaded while its hypercall
 * or trap is handled, so its memory is reached at its own addresses, by instructions that may fault
 * (exception table). An address is accepted only if the whole range lies outside the hypervisor's
 * part of the address space; the page tables do the rest, since CR0.WP is set.
 */
#include "p2m/copy.h"

#include "abi/errno.h"
#include "cpu/extable.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "mm/layout.h"
#include "p2m/guest_copy.h"

static bool range_ok(uint64_t va, size_t bytes)
{
    uint64_t end = va + bytes;

    if (end < va)
        return bytes != 0 && end == 0 && va >= VA_HYPERVISOR_END;
    return end <= 0x0000800000000000 || va >= VA_HYPERVISOR_END;
}

#define WORDS_MANY 8 /* from so many on a string instruction is not slower than a loop */

/* Both directions: words while they last (each a single access), then bytes. */
static int copy_raw(void *to, const void *from, size_t bytes)
{
    size_t words = bytes / 8, tail = bytes % 8;
    uint64_t scratch;

    if (words >= WORDS_MANY)
        __asm__ goto volatile("1: rep movsq\n" EXTABLE("1b", "%l[fault]")
                              : "+D"(to), "+S"(from), "+c"(words)
                              :
                              : "memory"
                              : fault);
    else
        __asm__ goto volatile("jrcxz 3f\n"
                              "leaq (%0, %2, 8), %0\n leaq (%1, %2, 8), %1\n negq %2\n"
                              "1: movq (%1, %2, 8), %3\n"
                              "2: movq %3, (%0, %2, 8)\n"
                              "incq %2\n jnz 1b\n"
                              "3:\n" EXTABLE("1b", "%l[fault]") EXTABLE("2b", "%l[fault]")
                              : "+r"(to), "+r"(from), "+c"(words), "=&r"(scratch)
                              :
                              : "memory"
                              : fault);
    if (tail == 0)
        return 0;
    if (tail == 4) {
        __asm__ goto volatile("1: movl (%2), %k0\n"
                              "2: movl %k0, (%1)\n" EXTABLE("1b", "%l[fault]")
                                  EXTABLE("2b", "%l[fault]")
                              : "=&r"(scratch)
                              : "r"(to), "r"(from)
                              : "memory"
                              : fault);
        return 0;
    }
    __asm__ goto volatile("1: rep movsb\n" EXTABLE("1b", "%l[fault]")
                          : "+D"(to), "+S"(from), "+c"(tail)
                          :
                          : "memory"
                          : fault);
    return 0;
fault:
    return -EFAULT;
}

static bool is_translated(void)
{
    return vcpu_current()->hvm != NULL;
}

int copy_from_guest(void *to, uint64_t gva, size_t bytes)
{
    if (unlikely(is_translated()))
        return guest_copy(to, gva, bytes, GUEST_COPY_FROM);
    if (unlikely(!range_ok(gva, bytes)))
        return -EFAULT;
    return copy_raw(to, (const void *)gva, bytes);
}

int copy_to_guest(uint64_t gva, const void *from, size_t bytes)
{
    if (unlikely(is_translated()))
        return guest_copy((void *)(uintptr_t)from, gva, bytes, GUEST_COPY_TO);
    if (unlikely(!range_ok(gva, bytes)))
        return -EFAULT;
    return copy_raw((void *)gva, from, bytes);
}

int clear_guest(uint64_t gva, size_t bytes)
{
    if (unlikely(is_translated()))
        return guest_copy(NULL, gva, bytes, GUEST_COPY_CLEAR);
    if (unlikely(!range_ok(gva, bytes)))
        return -EFAULT;
    __asm__ goto volatile("1: rep stosb\n" EXTABLE("1b", "%l[fault]")
                          : "+D"(gva), "+c"(bytes)
                          : "a"(0)
                          : "memory"
                          : fault);
    return 0;
fault:
    return -EFAULT;
}

int copy_string_from_guest(char *to, uint64_t gva, size_t max)
{
    for (size_t i = 0; i < max; i++) {
        if (copy_from_guest(to + i, gva + i, 1))
            return -EFAULT;
        if (to[i] == '\0')
            return 0;
    }
    return -E2BIG;
}
