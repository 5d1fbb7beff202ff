/* SPDX-License-Identifier: BSD-2-Clause */
/* A back end's engine calls this between its stores when it is tested: a place where it may die. */
#pragma once

void world_may_die(void);
