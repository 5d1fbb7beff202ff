/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests whose guests are all PV: what only translated guests need must not be reached. */
#include <stdio.h>
#include <stdlib.h>

#include "domain/pod.h"
#include "domain/translated.h"
#include "mm/page_hooks.h"
#include "p2m/p2m.h"
#include "pv/log.h"

static void wrong(const char *what)
{
    fprintf(stderr, "%s() for a PV guest\n", what);
    abort();
}

struct p2m_entry p2m_lookup(const struct p2m *p unused, uint64_t gfn unused)
{
    wrong(__func__);
    return (struct p2m_entry){0};
}

/* nobody watches what is written, but in the test of that */
__attribute__((weak)) void page_hook_written(const struct page *pg unused)
{
    wrong(__func__);
}

__attribute__((weak)) void pv_log_frame(struct domain *d unused, const struct page *pg unused)
{
    wrong(__func__);
}

bool pod_populate(struct domain *d unused, uint64_t gfn unused)
{
    wrong(__func__);
    return false;
}

bool pod_promise(struct domain *d unused, uint64_t gfn unused, unsigned int order unused)
{
    wrong(__func__);
    return false;
}

long pod_set_target(struct domain *d unused, uint64_t pages unused)
{
    wrong(__func__);
    return 0;
}

bool translated_populate(struct domain *d unused, uint64_t gfn unused, unsigned int order unused,
                         unsigned int bits unused)
{
    wrong(__func__);
    return false;
}

bool translated_remove(struct domain *d unused, uint64_t gfn unused, unsigned int order unused)
{
    wrong(__func__);
    return false;
}
