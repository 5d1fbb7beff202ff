/* SPDX-License-Identifier: BSD-2-Clause */
/* zendo-blkd's engine calls this between its stores when it is tested: a place where it may die. */
#pragma once

void world_may_die(void);
