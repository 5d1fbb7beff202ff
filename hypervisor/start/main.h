/* SPDX-License-Identifier: BSD-2-Clause */
/* The C entry of the hypervisor. */
#pragma once

struct boot_handover;

/* Called once by head.S on the boot CPU, on the loader's page tables, interrupts off. */
void start_main(const struct boot_handover *given) __attribute__((noreturn));
