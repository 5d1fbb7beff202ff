/* SPDX-License-Identifier: BSD-2-Clause */
/* The pair of 8259 interrupt controllers (Intel 8259A data sheet), silenced for good. */
#include "irq/pic.h"

#include "cpu/insn.h"
#include "irq/irq.h"

enum {
    MASTER_COMMAND = 0x20,
    MASTER_DATA = 0x21,
    SLAVE_COMMAND = 0xa0,
    SLAVE_DATA = 0xa1,
    ICW1_INIT_ICW4 = 0x11,
    ICW4_8086 = 0x01,
    IMCR_SELECT = 0x22, /* MultiProcessor Specification 1.4, 3.6.2.1 */
    IMCR_DATA = 0x23,
    IMCR_REGISTER = 0x70,
};

void pic_mask(void)
{
    outb(MASTER_DATA, 0xff);
    outb(SLAVE_DATA, 0xff);
    /* Even masked a 8259 can raise a spurious interrupt 7: give it vectors that are no
     * exceptions. */
    outb(MASTER_COMMAND, ICW1_INIT_ICW4);
    outb(SLAVE_COMMAND, ICW1_INIT_ICW4);
    outb(MASTER_DATA, VECTOR_DEVICE_FIRST);
    outb(SLAVE_DATA, VECTOR_DEVICE_FIRST + 8);
    outb(MASTER_DATA, 1u << 2); /* the slave is on input 2 */
    outb(SLAVE_DATA, 2);
    outb(MASTER_DATA, ICW4_8086);
    outb(SLAVE_DATA, ICW4_8086);
    outb(MASTER_DATA, 0xff);
    outb(SLAVE_DATA, 0xff);
    outb(IMCR_SELECT, IMCR_REGISTER);
    outb(IMCR_DATA, 1); /* interrupts through the APIC, where the register exists */
}
