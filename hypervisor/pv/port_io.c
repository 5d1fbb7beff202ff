/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Port I/O.
 *
 * What is always true here: two questions are asked of every access. May this guest code use ports
 * at all (virtual IOPL in kernel mode, its own bitmap otherwise)? If not, it is the guest's #GP.
 * May the domain reach the hardware behind this port? If not, reads give all ones and writes
 * vanish.
 */
#include "pv/port_io.h"

#include "cpu/insn.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "lib/range_set.h"
#include "p2m/copy.h"
#include "physdev/physdev.h"
#include "physdev/port.h"
#include "pv/privileged.h"
#include "pv/pv.h"

#define STRING_BATCH 64 /* iterations of REP INS/OUTS before interrupts are looked at */

/* Are @bytes ports from @port on open in the guest's bitmap? It lies in its kernel's space. */
static bool bitmap_allows(uint64_t bitmap, uint32_t port, unsigned int bytes)
{
    for (uint32_t p = port; p < port + bytes; p++) {
        uint8_t byte;

        if (copy_from_guest(&byte, bitmap + p / 8, 1) || (byte & 1u << (p & 7)))
            return false;
    }
    return true;
}

bool pv_ports_allowed(struct vcpu *v, uint32_t port, unsigned int bytes)
{
    bool from_kernel = v->pv->in_kernel, allowed;

    if (from_kernel && v->pv->iopl >= 1)
        return true;
    if (!v->pv->io_bitmap_gva || port + bytes > v->pv->io_bitmap_ports)
        return false;
    if (!from_kernel)
        pv_toggle_mode(v);
    allowed = bitmap_allows(v->pv->io_bitmap_gva, port, bytes);
    if (!from_kernel)
        pv_toggle_mode(v);
    return allowed;
}

bool pv_is_port_insn(const struct pv_insn *i)
{
    return !i->two_byte && ((i->opcode >= 0x6c && i->opcode <= 0x6f) ||
                            (i->opcode >= 0xe4 && i->opcode <= 0xe7) ||
                            (i->opcode >= 0xec && i->opcode <= 0xef));
}

static void set_rax(struct cpu_user_regs *r, unsigned int bytes, uint32_t value)
{
    switch (bytes) {
    case 1:
        r->rax = (r->rax & ~0xffULL) | (value & 0xff);
        break;
    case 2:
        r->rax = (r->rax & ~0xffffULL) | (value & 0xffff);
        break;
    default:
        r->rax = value;
        break;
    }
}

/* One string element; false when the guest's memory faults. */
static bool string_element(struct vcpu *v, bool is_in, uint32_t port, unsigned int bytes)
{
    struct cpu_user_regs *r = &v->regs;
    int64_t direction = r->rflags & (1u << 10) ? -(int64_t)bytes : (int64_t)bytes;
    uint32_t value = 0;

    if (is_in) {
        value = port_read(v->domain, port, bytes);
        if (copy_to_guest(r->rdi, &value, bytes))
            return false;
        r->rdi += (uint64_t)direction;
    } else {
        if (copy_from_guest(&value, r->rsi, bytes))
            return false;
        port_write(v->domain, port, bytes, value);
        r->rsi += (uint64_t)direction;
    }
    return true;
}

static bool string_insn(struct vcpu *v, const struct pv_insn *i, uint32_t port, unsigned int bytes)
{
    struct cpu_user_regs *r = &v->regs;
    bool is_in = i->opcode <= 0x6d;

    /* only the flat 64-bit form; nothing else is used by a PV kernel */
    if (!i->is_64bit || i->prefix_67 || i->segment)
        return false;
    if (!i->rep) {
        if (!string_element(v, is_in, port, bytes))
            return false;
        r->rip += i->length;
        return true;
    }
    for (unsigned int n = 0; r->rcx != 0; n++) {
        if (n == STRING_BATCH)
            return true; /* same instruction again, after a look at pending work */
        if (!string_element(v, is_in, port, bytes))
            return false;
        r->rcx--;
    }
    r->rip += i->length;
    return true;
}

bool pv_port_insn(struct vcpu *v, const struct pv_insn *i)
{
    bool is_imm = i->opcode >= 0xe4 && i->opcode <= 0xe7;
    unsigned int bytes = !(i->opcode & 1) ? 1 : i->prefix_66 ? 2 : 4;
    uint32_t port = is_imm ? i->imm8 : (uint16_t)v->regs.rdx;

    if (port + bytes > 0x10000 || !pv_ports_allowed(v, port, bytes))
        return false;
    if (i->opcode <= 0x6f)
        return string_insn(v, i, port, bytes);
    if (i->opcode & 2)
        port_write(v->domain, port, bytes, (uint32_t)v->regs.rax);
    else
        set_rax(&v->regs, bytes, port_read(v->domain, port, bytes));
    v->regs.rip += i->length;
    return true;
}

int pv_set_iopl(struct vcpu *v, uint32_t iopl)
{
    v->pv->iopl = (uint8_t)iopl;
    pv_ports_update(v);
    return 0;
}

int pv_set_iobitmap(struct vcpu *v, uint64_t gva, uint32_t ports)
{
    v->pv->io_bitmap_gva = ports ? gva : 0;
    v->pv->io_bitmap_ports = ports;
    return 0;
}
