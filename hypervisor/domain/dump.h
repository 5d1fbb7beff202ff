/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of a guest's vCPU on the console: crashes and debug keys. */
#pragma once

struct vcpu;

/* Print @v's registers and its kind's state. Of one that runs on another CPU, only the registers of
 * its last entry: its state is in that CPU. Does not wait; interrupts on. */
void domain_dump_vcpu(struct vcpu *v);
