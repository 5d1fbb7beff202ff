/* SPDX-License-Identifier: BSD-2-Clause */
/* The numbers of abi/compat_list.h as a 32-bit guest's compiler sees them; compiled with -m32, the
 * Makefile turns them into compat_layout.h. */
#include "abi/compat_list.h"
#include "abi/xen.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define NUMBER(name, value) __asm__ volatile("# NUMBER " #name " %c0" ::"i"(value))
#define FIELD(s, name, field)                                 \
    NUMBER(C32_##s##_##name##_AT, offsetof(struct s, field)); \
    NUMBER(C32_##s##_##name##_BYTES, sizeof(((struct s *)0)->field));
#define STRUCT(s) NUMBER(C32_##s##_BYTES, sizeof(struct s));

void compat_offsets(void);
void compat_offsets(void)
{
    COMPAT_FIELDS(FIELD)
    COMPAT_STRUCTS(STRUCT)
    NUMBER(C32_PENDING_AT, offsetof(shared_info_t, evtchn_pending));
    NUMBER(C32_MASK_AT, offsetof(shared_info_t, evtchn_mask));
    NUMBER(C32_WALLCLOCK_AT, offsetof(shared_info_t, wc_version));
    NUMBER(C32_WALLCLOCK_HI_AT, offsetof(shared_info_t, arch.wc_sec_hi));
    NUMBER(C32_PENDING_SEL_AT, offsetof(vcpu_info_t, evtchn_pending_sel));
    NUMBER(C32_2L_PORTS, EVTCHN_2L_NR_CHANNELS);
    NUMBER(C32_VCPU_TIME_AT, offsetof(vcpu_info_t, time));
    NUMBER(C32_VCPU_INFO_BYTES, sizeof(vcpu_info_t));
    NUMBER(C32_multicall_entry_BYTES, sizeof(struct multicall_entry));
    NUMBER(C32_multicall_entry_result_AT, offsetof(struct multicall_entry, result));
    NUMBER(C32_multicall_entry_args_AT, offsetof(struct multicall_entry, args));
}
