/* SPDX-License-Identifier: BSD-2-Clause */
/* Machine-check records for dom0. The call itself is in hypercall/table.h. */
#pragma once

/* Tell dom0 (VIRQ_MCA) of corrected errors, and start looking for them. Boot CPU, clock running. */
void mca_init(void);
