/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The example of libzendo-pv: it reads its disks and says how many blocks they have and which sum,
 * then answers on the network (ARP, ping, and UDP on port 7, which gets back what it sent) until
 * `xl shutdown`. Its address comes from the command line: extra = "ip=192.0.2.51".
 */
#include "pv-drivers/lib/block.h"
#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/console.h"
#include "pv-drivers/lib/control.h"
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/ip.h"
#include "pv-drivers/lib/start.h"
#include "pv-drivers/lib/xenstore.h"

/* CRC-32 of more data, as crc32(1) has it: begin with ~0, at the end turn all bits. */
static uint32_t crc(uint32_t sum, const uint8_t *data, size_t bytes)
{
    while (bytes--) {
        sum ^= *data++;
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return sum;
}

static void count_disk(unsigned int index, struct pv_block *disk)
{
    static uint8_t data[PV_BLOCK_SEGMENTS * PV_PAGE_BYTES];
    struct pv_block_io io = {.operation = BLKIF_OP_READ, .data = data};
    uint32_t sum = ~0u;

    for (; io.sector < disk->sectors; io.sector += io.sectors) {
        uint64_t left = disk->sectors - io.sector;
        int rc;

        io.sectors = left < disk->max_sectors ? (uint32_t)left : disk->max_sectors;
        rc = pv_block_run(disk, &io);
        if (rc)
            pv_panic("EXAMPLE-DISK %u: error %d at block %lu", index, -rc, io.sector);
        sum = crc(sum, data, (size_t)io.sectors * PV_BLOCK_SECTOR);
    }
    pv_print("EXAMPLE-DISK %u: %lu blocks, CRC %08x\n", index, disk->sectors, ~sum);
}

/* The UDP service: the answer is what came, where it is. */
static int echo(void *data, size_t bytes, size_t room)
{
    (void)data, (void)room;
    return (int)bytes;
}

/* Answer until the toolstack wants the guest to end; how it is to. */
static unsigned int serve(const struct pv_ip *ip, struct pv_net *net)
{
    int rc = pv_control_open(), how;

    pv_print("EXAMPLE-NET %u.%u.%u.%u\n", ip->address[0], ip->address[1], ip->address[2],
             ip->address[3]);
    while (rc >= 0 && (how = pv_control_asked()) < 0) {
        rc = pv_ip_poll(ip, net);
        if (rc >= 0 && rc < PV_IP_BATCH)
            (void)pv_event_wait(PV_FOREVER);
    }
    if (rc < 0)
        pv_panic("EXAMPLE-NET broken: error %d", -rc);
    pv_print("EXAMPLE-NET %lu frames received, %lu sent\n", net->received, net->sent);
    return (unsigned int)how;
}

void pv_main(void)
{
    static struct pv_block disk;
    static struct pv_net net;
    struct pv_ip ip = {.port = 7, .service = echo};
    const char *address = pv_option("ip=");
    char name[32] = "?";

    (void)!pv_xenstore_read(0, "name", name, sizeof(name));
    pv_print("EXAMPLE-UP %s, %s, %lu pages, events by %s, at %lu s\n", name,
             pv_guest.is_pv ? "PV" : "PVH or HVM", pv_guest.pages,
             pv_event_is_fifo() ? "FIFO" : "two levels", pv_clock_wall_ns() / PV_SECOND_NS);
    for (unsigned int i = 0; pv_block_open(&disk, i) == 0; i++) {
        count_disk(i, &disk);
        (void)pv_block_close(&disk);
    }
    if (address && pv_ip_parse(address, ip.address) && pv_net_open(&net, 0) == 0) {
        unsigned int how = serve(&ip, &net);

        (void)pv_net_close(&net);
        pv_shutdown(how);
    }
}
