/* SPDX-License-Identifier: BSD-2-Clause */
/* Structures as 32-bit guests lay them out, to and from ours. Pure. */
#pragma once

#include <stdint.h>

#include "abi/compat_list.h"
#include "compat_layout.h"

#define COMPAT_ID(s) COMPAT_##s,
enum compat_struct { COMPAT_STRUCTS(COMPAT_ID) COMPAT_COUNT };
#undef COMPAT_ID

/* No structure of the list is larger, in either layout. */
#define COMPAT_BYTES_MAX 64

/* Bytes of @s as the guest has it, and as we do. */
uint32_t compat_guest_bytes(enum compat_struct s);
uint32_t compat_native_bytes(enum compat_struct s);

/* Fill our @native (all of it) from the guest's bytes; what is wider with us is zero-extended. */
void compat_widen(enum compat_struct s, void *native, const void *guest);
/* And back, fields only; what is narrower there is cut off. */
void compat_narrow(enum compat_struct s, void *guest, const void *native);
