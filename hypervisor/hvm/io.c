/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who answers an access: a device of ours, else the device model that claims it, else nobody (reads
 * see all ones, writes are lost).
 */
#include "hvm/io.h"

#include "console/guest_text.h"
#include "domain/domain.h"
#include "hvm/dev/vlapic.h"
#include "hvm/hardware.h"
#include "hvm/hvm.h"
#include "hvm/vendor.h"
#include "p2m/p2m.h"

#define PORT_DELAY       0x80 /* written to so that time passes (Linux, io_delay); a POST code's */
#define PORT_DEBUG       0xe9 /* text for the hypervisor's log, one byte each */
#define PORT_PCI_ADDRESS 0xcf8

/* Legacy video memory: so many writes that nobody waits for them (xen/domctl.h
 * XEN_X86_EMU_VGA). */
#define VGA_FIRST 0xa0000
#define VGA_LAST  0xbffff

static uint64_t all_ones(unsigned int bytes)
{
    return bytes == 8 ? ~0ULL : (1ULL << 8 * bytes) - 1;
}

static bool is_single(const struct ioreq *r)
{
    return r->count == 1 && !r->data_is_ptr;
}

/* ---- devices of ours: true if it is one and has answered, or with several at once would ---- */

static bool own_port(struct vcpu *v, struct ioreq *r)
{
    uint16_t port = (uint16_t)r->addr;

    if (port == PORT_PCI_ADDRESS && r->size == 4 && !r->dir && is_single(r))
        WRITE_ONCE(v->domain->hvm->pci_address, (uint32_t)r->data); /* the bridge sees it too */
    if (v->domain->hvm->hardware)
        return !is_single(r) || hardware_port(v->domain, r);
    if (port == PORT_DELAY && r->size == 1 && !r->dir)
        return true; /* no device model shows it, and the way there takes long */
    if (port != PORT_DEBUG || r->size != 1)
        return is_single(r) ? board_port(v, r) : board_has_port(v->domain, port);
    if (r->dir)
        r->data = PORT_DEBUG; /* how its presence is found out */
    else if (is_single(r))
        console_guest_text(v->domain, &(char){(char)r->data}, 1);
    return true;
}

static bool own_memory(struct vcpu *v, struct ioreq *r)
{
    if (!vlapic_claims(v, r->addr))
        return is_single(r) && (board_memory(v, r) || (v->domain->hvm->hardware &&
                                                       hardware_memory(v->domain, r)));
    if (!is_single(r))
        return true;
    if (r->dir)
        r->data = ((uint64_t)vlapic_read(v, r->addr & 0xff0) >> 8 * (r->addr & 3)) &
                  all_ones(r->size);
    else if (r->size == 4 && !(r->addr & 0xf))
        vlapic_write(v, r->addr & 0xff0, (uint32_t)r->data);
    return true;
}

static bool is_vga(const struct ioreq *r)
{
    return r->type == IOREQ_TYPE_COPY && r->addr >= VGA_FIRST && r->addr <= VGA_LAST;
}

enum hvm_io_result hvm_io(struct vcpu *v, struct ioreq *r)
{
    uint64_t ones = all_ones(r->size);

    if (ioreq_take_answer(v, r)) {
        r->data &= r->data_is_ptr ? ~0ULL : ones;
        return HVM_IO_DONE;
    }
    if (r->type == IOREQ_TYPE_PIO ? own_port(v, r) : own_memory(v, r))
        return is_single(r) ? HVM_IO_DONE : HVM_IO_SINGLE;
    switch (ioreq_send(v, r, is_vga(r))) {
    case IOREQ_OK:
        return HVM_IO_DONE;
    case IOREQ_LATER:
        return HVM_IO_LATER;
    case IOREQ_FAILED:
        return HVM_IO_FAILED;
    case IOREQ_NOBODY:
        break;
    }
    if (!is_single(r))
        return HVM_IO_SINGLE;
    if (r->dir)
        r->data = ones;
    return HVM_IO_DONE;
}

void hvm_io_resume(struct vcpu *v)
{
    if (ioreq_poll(v)) {
        vendor_exit_again(v);
        /* an instruction that has become another one does not get the answer */
        if (v->hvm->io.state == IOREQ_DONE)
            v->hvm->io.state = IOREQ_NONE;
    }
    if (v->hvm->io.state == IOREQ_NONE)
        hvm_inject_due(v);
    if (!ioreq_is_busy(v))
        domain_not_busy(v);
}
