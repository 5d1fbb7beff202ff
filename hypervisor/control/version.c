/* SPDX-License-Identifier: BSD-2-Clause */
/* The xen_version hypercall: version, names and features (xen/version.h, xen/features.h). */
#include "control/version.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "cpu/policy.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "lib/string.h"
#include "mm/layout.h"
#include "p2m/copy.h"

#include <xen/version.h>

/* Made by the build: the source's version and the compiler's. */
extern const char zendo_version[];
extern const char zendo_compiler[];
/* The linker's note with the image's build id (hypervisor.lds), empty when it made none. */
extern const uint8_t build_id_start[], build_id_end[];

static const char *commandline = "";

void version_set_commandline(const char *text)
{
    commandline = text;
}

const char *version_capabilities(void)
{
    const struct cpu_policy *hvm = cpu_policy_system(CPU_POLICY_HVM_MAX);

    /* A machine that cannot run HVM guests has an empty policy for them. */
    if (hvm->basic[0].eax)
        return "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 ";
    return "xen-3.0-x86_64 ";
}

/* Fill the guest's char[@bytes] with @text, cut if need be, and zeros. */
static long put_text(uint64_t gva, const char *text, size_t bytes)
{
    size_t length = strnlen(text, bytes - 1);

    if (copy_to_guest(gva, text, length) || clear_guest(gva + length, bytes - length))
        return -EFAULT;
    return 0;
}

static long put_compile_info(uint64_t gva)
{
    struct xen_compile_info info = {.compile_by = "zendo"};

    strlcpy(info.compiler, zendo_compiler, sizeof(info.compiler));
    return copy_to_guest(gva, &info, sizeof(info));
}

static uint32_t features(const struct domain *d)
{
    uint32_t map = BIT(XENFEAT_pae_pgdir_above_4gb) | BIT(XENFEAT_mmu_pt_update_preserve_ad) |
                   BIT(XENFEAT_gnttab_map_avail_bits) | BIT(XENFEAT_memory_op_vnode_supported);

    map |= d->is_direct ? BIT(XENFEAT_direct_mapped) : BIT(XENFEAT_not_direct_mapped);
    if (d->is_translated)
        map |= BIT(XENFEAT_writable_page_tables) | BIT(XENFEAT_auto_translated_physmap) |
               BIT(XENFEAT_hvm_callback_vector) | BIT(XENFEAT_hvm_safe_pvclock);
    if (d->is_control)
        map |= BIT(XENFEAT_dom0);
    return map;
}

static long get_features(uint64_t gva, const struct domain *d)
{
    struct xen_feature_info info;

    if (copy_from_guest(&info, gva, sizeof(info)))
        return -EFAULT;
    if (info.submap_idx)
        return -EINVAL;
    info.submap = features(d);
    return copy_to_guest(gva, &info, sizeof(info));
}

/* An ELF note: sizes of name and contents, a type, the name "GNU", the contents. */
struct id_note {
    uint32_t name_bytes, bytes, type;
    char name[4];
    uint8_t id[];
};

/* With no buffer the answer is the size. */
static long get_build_id(uint64_t gva)
{
    const struct id_note *note = (const struct id_note *)build_id_start;
    uint32_t room;

    if ((uintptr_t)build_id_end - (uintptr_t)build_id_start <= sizeof(*note))
        return -ENODATA;
    if (!gva)
        return note->bytes;
    if (copy_from_guest(&room, gva, sizeof(room)))
        return -EFAULT;
    if (!room)
        return -EINVAL;
    if (room < note->bytes)
        return -ENOBUFS;
    if (copy_to_guest(gva + offsetof(struct xen_build_id, buf), note->id, note->bytes))
        return -EFAULT;
    return note->bytes;
}

static long tell(uint64_t cmd, uint64_t gva)
{
    const struct domain *d = vcpu_current()->domain;
    struct xen_platform_parameters params = {.virt_start = VA_HYPERVISOR_START};

    switch ((uint32_t)cmd) {
    case XENVER_extraversion:
        return put_text(gva, VERSION_EXTRA, XEN_EXTRAVERSION_LEN);
    case XENVER_compile_info:
        return put_compile_info(gva);
    case XENVER_capabilities:
        return put_text(gva, version_capabilities(), XEN_CAPABILITIES_INFO_LEN);
    case XENVER_changeset:
        return put_text(gva, zendo_version, XEN_CHANGESET_INFO_LEN);
    case XENVER_platform_parameters:
        return copy_to_guest(gva, &params, sizeof(params));
    case XENVER_get_features:
        return get_features(gva, d);
    case XENVER_pagesize:
        return gva ? -EINVAL : (long)PAGE_BYTES;
    case XENVER_guest_handle:
        return copy_to_guest(gva, d->handle, sizeof(d->handle));
    case XENVER_commandline: /* where the machine keeps things is not every guest's business */
        return d->is_control ? put_text(gva, commandline, sizeof(xen_commandline_t))
                             : copy_to_guest(gva, "<denied>", sizeof("<denied>"));
    case XENVER_build_id:
        return d->is_control ? get_build_id(gva) : -EPERM;
    default:
        return -ENOSYS;
    }
}

long hc_xen_version(uint64_t cmd, uint64_t gva)
{
    /* guests make this call just to have pending events delivered: it must cost nothing */
    if (likely((uint32_t)cmd == XENVER_version))
        return VERSION_MAJOR << 16 | VERSION_MINOR;
    return tell(cmd, gva);
}
