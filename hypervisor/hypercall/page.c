/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypercall page older PV guests call into. */
#include "hypercall/dispatch.h"

#include "abi/xen.h"
#include "lib/string.h"

/* Every entry: push %rcx; push %r11; mov $n, %eax; syscall; pop %r11; pop %rcx; ret. The iret
 * entry has a different frame and does not return: push %rcx; push %r11; push %rax; mov; syscall.
 */
void hypercall_page_write(void *page)
{
    memset(page, 0xcc, 4096);
    for (unsigned int n = 0; n < 4096 / 32; n++) {
        uint8_t *at = (uint8_t *)page + n * 32;

        *at++ = 0x51;
        *at++ = 0x41;
        *at++ = 0x53;
        if (n == __HYPERVISOR_iret)
            *at++ = 0x50;
        *at++ = 0xb8;
        *at++ = (uint8_t)n;
        *at++ = 0;
        *at++ = 0;
        *at++ = 0;
        *at++ = 0x0f;
        *at++ = 0x05;
        if (n != __HYPERVISOR_iret) {
            *at++ = 0x41;
            *at++ = 0x5b;
            *at++ = 0x59;
            *at++ = 0xc3;
        }
    }
}

/* mov $n, %eax; vmcall or vmmcall; ret. There is no iret for them. */
void hypercall_page_write_translated(void *page, const uint8_t call[3])
{
    memset(page, 0xcc, 4096);
    for (unsigned int n = 0; n < 4096 / 32; n++) {
        uint8_t *at = (uint8_t *)page + n * 32;

        if (n == __HYPERVISOR_iret) {
            at[0] = 0x0f; /* UD2 */
            at[1] = 0x0b;
            continue;
        }
        *at++ = 0xb8;
        *at++ = (uint8_t)n;
        *at++ = 0;
        *at++ = 0;
        *at++ = 0;
        memcpy(at, call, 3);
        at[3] = 0xc3;
    }
}
