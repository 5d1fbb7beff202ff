/* SPDX-License-Identifier: BSD-2-Clause */
/* What files.c and firmware.c share. */
#pragma once

#include <efi.h>

/* Closes the volume. */
void files_end(void);

/* The handle of this program. */
EFI_HANDLE firmware_program(void);
