/* SPDX-License-Identifier: BSD-2-Clause */
/* The network rings' structures from Xen's own header. They are the same for 32-bit guests. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define xen_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define xen_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)

#include <xen/io/netif.h>

#define ABI_PAGE 4096u
#define ABI_RING 256u /* entries of either ring */
#define ABI_MAC  6u

_Static_assert(__CONST_RING_SIZE(netif_tx, ABI_PAGE) == ABI_RING &&
                   __CONST_RING_SIZE(netif_rx, ABI_PAGE) == ABI_RING, "one page each");
_Static_assert(sizeof(struct netif_extra_info) == sizeof(struct netif_rx_response),
               "an extra takes the place of a response");
