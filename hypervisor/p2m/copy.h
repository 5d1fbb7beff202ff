/* SPDX-License-Identifier: BSD-2-Clause */
/* Copying to and from the memory of the calling guest: the only door. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/types.h"

/*
 * Copy @bytes from or to virtual address @gva of the current vCPU's guest (its kernel address
 * space for PV). 0, or -EFAULT when any byte is unmapped, not permitted to it, or in the
 * hypervisor's range (then some bytes may have been copied). Interrupts on or off; no lock of level
 * >= LOCK_EVENT if it can be helped (the guest's page may be slow to reach).
 */
int must_check copy_from_guest(void *to, uint64_t gva, size_t bytes);
int must_check copy_to_guest(uint64_t gva, const void *from, size_t bytes);
int must_check clear_guest(uint64_t gva, size_t bytes);

/* A NUL-terminated string of at most @max bytes with its NUL; -EFAULT, -E2BIG. */
int must_check copy_string_from_guest(char *to, uint64_t gva, size_t max);

/* The guest pointer in an ABI handle, and the address of element @i of an array of @type. */
#define GUEST_VA(handle)         ((uint64_t)(handle).p)
#define GUEST_ELEM(gva, type, i) ((gva) + (uint64_t)(i) * sizeof(type))
