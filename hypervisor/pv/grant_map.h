/* SPDX-License-Identifier: BSD-2-Clause */
/* Granted frames in PV page tables. */
#pragma once

#include "grant/grant.h"

/* For pv_kind.grants (domain/kind.h). */
extern const struct grant_mapper pv_grant_mapper;
