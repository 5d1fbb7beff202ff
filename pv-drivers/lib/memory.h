/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages of the image's pool, and frame numbers. All of the library's memory is in the image: what
 * the guest has beside it is the kernel's to use (pv_guest.spare).
 */
#pragma once

#include "pv-drivers/lib/abi.h"

#define PV_POOL_MAX 4096u /* pages; image.lds says how many there are */

/* @count zeroed pages in a row, or NULL. */
void *pv_pages_alloc(unsigned int count);
void pv_pages_free(void *pages, unsigned int count);

/* The frame number by which hypervisor and other guests know a page of ours: PV machine frame, else
 * guest frame. */
uint64_t pv_frame_of(const volatile void *page);

/* Where one of our own frames lies that the toolstack chose (console, xenstore). */
void *pv_frame_map(uint64_t frame);
