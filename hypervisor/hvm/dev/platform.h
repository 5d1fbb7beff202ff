/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The devices of an HVM domain that the hypervisor itself emulates, as one thing: what exits,
 * hypercalls, timers and save records have to do with it.
 *
 * Functions of this header take the domain's device lock (LOCK_PLATFORM): from any context that
 * holds no inner lock and is no interrupt handler. Functions of the single devices' headers are
 * called with it held, and use p->now. So are the call-outs, which therefore must not call back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hvm/dev/vgsi.h"
#include "hvm/dev/vhpet.h"
#include "hvm/dev/vioapic.h"
#include "hvm/dev/vmsi.h"
#include "hvm/dev/vpic.h"
#include "hvm/dev/vpit.h"
#include "hvm/dev/vpm.h"
#include "hvm/dev/vrtc.h"
#include "hvm/dev/vtick.h"
#include "lib/bits.h"
#include "sync/spinlock.h"

/* What the devices want from the world. */
struct platform_ops {
    /* System time in ns, as timer_set() has it; it never goes back. */
    uint64_t (*now)(struct platform *p);
    /* The host's wall clock at that time: ns since 1970 UTC. */
    uint64_t (*wall)(struct platform *p);
    /* Call platform_expire() at or soon after this time, and not for any given before; VTICK_NEVER:
     * not at all. */
    void (*arm)(struct platform *p, uint64_t deadline);
    /* To local APICs. False: there is none that takes it. */
    bool (*deliver)(struct platform *p, const struct vmsi_message *m);
    /* The 8259 asks for an interrupt, or no more; vCPU 0 then calls platform_intack(). */
    void (*pic_output)(struct platform *p, bool asserted);
    /* The guest set its clock by @by seconds, or a record was loaded (0): the domain's time offset
     * is @offset. */
    void (*clock_set)(struct platform *p, int64_t offset, int64_t by);
};

struct platform {
    struct spinlock lock;           /* LOCK_PLATFORM; all below */
    const struct platform_ops *ops; /* (c) */
    uint32_t devices;               /* (c) XEN_X86_EMU_* */
    bool hpet_enabled;              /* HVM_PARAM_HPET_ENABLED */
    uint64_t now;                   /* ops->now() of the call under way */
    uint64_t armed;                 /* the deadline ops->arm() was told */
    uint64_t tick_vectors[WORDS_FOR_BITS(256)]; /* of ticks in flight; looked at without lock */
    struct vtick_policy policy;
    struct vgsi gsi;
    struct vpic pic;
    struct vioapic ioapic;
    struct vpit pit;
    struct vrtc rtc;
    struct vhpet hpet;
    struct vpm pm;
};

/* Power-on state. @devices: the domain's emulation_flags, those we know. */
void platform_init(struct platform *p, const struct platform_ops *ops, uint32_t devices);
/* Power-on state again (S3, soft reset); clock offset, params and the device model's lines stay. */
void platform_reset(struct platform *p);
/* No timer is armed any more. */
void platform_destroy(struct platform *p);

/* HVM_PARAM_CALLBACK_IRQ, _TIMER_MODE, _HPET_ENABLED or _ACPI_IOPORTS_LOCATION is set. -EINVAL:
 * not a value of these; -ENOENT: another param. */
int platform_param(struct platform *p, uint32_t param, uint64_t value);
/* XEN_DOMCTL_settimeoffset. -EINVAL: beyond all calendars. */
int platform_time_offset(struct platform *p, int64_t seconds);
/* The host's wall clock was set. */
void platform_wall_changed(struct platform *p);

/*
 * A port access of @bytes (1, 2, 4), and one to memory of 1, 2, 4, 8: *value is read or written.
 * False: not ours, the device model's. (A write of the CMOS index is noted even then.)
 */
bool platform_port(struct platform *p, uint16_t port, unsigned int bytes, bool write,
                   uint32_t *value);
bool platform_mmio(struct platform *p, uint64_t gpa, unsigned int bytes, bool write,
                   uint64_t *value);

/* The timer that arm() asked for. */
void platform_expire(struct platform *p);

/* vCPU 0 takes an interrupt from the 8259: its vector. */
uint8_t platform_intack(struct platform *p);
/* Does the IOAPIC pass on the 8259's, and to whom (dest, logical)? */
bool platform_passes_pic(struct platform *p, struct vmsi_message *m);
/* A vCPU took @vector from its local APIC. Cheap where it is no timer's. */
void platform_taken_slow(struct platform *p, uint8_t vector);
static inline void platform_taken(struct platform *p, uint8_t vector)
{
    if (READ_ONCE(p->tick_vectors[vector / BITS_PER_WORD]) >> vector % BITS_PER_WORD & 1)
        platform_taken_slow(p, vector);
}
/* A local APIC that took nothing (deliver() was false) was enabled: levels are tried again. */
void platform_retry(struct platform *p);
/* A local APIC broadcasts the end of a level-triggered @vector. The GSIs it was for, as bits. */
uint64_t platform_eoi(struct platform *p, uint8_t vector);

/* A line of a passed-through device; XEN_DMOP_set_pci_intx_level, _set_isa_irq_level,
 * _set_pci_link_route and _inject_msi. -EINVAL: there is no such thing; of the last also -ESRCH: no
 * local APIC takes it, and 1: it stands for the pirq in *pirq. */
int platform_gsi_set(struct platform *p, unsigned int gsi, bool level);
/* A pulse on a line, and what the IOAPIC's pin for it is set to (a @gsi below VGSI_COUNT). */
struct platform_pin {
    bool masked, level, active_low;
    bool in_service; /* a level-triggered interrupt has not been ended */
};
void platform_gsi_pulse(struct platform *p, unsigned int gsi);
struct platform_pin platform_pin(struct platform *p, unsigned int gsi);
int platform_pci_set(struct platform *p, unsigned int device, unsigned int intx, bool level);
int platform_isa_set(struct platform *p, unsigned int irq, bool level);
int platform_link_route(struct platform *p, unsigned int link, unsigned int irq);
int platform_msi(struct platform *p, uint64_t address, uint32_t data, uint32_t *pirq);
/* XEN_DOMCTL_SENDTRIGGER_POWER and _SLEEP: VPM_POWER_BUTTON, VPM_SLEEP_BUTTON. */
void platform_button(struct platform *p, uint16_t button);
/* vCPU 0 has events pending, or no more, for HVM_PARAM_CALLBACK_IRQ that names a line. Not by who
 * sends the event: vCPU 0 says so on its way into the guest. */
void platform_callback(struct platform *p, bool asserted);

/* With HVMPTM_delay_for_missed_ticks: vCPU 0 was ready and did not run for @ns. */
void platform_preempted(struct platform *p, uint64_t ns);
/* The guest's time: what its TSC should follow in that mode; system time in all others. */
uint64_t platform_guest_time(struct platform *p);

/*
 * Save records by type code. platform_save() writes record @instance of @code to @to and returns
 * its length, -ENOENT when there is none; local APICs are saved after all of ours, or an interrupt
 * raised between would be in neither. platform_load() takes one whose length is @bytes: -ENOENT not
 * ours or no such device, -EINVAL not a state of it. After the last one, or one that was refused,
 * comes platform_loaded(); until then the devices have their state but make no interrupts of it.
 */
#define PLATFORM_RECORD_MAX sizeof(struct hvm_hw_hpet) /* the longest */
int platform_save(struct platform *p, uint16_t code, uint16_t instance, void *to);
int must_check platform_load(struct platform *p, uint16_t code, uint16_t instance,
                             const void *from, size_t bytes);
void platform_loaded(struct platform *p);

/* For the devices: an edge of a timer on @gsi. Is it on its way to a vCPU? */
bool platform_tick(struct platform *p, unsigned int gsi);
