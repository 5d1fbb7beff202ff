/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory, files and console as the firmware gives them, with the clean-up that a return needs. */
#pragma once

#include <efi.h>

#include "boot/common/config.h"
#include "boot/handover.h"

/* The firmware's tables, set once by firmware_begin. */
extern EFI_SYSTEM_TABLE *firmware;

void firmware_begin(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

/*
 * Pages of type EfiLoaderData at a multiple of `align` (a power of two, at least a page), below
 * 4 GiB when there is room there. The memory is remembered. Returns the address, 0 when there is
 * none.
 */
uint64_t memory_take(uint64_t bytes, uint64_t align);

/* Gives one piece back early; an address that was not taken is ignored. */
void memory_give(uint64_t base);

/* Gives everything back: memory and open files. Before a return to the firmware. */
void firmware_end(void);

/*
 * Finds the volume and folder this program was started from. self gets its file name (kept until
 * the end). Returns NULL or the reason.
 */
const char *files_begin(struct config_text *self);

/*
 * Reads a file, named relative to the program's folder, into whole pages, followed by at least one
 * zero byte. Returns NULL or the reason; files_missing when it does not exist.
 */
const char *files_load(struct config_text name, struct boot_blob *file);
extern const char files_missing[];

/*
 * The same for a copy of a section of the program's own file (name: 8 letters, or 7 and a zero).
 * files_missing when there is none of that name.
 */
const char *section_load(const char *name, struct boot_blob *file);

/* The program's command line as plain text in memory of ours; absent when there is none. */
struct config_text command_line(void);

/* Prints on the firmware's console. */
void say(const char *text);
void say_piece(struct config_text piece);

/*
 * Runs call(argument) with interrupts off and a stack canary in place: code that was compiled for a
 * hosted system uses the red zone, which the firmware's interrupts would overwrite, and %fs.
 */
const char *quietly(const char *(*call)(void *argument), void *argument);
