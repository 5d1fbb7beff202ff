/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU policies to and from the toolstack (sysctl get_cpu_policy, domctl get_ and
 * set_cpu_policy). */
#include "control/policy_op.h"

#include "abi/errno.h"
#include "control/domctl.h"
#include "cpu/policy.h"
#include "domain/domain.h"
#include "mm/pool.h"
#include "p2m/copy.h"

/* Write the leaves of @p; @*count is the room, then how many there are. No list: the most there
 * can be. */
static int put_leaves(const struct cpu_policy *p, uint64_t gva, uint32_t *count)
{
    uint32_t room = *count, n = 0;
    unsigned int at = 0;
    xen_cpuid_leaf_t leaf;

    if (!gva) {
        *count = cpu_policy_leaf_limit();
        return 0;
    }
    for (; cpu_policy_leaf_next(p, &at, &leaf); n++) {
        if (n >= room)
            return -ENOBUFS;
        if (copy_to_guest(GUEST_ELEM(gva, xen_cpuid_leaf_t, n), &leaf, sizeof(leaf)))
            return -EFAULT;
    }
    *count = n;
    return 0;
}

static int put_msrs(const struct cpu_policy *p, uint64_t gva, uint32_t *count)
{
    if (!gva) {
        *count = CPU_POLICY_MSRS;
        return 0;
    }
    if (*count < CPU_POLICY_MSRS)
        return -ENOBUFS;
    for (uint32_t i = 0; i < CPU_POLICY_MSRS; i++) {
        xen_msr_entry_t msr = cpu_policy_msr_at(p, i);

        if (copy_to_guest(GUEST_ELEM(gva, xen_msr_entry_t, i), &msr, sizeof(msr)))
            return -EFAULT;
    }
    *count = CPU_POLICY_MSRS;
    return 0;
}

/* Kinds of guest that cannot run here have no policy. */
static bool policy_exists(uint32_t index)
{
    return index < CPU_POLICY_COUNT &&
           cpu_policy_system((enum cpu_policy_kind)index)->basic[0].eax != 0;
}

long policy_sysctl_get(struct xen_sysctl_cpu_policy *p)
{
    const struct cpu_policy *policy;
    int rc;

    if (p->_rsvd || p->index >= CPU_POLICY_COUNT)
        return -EINVAL;
    if (!policy_exists(p->index))
        return -EOPNOTSUPP;
    policy = cpu_policy_system((enum cpu_policy_kind)p->index);
    rc = put_leaves(policy, GUEST_VA(p->leaves), &p->nr_leaves);
    return rc ? rc : put_msrs(policy, GUEST_VA(p->msrs), &p->nr_msrs);
}

long policy_sysctl_featureset(struct xen_sysctl_cpu_featureset *f)
{
    static const uint8_t kinds[] = {
        [XEN_SYSCTL_cpu_featureset_raw] = CPU_POLICY_RAW,
        [XEN_SYSCTL_cpu_featureset_host] = CPU_POLICY_HOST,
        [XEN_SYSCTL_cpu_featureset_pv] = CPU_POLICY_PV_DEFAULT,
        [XEN_SYSCTL_cpu_featureset_hvm] = CPU_POLICY_HVM_DEFAULT,
        [XEN_SYSCTL_cpu_featureset_pv_max] = CPU_POLICY_PV_MAX,
        [XEN_SYSCTL_cpu_featureset_hvm_max] = CPU_POLICY_HVM_MAX,
    };
    uint32_t words[CPU_FEATURE_WORDS], room = f->nr_features;

    if (f->index >= ARRAY_SIZE(kinds))
        return -EINVAL;
    if (!policy_exists(kinds[f->index]))
        return -EOPNOTSUPP;
    f->nr_features = CPU_FEATURE_WORDS;
    if (!GUEST_VA(f->features))
        return 0;
    cpu_policy_features(cpu_policy_system((enum cpu_policy_kind)kinds[f->index]), words);
    f->nr_features = min(room, (uint32_t)CPU_FEATURE_WORDS);
    if (copy_to_guest(GUEST_VA(f->features), words, f->nr_features * sizeof(words[0])))
        return -EFAULT;
    return room < CPU_FEATURE_WORDS ? -ENOBUFS : 0;
}

long domctl_get_cpu_policy(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;
    int rc = put_leaves(d->policy, GUEST_VA(p->leaves), &p->nr_leaves);

    return rc ? rc : put_msrs(d->policy, GUEST_VA(p->msrs), &p->nr_msrs);
}

/* Read the toolstack's lists over @p; the offender of an error is named in @c. */
static int take_lists(struct cpu_policy *p, struct xen_domctl_cpu_policy *c)
{
    int rc = 0;

    for (uint32_t i = 0; i < c->nr_leaves && !rc; i++) {
        xen_cpuid_leaf_t leaf;

        if (copy_from_guest(&leaf, GUEST_ELEM(GUEST_VA(c->leaves), leaf, i), sizeof(leaf)))
            return -EFAULT;
        rc = cpu_policy_leaf_put(p, &leaf);
        if (rc) {
            c->err_leaf = leaf.leaf;
            c->err_subleaf = leaf.subleaf;
        }
    }
    for (uint32_t i = 0; i < c->nr_msrs && !rc; i++) {
        xen_msr_entry_t msr;

        if (copy_from_guest(&msr, GUEST_ELEM(GUEST_VA(c->msrs), msr, i), sizeof(msr)))
            return -EFAULT;
        rc = cpu_policy_msr_put(p, &msr);
        if (rc)
            c->err_msr = msr.idx;
    }
    return rc;
}

/* Only before the domain first runs: a kernel looks at its CPU once. */
long domctl_set_cpu_policy(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cpu_policy *c = &op->u.cpu_policy;
    struct cpu_policy *p;
    int rc;

    c->err_leaf = c->err_subleaf = c->err_msr = XEN_CPUID_NO_SUBLEAF;
    if (d->creation_finished)
        return -EEXIST;
    if (c->nr_leaves > cpu_policy_leaf_limit() || c->nr_msrs > CPU_POLICY_MSRS)
        return -E2BIG;
    p = pool_new(struct cpu_policy);
    if (!p)
        return -ENOMEM;
    *p = *d->policy;
    rc = take_lists(p, c);
    if (!rc)
        rc = cpu_policy_check(p, cpu_policy_domain_max(d), &c->err_leaf, &c->err_subleaf,
                              &c->err_msr);
    if (rc) {
        pool_free(p);
        return rc;
    }
    domain_pause(d);
    cpu_policy_domain_set(d, p);
    domain_unpause(d);
    return 0;
}
