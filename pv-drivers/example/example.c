/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The example of libzendo-pv: it reads its disks and says how much is on them and what sum it has,
 * then answers on the network (ARP, ping, and UDP on port 7, which gets back what it sent) until
 * `xl shutdown`. Its address comes from the command line: extra = "ip=192.0.2.51".
 */
#include "pv-drivers/lib/block.h"
#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/console.h"
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/net.h"
#include "pv-drivers/lib/start.h"
#include "pv-drivers/lib/text.h"
#include "pv-drivers/lib/xenstore.h"

/* ---- disks ---- */

/* CRC-32, as crc32(1) and Ethernet have it, one byte further. */
static uint32_t crc_step(uint32_t sum, uint8_t byte)
{
    sum ^= byte;
    for (int bit = 0; bit < 8; bit++)
        sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
    return sum;
}

static void count_disk(unsigned int index, struct pv_block *disk)
{
    static uint8_t data[PV_BLOCK_SEGMENTS * PV_PAGE_BYTES];
    uint32_t sum = ~0u, sectors;

    for (uint64_t at = 0; at < disk->sectors; at += sectors) {
        struct pv_block_io io = {.operation = BLKIF_OP_READ, .sector = at, .data = data};
        int rc;

        sectors = disk->sectors - at < disk->max_sectors ? (uint32_t)(disk->sectors - at)
                                                         : disk->max_sectors;
        io.sectors = sectors;
        rc = pv_block_run(disk, &io);
        if (rc) {
            pv_print("EXAMPLE-DISK %u: error %d at block %lu\n", index, -rc, at);
            return;
        }
        for (uint32_t i = 0; i < sectors * PV_BLOCK_SECTOR; i++)
            sum = crc_step(sum, data[i]);
    }
    pv_print("EXAMPLE-DISK %u: %lu blocks, CRC %08x\n", index, disk->sectors, ~sum);
}

/* ---- network: every answer is the question with its ends exchanged ---- */

static void swap(uint8_t *a, uint8_t *b, size_t bytes)
{
    while (bytes--) {
        uint8_t byte = a[bytes];

        a[bytes] = b[bytes];
        b[bytes] = byte;
    }
}

/* Make @f the answer to itself; false when there is none. Places are those of RFC 826, 791, 792 and
 * 768 behind Ethernet's 14 bytes. */
static bool answer(uint8_t *f, size_t bytes, unsigned int flags, const uint8_t mac[6],
                   const uint8_t ip[4])
{
    uint8_t *udp = f + 34;

    if (bytes >= 42 && f[12] == 8 && f[13] == 6 && f[21] == 1 && !memcmp(f + 38, ip, 4)) {
        swap(f + 22, f + 32, 10); /* ARP: sender and target */
        memcpy(f + 22, mac, 6);
        f[21] = 2;
    } else if (bytes >= 42 && f[12] == 8 && f[13] == 0 && f[14] == 0x45 &&
               !memcmp(f + 30, ip, 4)) {
        uint32_t sum = (uint32_t)f[36] << 8 | f[37];

        swap(f + 26, f + 30, 4);
        if (f[23] == 1 && f[34] == 8) { /* ping: the type changes, and with it the checksum */
            f[34] = 0;
            sum += 0x800;
            sum += sum >> 16;
            f[36] = (uint8_t)(sum >> 8);
            f[37] = (uint8_t)sum;
        } else if (f[23] == 17 && udp[2] == 0 && udp[3] == 7) {
            swap(udp, udp + 2, 2);
            if (flags & NETRXF_csum_blank) /* there is none to send back */
                udp[6] = udp[7] = 0;
        } else {
            return false;
        }
    } else {
        return false;
    }
    memcpy(f, f + 6, 6);
    memcpy(f + 6, mac, 6);
    return true;
}

/* The address after "ip=". */
static bool read_address(const char *line, uint8_t ip[4])
{
    unsigned int part = 0;

    while (*line && strncmp(line, "ip=", 3))
        line++;
    for (line += *line ? 3 : 0; *line && *line != ' ' && part < 4; line++) {
        if (*line == '.')
            part++;
        else
            ip[part] = (uint8_t)(ip[part] * 10 + (*line - '0'));
    }
    return part == 3;
}

static bool shutdown_wanted(void)
{
    char what[16];

    if (pv_xenstore_read(0, "control/shutdown", what, sizeof(what)) <= 0)
        return false;
    return pv_xenstore_write(0, "control/shutdown", "%s", "") == 0; /* we have seen it */
}

static void serve(struct pv_net *net, const uint8_t ip[4])
{
    static uint8_t frame[PV_NET_FRAME_MAX];
    uint32_t seen = pv_xenstore_changes();
    unsigned int flags;
    int bytes;

    do {
        while ((bytes = pv_net_receive(net, frame, sizeof(frame), &flags)) > 0)
            if (answer(frame, (size_t)bytes, flags, net->mac, ip))
                (void)!pv_net_send(net, frame, (size_t)bytes); /* no room: UDP may lose it */
        if (bytes < 0)
            pv_panic("EXAMPLE-NET broken: error %d", -bytes);
        (void)pv_event_wait(PV_FOREVER);
    } while (pv_xenstore_changes() == seen || !shutdown_wanted());
    pv_print("EXAMPLE-NET %lu frames received, %lu sent\n", net->received, net->sent);
}

void pv_main(void)
{
    static struct pv_block disk;
    static struct pv_net net;
    uint8_t ip[4] = {0};
    char name[32] = "?";

    (void)!pv_xenstore_read(0, "name", name, sizeof(name));
    pv_print("EXAMPLE-UP %s, %s, %lu pages, events by %s, at %lu s\n", name,
             pv_guest.is_pv ? "PV" : "PVH or HVM", pv_guest.pages,
             pv_event_is_fifo() ? "FIFO" : "two levels", pv_clock_wall_ns() / PV_SECOND_NS);
    for (unsigned int i = 0; pv_block_open(&disk, i) == 0; i++) {
        count_disk(i, &disk);
        (void)pv_block_close(&disk);
    }
    if (read_address(pv_guest.command_line, ip) && pv_net_open(&net, 0) == 0 &&
        pv_xenstore_watch("control/shutdown", "shutdown") == 0) {
        pv_print("EXAMPLE-NET %u.%u.%u.%u\n", ip[0], ip[1], ip[2], ip[3]);
        serve(&net, ip);
        (void)pv_net_close(&net);
    }
}
