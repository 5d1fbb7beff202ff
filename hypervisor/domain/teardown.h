/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a domain: what others must tell teardown.c. */
#pragma once

struct domain;

/* @d has no counted frame left (its account came to 0): if it is dead, that was the last thing that
 * kept it on the list. The caller holds a reference to @d and no lock. */
void domain_frames_gone(struct domain *d);
