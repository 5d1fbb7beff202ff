/* SPDX-License-Identifier: BSD-2-Clause */
/* A FIFO guest that writes what it likes into event words and control blocks while it makes calls.
 */
/* sources: hypervisor/event/port.c hypervisor/event/bind.c hypervisor/event/virq.c */
/* sources: hypervisor/event/pirq.c hypervisor/event/deliver.c hypervisor/event/two_level.c */
/* sources: hypervisor/event/fifo.c hypervisor/event/event_op.c hypervisor/event/domain.c */
/* sources: hypervisor/lib/bitmap.c */
/* sources: tests/unit/fake/event_world.c tests/unit/fake/event_guest.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/fake/event_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One step of the guest: an operation with hostile arguments, or a write into the shared pages. */
static void step(const uint8_t *in)
{
    uint32_t value, port = in[1] | (in[2] & 1) << 8;
    uint32_t args[6] = {port, in[3], in[4], 0, in[5], 0};
    uint32_t *words = (uint32_t *)fake_ram[fake_frame_of(1, 2)];

    memcpy(&value, in + 4, sizeof(value));
    fake_become(in[0] >> 7, in[0] >> 6 & 1);
    switch (in[0] & 15) {
    case 0:
    case 1:
        words[port] = value;
        break;
    case 2: /* a control block */
        ((uint32_t *)fake_ram[fake_frame_of(1, 0)])[port % 64] = value;
        break;
    case 3:
        words[port] &= ~(FIFO_LINKED | FIFO_MASKED);
        break;
    case 4:
        event_raise_port(&fake_domains[1], port);
        break;
    case 5:
        event_raise_virq(&fake_vcpus[1][in[1] & 1], in[2]);
        break;
    default: /* any operation; bind_pirq and reset included */
        (void)call(in[2] >> 1 & 15, args);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct evtchn_bind_ipi ipi = {.vcpu = 1};

    fake_world(511);
    fake_become(1, 0);
    guest_go_fifo(1, 1);
    for (int i = 0; i < 4; i++)
        (void)call(EVTCHNOP_bind_ipi, &ipi);
    for (; size >= 8; data += 8, size -= 8)
        step(data);
    if (!fake_world_end())
        abort();
    return 0;
}
