/* SPDX-License-Identifier: BSD-2-Clause */
/* Included before everything (Makefile): the image is one link unit, so no symbol is ever
 * preempted and every access is RIP-relative. Constant-only: safe in assembly. */
#ifndef __ASSEMBLY__
#pragma GCC visibility push(hidden)
#endif
