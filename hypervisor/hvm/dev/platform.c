/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The devices of an HVM domain as one thing.
 *
 * What is always true here: one call looks at the time once, so all devices agree about it; after
 * each call the host's timer is armed for the earliest deadline of all, and no deadline that
 * platform_expire() leaves behind has passed.
 */
#include "hvm/dev/platform.h"

#include "abi/errno.h"
#include "lib/string.h"

#include <xen/hvm/params.h>

static void enter(struct platform *p)
{
    spin_lock(&p->lock);
    p->now = p->ops->now(p);
}

static void leave(struct platform *p)
{
    uint64_t next = min(p->pit.tick.deadline, p->rtc.tick.deadline);

    next = min(next, min(p->rtc.deadline, p->pm.deadline));
    for (unsigned int i = 0; i < HPET_TIMER_NUM; i++)
        next = min(next, p->hpet.tick[i].deadline);
    if (next != p->armed) {
        p->armed = next;
        p->ops->arm(p, next);
    }
    spin_unlock(&p->lock);
}

static bool has(const struct platform *p, uint32_t device)
{
    return p->devices & device;
}

static void reset_devices(struct platform *p)
{
    vpic_reset(p);
    vioapic_reset(p);
    vpit_reset(p);
    vrtc_reset(p);
    vhpet_reset(p);
    vpm_reset(p);
}

void platform_init(struct platform *p, const struct platform_ops *ops, uint32_t devices)
{
    *p = (struct platform){.ops = ops, .devices = devices, .armed = VTICK_NEVER};
    spin_init(&p->lock, LOCK_PLATFORM);
    p->policy.mode = HVMPTM_delay_for_missed_ticks; /* params as they are until they are set */
    p->hpet_enabled = true;
    (void)vpm_locate(p, 0);
    enter(p);
    reset_devices(p);
    leave(p);
}

void platform_reset(struct platform *p)
{
    enter(p);
    reset_devices(p);
    leave(p);
}

void platform_destroy(struct platform *p)
{
    spin_lock(&p->lock);
    p->armed = VTICK_NEVER;
    p->ops->arm(p, VTICK_NEVER);
    spin_unlock(&p->lock);
}

static int set_timer_mode(struct platform *p, uint64_t mode)
{
    if (mode > HVMPTM_one_missed_tick_pending)
        return -EINVAL;
    p->policy.mode = (uint8_t)mode;
    p->policy.lag = 0;
    return 0;
}

int platform_param(struct platform *p, uint32_t param, uint64_t value)
{
    int rc = 0;

    enter(p);
    switch (param) {
    case HVM_PARAM_CALLBACK_IRQ:
        vgsi_callback_route(p, value);
        break;
    case HVM_PARAM_TIMER_MODE:
        rc = set_timer_mode(p, value);
        break;
    case HVM_PARAM_HPET_ENABLED:
        if (!p->hpet_enabled != !value)
            vhpet_reset(p);
        p->hpet_enabled = value;
        break;
    case HVM_PARAM_ACPI_IOPORTS_LOCATION:
        rc = vpm_locate(p, value);
        break;
    default:
        rc = -ENOENT;
        break;
    }
    leave(p);
    return rc;
}

int platform_time_offset(struct platform *p, int64_t seconds)
{
    int rc;

    enter(p);
    rc = vrtc_offset_set(p, seconds);
    leave(p);
    return rc;
}

void platform_wall_changed(struct platform *p)
{
    enter(p);
    vrtc_clock_changed(p);
    leave(p);
}

/* Which device has the byte at @port, as its XEN_X86_EMU_ flag; 0: none. */
static uint32_t port_owner(const struct platform *p, uint16_t port)
{
    uint32_t device = 0;

    switch (port) {
    case VPIC_MASTER_PORT:
    case VPIC_MASTER_PORT + 1:
    case VPIC_SLAVE_PORT:
    case VPIC_SLAVE_PORT + 1:
    case VPIC_ELCR_PORT:
    case VPIC_ELCR_PORT + 1:
        device = XEN_X86_EMU_PIC;
        break;
    case VPIT_PORT ... VPIT_CONTROL_PORT:
    case VPIT_GATE_PORT:
        device = XEN_X86_EMU_PIT;
        break;
    case VRTC_INDEX_PORT:
    case VRTC_DATA_PORT:
        device = XEN_X86_EMU_RTC;
        break;
    default:
        if (vpm_has_port(p, port))
            device = XEN_X86_EMU_PM;
        break;
    }
    return device & p->devices;
}

static bool port_read(struct platform *p, uint32_t device, uint16_t port, uint8_t *value)
{
    switch (device) {
    case XEN_X86_EMU_PIC:
        *value = vpic_port_read(p, port);
        return true;
    case XEN_X86_EMU_PIT:
        *value = vpit_port_read(p, port);
        return true;
    case XEN_X86_EMU_PM:
        *value = vpm_port_read(p, port);
        return true;
    default:
        return vrtc_port_read(p, port, value);
    }
}

static bool port_write(struct platform *p, uint32_t device, uint16_t port, uint8_t value)
{
    switch (device) {
    case XEN_X86_EMU_PIC:
        vpic_port_write(p, port, value);
        return true;
    case XEN_X86_EMU_PIT:
        vpit_port_write(p, port, value);
        return true;
    case XEN_X86_EMU_PM:
        vpm_port_write(p, port, value);
        return true;
    default:
        return vrtc_port_write(p, port, value);
    }
}

/* All devices are of bytes: a wider access is several, and ours only if each of its bytes is. */
static bool port_access(struct platform *p, uint16_t port, unsigned int bytes, bool write,
                        uint32_t *value)
{
    uint32_t device = port_owner(p, port), result = 0;

    if (!device || (bytes != 1 && bytes != 2 && bytes != 4))
        return false;
    for (unsigned int i = 1; i < bytes; i++)
        if (port > UINT16_MAX - i || port_owner(p, (uint16_t)(port + i)) != device)
            return false;
    for (unsigned int i = 0; i < bytes; i++) {
        uint8_t byte = write ? (uint8_t)(*value >> i * 8) : 0;
        uint16_t at = (uint16_t)(port + i);

        if (!(write ? port_write(p, device, at, byte) : port_read(p, device, at, &byte)))
            return false;
        result |= (uint32_t)byte << i * 8;
    }
    if (!write)
        *value = result;
    return true;
}

bool platform_port(struct platform *p, uint16_t port, unsigned int bytes, bool write,
                   uint32_t *value)
{
    bool ours;

    if (!port_owner(p, port)) /* most ports, without the lock */
        return false;
    enter(p);
    ours = port_access(p, port, bytes, write, value);
    leave(p);
    return ours;
}

static void ioapic_access(struct platform *p, uint32_t offset, unsigned int bytes, bool write,
                          uint64_t *value)
{
    if (write)
        vioapic_mmio_write(p, offset, (uint32_t)(*value & bits_low(bytes * 8)));
    else
        *value = vioapic_mmio_read(p, offset);
}

static void hpet_access(struct platform *p, uint32_t offset, unsigned int bytes, bool write,
                        uint64_t *value)
{
    if (write)
        vhpet_mmio_write(p, offset, bytes, *value);
    else
        *value = vhpet_mmio_read(p, offset, bytes);
}

bool platform_mmio(struct platform *p, uint64_t gpa, unsigned int bytes, bool write,
                   uint64_t *value)
{
    bool ioapic = has(p, XEN_X86_EMU_IOAPIC) && gpa - VIOAPIC_BASE < VIOAPIC_BYTES;
    bool hpet = has(p, XEN_X86_EMU_HPET) && READ_ONCE(p->hpet_enabled) &&
                gpa - VHPET_BASE < VHPET_BYTES;

    if (!ioapic && !hpet)
        return false;
    enter(p);
    if (ioapic)
        ioapic_access(p, (uint32_t)(gpa - VIOAPIC_BASE), bytes, write, value);
    else
        hpet_access(p, (uint32_t)(gpa - VHPET_BASE), bytes, write, value);
    leave(p);
    return true;
}

static void expire(struct platform *p)
{
    vpit_expire(p);
    vrtc_expire(p);
    vhpet_expire(p);
    vpm_expire(p);
}

void platform_expire(struct platform *p)
{
    enter(p);
    p->armed = VTICK_NEVER;
    expire(p);
    leave(p);
}

bool platform_tick(struct platform *p, unsigned int gsi)
{
    int vector = vioapic_pin_vector(p, gsi);

    if (vector >= 0) { /* before it is delivered, for it may be taken at once */
        uint64_t *word = &p->tick_vectors[(unsigned int)vector / BITS_PER_WORD];

        __atomic_store_n(word, *word | BIT((unsigned int)vector % BITS_PER_WORD), __ATOMIC_SEQ_CST);
    }
    return vgsi_pulse(p, gsi);
}

static void tick_taken(struct platform *p, unsigned int gsi)
{
    vpit_taken(p, gsi);
    vrtc_taken(p, gsi);
    vhpet_taken(p, gsi);
}

void platform_taken_slow(struct platform *p, uint8_t vector)
{
    enter(p);
    bit_clear(p->tick_vectors, vector);
    for (unsigned int gsi = 0; gsi < VGSI_COUNT; gsi++)
        if (vioapic_pin_vector(p, gsi) == vector)
            tick_taken(p, gsi);
    leave(p);
}

uint8_t platform_intack(struct platform *p)
{
    unsigned int line;
    uint8_t vector;

    enter(p);
    vector = vpic_intack(p, &line);
    tick_taken(p, line ? line : VGSI_TIMER);
    leave(p);
    return vector;
}

bool platform_passes_pic(struct platform *p, struct vmsi_message *m)
{
    bool passes;

    enter(p);
    passes = vioapic_passes_pic(p, m);
    leave(p);
    return passes;
}

uint64_t platform_eoi(struct platform *p, uint8_t vector)
{
    uint64_t gsis;

    enter(p);
    gsis = vioapic_eoi(p, vector);
    leave(p);
    return gsis;
}

void platform_retry(struct platform *p)
{
    enter(p);
    vioapic_retry(p);
    leave(p);
}

int platform_gsi_set(struct platform *p, unsigned int gsi, bool level)
{
    uint64_t lines;

    if (gsi >= VGSI_COUNT)
        return -EINVAL;
    enter(p);
    lines = p->gsi.own[VGSI_DIRECT] & ~BIT(gsi);
    vgsi_own_set(p, VGSI_DIRECT, level ? lines | BIT(gsi) : lines);
    leave(p);
    return 0;
}

void platform_gsi_pulse(struct platform *p, unsigned int gsi)
{
    enter(p);
    (void)vgsi_pulse(p, gsi);
    leave(p);
}

struct platform_pin platform_pin(struct platform *p, unsigned int gsi)
{
    union vioapic_redir_entry e;

    enter(p);
    e = p->ioapic.hw.redirtbl[gsi];
    leave(p);
    return (struct platform_pin){.masked = e.fields.mask,
                                 .level = e.fields.trig_mode,
                                 .active_low = e.fields.polarity,
                                 .in_service = e.fields.remote_irr};
}

int platform_pci_set(struct platform *p, unsigned int device, unsigned int intx, bool level)
{
    int rc;

    enter(p);
    rc = vgsi_pci_set(p, device, intx, level);
    leave(p);
    return rc;
}

int platform_isa_set(struct platform *p, unsigned int irq, bool level)
{
    int rc;

    enter(p);
    rc = vgsi_isa_set(p, irq, level);
    leave(p);
    return rc;
}

int platform_link_route(struct platform *p, unsigned int link, unsigned int irq)
{
    int rc;

    enter(p);
    rc = vgsi_link_route(p, link, irq);
    leave(p);
    return rc;
}

int platform_msi(struct platform *p, uint64_t address, uint32_t data, uint32_t *pirq)
{
    struct vmsi_message m;
    int rc;

    if (address < VMSI_WINDOW_SIZE) /* QEMU tells no more than where in the window it is */
        address += VMSI_WINDOW;
    rc = vmsi_decode(address, data, &m);
    if (rc)
        return rc;
    if (!m.vector) {
        *pirq = m.dest;
        return 1;
    }
    enter(p);
    rc = p->ops->deliver(p, &m) ? 0 : -ESRCH;
    leave(p);
    return rc;
}

void platform_button(struct platform *p, uint16_t button)
{
    enter(p);
    vpm_button(p, button);
    leave(p);
}

void platform_callback(struct platform *p, bool asserted)
{
    enter(p);
    vgsi_callback_set(p, asserted);
    leave(p);
}

void platform_preempted(struct platform *p, uint64_t ns)
{
    enter(p);
    if (p->pit.tick.period || p->rtc.tick.period || p->hpet.tick[0].period)
        vtick_preempted(&p->policy, ns);
    leave(p);
}

uint64_t platform_guest_time(struct platform *p)
{
    uint64_t time;

    enter(p);
    time = vtick_guest_time(&p->policy, p->now);
    leave(p);
    return time;
}

#define RECORD(type, count, device, at) \
    {HVM_SAVE_CODE(type), (count), HVM_SAVE_LENGTH(type), (device), offsetof(struct platform, at)}

static const struct platform_record {
    uint16_t code, instances, bytes;
    uint32_t device; /* only a domain with this has it */
    size_t offset;   /* of instance 0; others follow */
} records[] = {
    RECORD(PIC, 2, XEN_X86_EMU_PIC, pic.chip),
    RECORD(IOAPIC, 1, XEN_X86_EMU_IOAPIC, ioapic.hw),
    RECORD(PCI_IRQ, 1, XEN_X86_EMU_IOAPIC, gsi.pci),
    RECORD(ISA_IRQ, 1, XEN_X86_EMU_IOAPIC, gsi.isa_record),
    RECORD(PCI_LINK, 1, XEN_X86_EMU_PIC, gsi.link),
    RECORD(PIT, 1, XEN_X86_EMU_PIT, pit.hw),
    RECORD(RTC, 1, XEN_X86_EMU_RTC, rtc.hw),
    RECORD(HPET, 1, XEN_X86_EMU_HPET, hpet.hw),
    RECORD(PMTIMER, 1, XEN_X86_EMU_PM, pm.hw),
};

static const struct platform_record *find_record(const struct platform *p, uint16_t code,
                                                 uint16_t instance)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(records); i++)
        if (records[i].code == code && instance < records[i].instances &&
            has(p, records[i].device))
            return &records[i];
    return NULL;
}

int platform_save(struct platform *p, uint16_t code, uint16_t instance, void *to)
{
    const struct platform_record *r = find_record(p, code, instance);

    if (!r)
        return -ENOENT;
    enter(p);
    expire(p); /* a record has no place for what is overdue */
    vgsi_save_isa(p);
    vrtc_save(p);
    vhpet_save(p);
    vpm_save(p);
    memcpy(to, (const uint8_t *)p + r->offset + (size_t)instance * r->bytes, r->bytes);
    leave(p);
    return r->bytes;
}

union record {
    struct hvm_hw_vpic pic;
    struct hvm_hw_vioapic ioapic;
    struct hvm_hw_pci_irqs pci;
    struct hvm_hw_isa_irqs isa;
    struct hvm_hw_pci_link link;
    struct hvm_hw_pit pit;
    struct hvm_hw_rtc rtc;
    struct hvm_hw_hpet hpet;
    struct hvm_hw_pmtimer pm;
};

static int load(struct platform *p, uint16_t code, uint16_t instance, const union record *r)
{
    switch (code) {
    case HVM_SAVE_CODE(PIC):
        return vpic_load(p, instance, &r->pic);
    case HVM_SAVE_CODE(IOAPIC):
        return vioapic_load(p, &r->ioapic);
    case HVM_SAVE_CODE(PCI_IRQ):
        p->gsi.pci = r->pci;
        return 0;
    case HVM_SAVE_CODE(ISA_IRQ):
        p->gsi.isa = r->isa;
        return 0;
    case HVM_SAVE_CODE(PCI_LINK):
        return vgsi_load_link(p, &r->link);
    case HVM_SAVE_CODE(PIT):
        return vpit_load(p, &r->pit);
    case HVM_SAVE_CODE(RTC):
        return vrtc_load(p, &r->rtc);
    case HVM_SAVE_CODE(HPET):
        return vhpet_load(p, &r->hpet);
    default:
        return vpm_load(p, &r->pm);
    }
}

int platform_load(struct platform *p, uint16_t code, uint16_t instance, const void *from,
                  size_t bytes)
{
    const struct platform_record *known = find_record(p, code, instance);
    union record r;
    int rc;

    if (!known)
        return -ENOENT;
    if (bytes != known->bytes)
        return -EINVAL;
    memcpy(&r, from, bytes); /* checked is what is used */
    enter(p);
    p->gsi.loading = true;
    rc = load(p, code, instance, &r);
    leave(p);
    return rc;
}

void platform_loaded(struct platform *p)
{
    enter(p);
    vpit_loaded(p);
    vrtc_loaded(p);
    vhpet_loaded(p);
    vpm_loaded(p);
    vgsi_loaded(p);
    vpic_loaded(p);
    vioapic_retry(p);
    leave(p);
}
