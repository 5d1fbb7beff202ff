/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory for the nodes of range sets. */
#include "lib/range_set.h"
#include "mm/pool.h"

struct range *range_alloc(void)
{
    return pool_new(struct range);
}

void range_free(struct range *range)
{
    pool_free(range);
}
