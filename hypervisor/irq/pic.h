/* SPDX-License-Identifier: BSD-2-Clause */
/* The pair of 8259 interrupt controllers, which we only silence. */
#pragma once

/* Move its vectors out of the exceptions' range and mask every input. Boot CPU. */
void pic_mask(void);
