/* SPDX-License-Identifier: BSD-2-Clause */
/* Making children by domctl and watching them end. */
#include "tests/guest/lib/child.h"
#include "tests/guest/lib/rows.h"

#define CHILDREN 4
#define COPY_SLOTS 16 /* window slots used for filling a child; boxes come behind */
#define PT_PAGES 8

struct child_box box aligned(PAGE_BYTES);

static struct child children[CHILDREN];
static long exc_port;

/* ---- inside a child ---- */

void child_say(const char *text)
{
    size_t length = strlen(text);

    if (box.text_used + length >= sizeof(box.text))
        return;
    memcpy(box.text + box.text_used, text, length);
    box.text_used += (uint32_t)length;
}

void child_fail(const char *text)
{
    if (!box.failures++)
        strlcpy(box.reason, text, sizeof(box.reason));
    else if (box.failures < 20)
        print("%s; ", text);
}

void child_exit(void)
{
    box.finished = 1;
    machine_off();
}

/* ---- the maker's side ---- */

long child_domctl(struct child *c, uint32_t cmd, struct xen_domctl *op)
{
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = c->domid;
    return hc_domctl(op);
}

long child_shadow(struct child *c, struct xen_domctl *op, uint32_t what, uint32_t mode, void *bits,
                  uint64_t pages)
{
    memset(op, 0, sizeof(*op));
    op->u.shadow_op.op = what;
    op->u.shadow_op.mode = mode;
    op->u.shadow_op.pages = pages;
    set_xen_guest_handle(op->u.shadow_op.dirty_bitmap, bits);
    return child_domctl(c, XEN_DOMCTL_shadow_op, op);
}

int child_info(const struct child *c, struct xen_domctl_getdomaininfo *info)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getdomaininfo,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = c->domid};
    long rc = hc_domctl(&op);

    if (rc)
        return (int)rc;
    if (op.domain != c->domid)
        return -ESRCH;
    *info = op.u.getdomaininfo;
    return 0;
}

static long child_create(struct child *c, uint32_t vcpus, uint32_t pages)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_createdomain,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION};
    struct xen_domctl_createdomain *config = &op.u.createdomain;
    long rc;

    if (c->hvm) {
        config->flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
        config->arch.emulation_flags = c->devices ? c->devices : XEN_X86_EMU_LAPIC;
    }
    config->max_vcpus = vcpus;
    config->max_evtchn_port = 1023;
    config->max_grant_frames = 4;
    config->max_maptrack_frames = 4;
    config->grant_opts = XEN_DOMCTL_GRANT_version(2);
    config->handle[0] = 0x7e;
    rc = hc_domctl(&op);
    if (rc)
        return rc;
    c->domid = op.domain;
    c->used = true;
    c->distrusted = false;
    memset(&op, 0, sizeof(op));
    op.u.max_vcpus.max = vcpus;
    rc = child_domctl(c, XEN_DOMCTL_max_vcpus, &op);
    if (rc)
        return rc;
    memset(&op, 0, sizeof(op));
    op.u.max_mem.max_memkb = pages * 4;
    return child_domctl(c, XEN_DOMCTL_max_mem, &op);
}

static bool child_populate(struct child *c, uint32_t pages)
{
    struct xen_memory_reservation r = {.nr_extents = pages, .domid = c->domid};

    for (uint32_t i = 0; i < pages; i++)
        c->mfn[i] = c->first_pfn + i;
    set_xen_guest_handle(r.extent_start, c->mfn);
    c->pages = pages;
    return hc_memory_op(XENMEM_populate_physmap, &r) == pages;
}

uint64_t child_va_mfn(const struct child *c, const volatile void *va)
{
    return c->mfn[va_pfn(va) - c->first_pfn];
}

/* Copy of our page at @va (NULL: zeroes) to its frame @index, by the window. */
static void fill(struct child *c, uint32_t first, uint32_t count, const char *from)
{
    for (uint32_t at = 0; at < count; at += COPY_SLOTS) {
        uint32_t n = min(count - at, (uint32_t)COPY_SLOTS);
        struct mmu_update u[COPY_SLOTS];

        for (uint32_t i = 0; i < n; i++) {
            u[i].ptr = pte_machine(0, (uint64_t)window_start + i * PAGE_BYTES, 1);
            u[i].val = pte(c->mfn[first + at + i], PTE_RW_FLAGS);
        }
        if (hc_mmu_update(u, n, NULL, c->domid)) {
            test_fail(__FILE__, __LINE__, "child's frames cannot be mapped");
            return;
        }
        (void)mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
        if (from)
            memcpy(window_start, from + at * PAGE_BYTES, n * PAGE_BYTES);
        else
            memset(window_start, 0, n * PAGE_BYTES);
    }
}

static void fill_done(void)
{
    for (unsigned int i = 0; i < COPY_SLOTS; i++)
        window_unmap(i);
}

/* Its frame @index, mapped at window slot @slot. */
static void *borrow(struct child *c, unsigned int slot, uint32_t index)
{
    long rc;
    void *va = window_map(slot, c->mfn[index], c->domid, PTE_RW_FLAGS, &rc);

    if (!va)
        test_fail(__FILE__, __LINE__, "child's frame %u cannot be mapped: %ld", index, rc);
    return va ? va : window_start;
}

/* Tables mapping all its frames in order from first_pfn on; the last PT_PAGES of them are the
 * tables: L4, L3, L2, then one L1 for each 2 MiB. */
static void build_tables(struct child *c)
{
    uint32_t tables = c->pages - PT_PAGES;
    uint64_t base = VIRT_BASE + (c->first_pfn << PAGE_SHIFT);
    uint64_t *l4 = borrow(c, 0, tables), *l3 = borrow(c, 1, tables + 1);
    uint64_t *l2 = borrow(c, 2, tables + 2);

    memset(l4, 0, PAGE_BYTES);
    memset(l3, 0, PAGE_BYTES);
    memset(l2, 0, PAGE_BYTES);
    l4[511] = pte(c->mfn[tables + 1], PTE_RW_FLAGS);
    l3[(base >> 30) & 511] = pte(c->mfn[tables + 2], PTE_RW_FLAGS);
    for (uint32_t i = 0, next = tables + 3; i < c->pages; next++) {
        uint64_t *l1 = borrow(c, 3, next);

        memset(l1, 0, PAGE_BYTES);
        l2[((base >> 21) & 511) + next - tables - 3] = pte(c->mfn[next], PTE_RW_FLAGS);
        for (uint64_t e = i ? 0 : (base >> 12) & 511; e < 512 && i < c->pages; e++, i++)
            l1[e] = pte(c->mfn[i], i < tables ? PTE_RW_FLAGS : PTE_RO_FLAGS);
    }
    c->l4_mfn = c->mfn[tables];
}

static void fill_env(struct child *c, uint32_t pool_first, const void *p2m, void (*fn)(void *),
                     void *arg)
{
    uint64_t offset = (uint64_t)&env & (PAGE_BYTES - 1);
    char *page = borrow(c, 0, (uint32_t)(va_pfn(&env) - c->first_pfn));
    struct xen_domctl_getdomaininfo info;
    struct env *e = (struct env *)(page + offset);

    (void)pool_first;
    if (child_info(c, &info))
        test_fail(__FILE__, __LINE__, "getdomaininfo of the child");
    *e = (struct env){.is_child = true, .domid = c->domid, .child_fn = fn, .child_arg = arg};
    e->way = c->hvm ? (uint8_t)hvm_way() : WAY_SYSCALL;
    e->p2m = (uint64_t *)p2m - c->first_pfn;
    e->shared_info_mfn = info.shared_info_frame;
    e->l4_va = VIRT_BASE + ((c->first_pfn + c->pages - PT_PAGES) << PAGE_SHIFT);
    e->pool_next = (uint64_t)pool_start;
    e->pool_end = (uint64_t)p2m;
}

static bool start_vcpu(struct child *c)
{
    static struct vcpu_guest_context context;
    struct xen_domctl op = {.u.vcpucontext.vcpu = 0};

    memset(&context, 0, sizeof(context));
    context.flags = VGCF_in_kernel | VGCF_online;
    context.user_regs.rip = (uint64_t)guest_thread;
    context.user_regs.rax = (uint64_t)guest_child_main;
    context.user_regs.rsp = (uint64_t)pool_start + STACK_BYTES;
    context.user_regs.cs = USER_CS;
    context.user_regs.ss = FLAT_SS;
    context.user_regs.rflags = X86_IF | 2;
    context.kernel_ss = FLAT_SS;
    context.kernel_sp = context.user_regs.rsp;
    context.ctrlreg[3] = xen_pfn_to_cr3(c->l4_mfn);
    set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
    return child_domctl(c, XEN_DOMCTL_setvcpucontext, &op) == 0;
}

static struct child *child_slot(void)
{
    for (unsigned int i = 0; i < CHILDREN; i++)
        if (!children[i].used) {
            memset(&children[i], 0, sizeof(children[i]));
            children[i].window = 32 + i;
            children[i].first_pfn = va_pfn(image_start);
            return &children[i];
        }
    return NULL;
}

static bool child_build(struct child *c, void (*fn)(void *), const struct child_options *o)
{
    uint32_t image = (uint32_t)((image_end - image_start) >> PAGE_SHIFT);
    uint32_t pool_at = (uint32_t)((pool_start - image_start) >> PAGE_SHIFT);
    uint32_t pool = o->pool_pages ? o->pool_pages : 40;
    uint32_t p2m_at = pool_at + pool, total = p2m_at + 1 + PT_PAGES;
    uint64_t *p2m;

    if (total > CHILD_PAGES_MAX)
        return false;
    c->hvm = o->hvm;
    c->devices = o->devices;
    if (child_create(c, o->vcpus ? o->vcpus : 1, total + o->more_pages))
        return false;
    if (!child_populate(c, total))
        return false;
    fill(c, 0, image, image_start);
    fill(c, image, total - image, NULL);
    fill_done();
    p2m = borrow(c, 0, p2m_at);
    memcpy(p2m, c->mfn, total * sizeof(*p2m));
    fill_env(c, pool_at, (void *)(VIRT_BASE + ((c->first_pfn + p2m_at) << PAGE_SHIFT)), fn,
             o->arg);
    build_tables(c);
    fill_done();
    if (!c->hvm && mmuext_for(c->domid, MMUEXT_PIN_L4_TABLE, c->l4_mfn, 0))
        return false;
    c->box = window_map(c->window, child_va_mfn(c, &box), c->domid, PTE_RW_FLAGS, NULL);
    if (!c->box)
        return false;
    memset(c->box, 0, sizeof(*c->box));
    return c->hvm ? hvm_child_start_vcpu(c) : start_vcpu(c);
}

struct child *child_make(void (*fn)(void *), const struct child_options *options)
{
    static const struct child_options plain;
    struct child *c = child_slot();

    if (!exc_port)
        exc_port = port_bind_virq(VIRQ_DOM_EXC, 0);
    if (!c) {
        test_fail(__FILE__, __LINE__, "too many children");
        return NULL;
    }
    if (!child_build(c, fn, options ? options : &plain)) {
        test_fail(__FILE__, __LINE__, "a child could not be made");
        child_end(c);
        return NULL;
    }
    if (!options || !options->paused)
        child_start(c);
    return c;
}

void child_start(struct child *c)
{
    struct xen_domctl op = {.cmd = 0};

    if (child_domctl(c, XEN_DOMCTL_unpausedomain, &op))
        test_fail(__FILE__, __LINE__, "a child could not be started");
}

int child_wait(struct child *c, unsigned int seconds)
{
    uint64_t end = now_ns() + seconds * 1000000000ULL;
    struct xen_domctl_getdomaininfo info;

    while (!child_info(c, &info)) {
        if (info.flags & XEN_DOMINF_shutdown)
            return (int)(info.flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
        if (now_ns() > end)
            return -ETIME;
        if (exc_port > 0 && port_wait((evtchn_port_t)exc_port, 20000))
            port_clear((evtchn_port_t)exc_port);
    }
    return -ESRCH;
}

void child_end(struct child *c)
{
    struct xen_domctl op = {.cmd = 0};
    struct xen_domctl_getdomaininfo info;

    if (!c->used)
        return;
    if (c->box) {
        if (c->box->text[0] && !c->distrusted) {
            c->box->text[sizeof(c->box->text) - 1] = 0;
            print("# child: ");
            for (size_t at = 0; at < strlen(c->box->text); at += 256)
                print("%.256s", c->box->text + at);
            print("\n");
        }
        if (c->box->failures && !c->distrusted) {
            c->box->reason[sizeof(c->box->reason) - 1] = 0;
            test_fail("child", 0, "%s", c->box->reason);
        }
        if (c->box->started && !c->distrusted)
            rows_of_child(c);
        window_unmap(c->window);
        c->box = NULL;
    }
    for (unsigned int tries = 0; child_domctl(c, XEN_DOMCTL_destroydomain, &op) && tries < 100;
         tries++)
        sleep_us(1000);
    for (unsigned int tries = 0; child_info(c, &info) == 0; tries++) {
        if (tries == 300) {
            test_fail(__FILE__, __LINE__, "domain %u does not go away: flags %#x, %lu pages",
                      c->domid, info.flags, info.tot_pages);
            break;
        }
        sleep_us(10000);
    }
    c->used = false;
}

void children_end(void)
{
    for (unsigned int i = 0; i < CHILDREN; i++)
        child_end(&children[i]);
}

struct host_state host_state(void)
{
    struct host_state state = {0, 0};
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_physinfo,
                            .interface_version = XEN_SYSCTL_INTERFACE_VERSION};
    struct xen_domctl list = {.cmd = XEN_DOMCTL_getdomaininfo,
                              .interface_version = XEN_DOMCTL_INTERFACE_VERSION};

    if (!hc_sysctl(&op))
        state.free_pages = op.u.physinfo.free_pages;
    while (!hc_domctl(&list)) {
        state.domains++;
        list.domain++;
    }
    return state;
}

/* What ends may take a while: a second. */
bool host_same(const struct host_state *before)
{
    for (unsigned int tries = 0; tries < 100; tries++) {
        struct host_state now = host_state();

        if (now.free_pages == before->free_pages && now.domains == before->domains)
            return true;
        sleep_us(10000);
    }
    return false;
}

void host_check(const struct host_state *before)
{
    struct host_state now;

    if (host_same(before))
        return;
    now = host_state();
    test_fail(__FILE__, __LINE__, "host had %lu free pages and %lu domains, has %lu and %lu",
              before->free_pages, before->domains, now.free_pages, now.domains);
}

static void run_once(void (*fn)(void *), const struct child_options *options, int code)
{
    struct child *c = child_make(fn, options);
    int got;

    if (!c)
        return;
    got = child_wait(c, 60);
    if (got != code)
        test_fail(__FILE__, __LINE__, "child ended with %d, not %d (step %u, %s)", got, code,
                  c->box->step, c->box->failures ? c->box->reason : "no failure");
    if (!c->box->started)
        test_fail(__FILE__, __LINE__, "the child never ran");
    child_end(c);
}

void child_run_with(void (*fn)(void *), const struct child_options *options, int code)
{
    static bool warm;
    struct host_state before;

    if (env.is_child) { /* which has none of its own: the test is run in it (hvm/personality.c) */
        fn(options->arg);
        return;
    }
    if (!warm) { /* what a hypervisor keeps after its first guest is no leak */
        warm = true;
        run_once(fn, options, code);
        if (test_failing())
            return;
    }
    /* a pool that grew once is no leak either: one that comes again is */
    for (unsigned int tries = 0; tries < 3; tries++) {
        before = host_state();
        run_once(fn, options, code);
        if (test_failing() || host_same(&before))
            return;
    }
    host_check(&before);
}

void child_distrust(struct child *c)
{
    c->distrusted = true;
}

void child_run_wild(void (*fn)(void *), const struct child_options *options, unsigned int ms)
{
    uint64_t end = now_ns() + ms * 1000000ULL;
    struct child *c = child_make(fn, options);
    struct xen_domctl_getdomaininfo info;

    if (!c)
        return;
    while (now_ns() < end && !child_info(c, &info) && !(info.flags & XEN_DOMINF_shutdown))
        sleep_us(2000);
    child_distrust(c);
    child_end(c);
}

void child_run(void (*fn)(void *), void *arg, int code)
{
    struct child_options o = {.arg = arg};

    child_run_with(fn, &o, code);
}

void hvm_child_run(void (*fn)(void *), void *arg, int code)
{
    child_run_with(fn, &(const struct child_options){.hvm = true, .arg = arg}, code);
}

long second_initialise(void (*fn)(void))
{
    static struct vcpu_guest_context context;
    char *stack = pages_aligned(4, STACK_BYTES);

    memset(&context, 0, sizeof(context));
    context.flags = VGCF_in_kernel;
    context.user_regs.rip = (uint64_t)guest_thread;
    context.user_regs.rax = (uint64_t)fn;
    context.user_regs.rsp = (uint64_t)stack + STACK_BYTES;
    context.user_regs.cs = USER_CS;
    context.user_regs.ss = FLAT_SS;
    context.user_regs.rflags = 0x1000 | X86_IF;
    context.kernel_ss = FLAT_SS;
    context.kernel_sp = context.user_regs.rsp;
    context.ctrlreg[3] = xen_pfn_to_cr3(va_mfn((void *)env.l4_va));
    shared_info->vcpu_info[1].evtchn_upcall_mask = 1;
    return hc_vcpu_op(VCPUOP_initialise, 1, &context);
}
