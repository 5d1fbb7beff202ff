/* SPDX-License-Identifier: BSD-2-Clause */
/* Who we are, as xen_version tells guests and the toolstack. */
#pragma once

/* The ABI's version and the text that follows it ("4.17" then this). */
#define VERSION_MAJOR 4
#define VERSION_MINOR 17
#define VERSION_EXTRA ".0-zendo"

/* The hypervisor's command line, empty until told; kept, not copied. Boot CPU. */
void version_set_commandline(const char *text);

/* Text of XENVER_capabilities: which kinds of guests run here. */
const char *version_capabilities(void);
