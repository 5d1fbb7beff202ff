/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ABI as the library sees it: the public headers of Xen 4.17 (libxen-dev), error numbers as
 * XEN_ENAME, and what C does not give a freestanding program.
 *
 * Functions return 0 or a count when they succeed and a negative error number when they do not.
 * -XEN_EBADMSG always means: the other side broke the protocol, and the device is out of use.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef __XEN_INTERFACE_VERSION__
#define __XEN_INTERFACE_VERSION__ 0x00040e00
#endif
#include <xen/xen.h>

#include <xen/errno.h>

#define PV_PAGE_BYTES 4096u
#define PV_PAGE_SHIFT 12

/* A device's answer must be looked at; the compiler reminds the caller. */
#define PV_MUST_CHECK __attribute__((__warn_unused_result__))

/* One access, not split, repeated or moved across the other side's view: all shared words. */
#define PV_LOAD(x) __atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define PV_STORE(x, value) __atomic_store_n(&(x), value, __ATOMIC_RELEASE)
#define PV_BARRIER() __atomic_thread_fence(__ATOMIC_SEQ_CST)
