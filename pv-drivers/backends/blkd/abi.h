/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block ring's structures from Xen's own header, twice: as a 64-bit guest lays them out, and as
 * a 32-bit one does, where a 64-bit number is aligned to 4 bytes (names with x86_32_).
 */
#pragma once

#include <stdint.h>

#define xen_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define xen_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)

#include <xen/io/blkif.h>
#include <xen/io/protocols.h>
#include <xen/io/xenbus.h>

#pragma push_macro("__XEN_PUBLIC_IO_BLKIF_H__")
#undef __XEN_PUBLIC_IO_BLKIF_H__
#define blkif_request_segment x86_32_blkif_request_segment
#define blkif_request x86_32_blkif_request
#define blkif_request_t x86_32_blkif_request_t
#define blkif_request_discard x86_32_blkif_request_discard
#define blkif_request_discard_t x86_32_blkif_request_discard_t
#define blkif_request_indirect x86_32_blkif_request_indirect
#define blkif_request_indirect_t x86_32_blkif_request_indirect_t
#define blkif_response x86_32_blkif_response
#define blkif_response_t x86_32_blkif_response_t
#define blkif_sring x86_32_blkif_sring
#define blkif_sring_t x86_32_blkif_sring_t
#define blkif_sring_entry x86_32_blkif_sring_entry
#define blkif_front_ring x86_32_blkif_front_ring
#define blkif_front_ring_t x86_32_blkif_front_ring_t
#define blkif_back_ring x86_32_blkif_back_ring
#define blkif_back_ring_t x86_32_blkif_back_ring_t
#pragma pack(push, 4)
#include <xen/io/blkif.h>
#pragma pack(pop)
#undef blkif_request_segment
#undef blkif_request
#undef blkif_request_t
#undef blkif_request_discard
#undef blkif_request_discard_t
#undef blkif_request_indirect
#undef blkif_request_indirect_t
#undef blkif_response
#undef blkif_response_t
#undef blkif_sring
#undef blkif_sring_t
#undef blkif_sring_entry
#undef blkif_front_ring
#undef blkif_front_ring_t
#undef blkif_back_ring
#undef blkif_back_ring_t
#pragma pop_macro("__XEN_PUBLIC_IO_BLKIF_H__")

#include <stddef.h>

_Static_assert(sizeof(union blkif_sring_entry) == 112, "an entry of a 64-bit guest's ring");
_Static_assert(sizeof(union x86_32_blkif_sring_entry) == 108, "an entry of a 32-bit guest's ring");
_Static_assert(offsetof(struct x86_32_blkif_request_indirect, indirect_grefs) == 24, "packed by 4");
_Static_assert(offsetof(struct blkif_sring, ring) == 64 &&
                   offsetof(struct x86_32_blkif_sring, ring) == 64,
               "the indices are the same");

#define ABI_PAGE 4096u
#define ABI_SECTOR       512u /* the unit of all sector numbers, whatever the disk's is */
#define ABI_PAGE_SECTORS (ABI_PAGE / ABI_SECTOR)

enum abi_kind { ABI_X86_64, ABI_X86_32 };
