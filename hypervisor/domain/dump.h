/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of a guest's vCPU on the console: crashes and debug keys. */
#pragma once

struct vcpu;

/* Print @v's registers, its kind's state, and the top of its stack where reachable. */
void domain_dump_vcpu(struct vcpu *v);
