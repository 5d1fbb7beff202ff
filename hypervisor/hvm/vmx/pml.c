/* SPDX-License-Identifier: BSD-2-Clause */
#include "hvm/vmx/pml.h"

#include "mm/page.h"
#include "p2m/p2m.h"
#include "p2m/written.h"

#define STEP 64u /* notes between two chances for others to get the lock */

void pml_take(struct p2m *p, const uint64_t *page, uint64_t index)
{
    for (unsigned int n = pml_first(index); n < PML_ENTRIES;) {
        unsigned int end = min(n + STEP, PML_ENTRIES);

        spin_lock(&p->lock);
        p->noted += end - n;
        while (n < end)
            p2m_mark_written(p, page[n++] >> PAGE_SHIFT);
        spin_unlock(&p->lock);
    }
}
