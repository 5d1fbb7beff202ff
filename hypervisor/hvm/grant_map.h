/* SPDX-License-Identifier: BSD-2-Clause */
/* How translated guests map grants (grant/grant.h). */
#pragma once

#include "grant/grant.h"

extern const struct grant_mapper hvm_grant_mapper;
