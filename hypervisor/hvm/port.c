/* SPDX-License-Identifier: BSD-2-Clause */
/* Port accesses that exited: of a register here, strings as the instructions they are. */
#include "domain/domain.h"
#include "hvm/emulate.h"
#include "hvm/exit.h"
#include "hvm/io.h"
#include "lib/bits.h"

static enum exit_verdict single(struct vcpu *v, const struct exit_io *io)
{
    uint64_t *rax = &v->regs.rax, mask = bits_low(8 * io->bytes);
    struct ioreq r = {.type = IOREQ_TYPE_PIO,
                      .addr = io->port,
                      .size = io->bytes,
                      .count = 1,
                      .dir = io->in,
                      .data = io->in ? 0 : *rax & mask};

    switch (hvm_io(v, &r)) {
    case HVM_IO_DONE:
        break;
    case HVM_IO_LATER:
        return EXIT_RETRY_LATER;
    default:
        return EXIT_CRASH;
    }
    if (io->in)
        *rax = (io->bytes == 4 ? 0 : *rax & ~mask) | r.data;
    return EXIT_ADVANCE;
}

enum exit_verdict hvm_exit_io(struct vcpu *v, const struct exit_io *io)
{
    return io->string ? hvm_emulate(v, io) : single(v, io);
}
