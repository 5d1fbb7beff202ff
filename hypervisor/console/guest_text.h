/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug text of guests, for the log. */
#pragma once

#include <stdint.h>

struct domain;

/* @bytes characters of @d's text: complete lines go to the log, within @d's limit. Any context. */
void console_guest_text(struct domain *d, const char *text, uint64_t bytes);
