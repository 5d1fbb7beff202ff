/* SPDX-License-Identifier: BSD-2-Clause */
/* From options to the rooms they are for. */
#pragma once

struct domain;
struct options;

/* Serial lines, levels and stamps of the log. First of all. */
void configure_consoles(const struct options *options);

/* RAM to leave alone. After memmap_init(). */
void configure_memory(const struct options *options);

/* What other rooms must know before they start: CPUs, clocks, ways to reboot, grant tables. */
void configure_rooms(const struct options *options);

/* Once all CPUs are online, before domain 0 is made: the log's size, console input, watchdog. */
void configure_running(const struct options *options);

/* dom0_vcpus_pin: vCPU n stays on CPU n, as far as there are so many. */
void configure_dom0_affinity(struct domain *d, const struct options *options);
