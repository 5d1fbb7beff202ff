/* SPDX-License-Identifier: BSD-2-Clause */
/* The MC146818 clock of an HVM guest: 14 bytes of CMOS; the rest is the device model's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "hvm/dev/vtick.h"

#include <xen/hvm/save.h>

struct platform;

#define VRTC_INDEX_PORT 0x70
#define VRTC_DATA_PORT 0x71

struct vrtc {
    struct hvm_hw_rtc hw;
    struct vtick tick;     /* the periodic interrupt */
    uint64_t seen_second;  /* RTC time up to which updates and alarms are flagged in register C */
    uint64_t seen_clock;   /* the same for the periodic flag while nobody wants the interrupt */
    uint64_t deadline;     /* ns of the next update or alarm that interrupts; VTICK_NEVER */
    bool offset_set;       /* rtc_offset is the toolstack's: a record does not change it */
};

void vrtc_reset(struct platform *p);

/* False: the register is the device model's, which has to see the access as well. */
bool vrtc_port_read(struct platform *p, uint16_t port, uint8_t *value);
bool vrtc_port_write(struct platform *p, uint16_t port, uint8_t value);

void vrtc_expire(struct platform *p);
/* The guest took the interrupt of @gsi. */
void vrtc_taken(struct platform *p, unsigned int gsi);

/* The domain's time offset (XEN_DOMCTL_settimeoffset). -EINVAL: beyond all calendars. */
int vrtc_offset_set(struct platform *p, int64_t seconds);

/* Record RTC. -EINVAL: not a state of the chip. */
void vrtc_save(struct platform *p);
int vrtc_load(struct platform *p, const struct hvm_hw_rtc *record);
/* All records are there. */
void vrtc_loaded(struct platform *p);
/* The host's wall clock, or the offset from it, was set. */
void vrtc_clock_changed(struct platform *p);
