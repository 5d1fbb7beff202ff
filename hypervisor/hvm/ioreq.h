/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device models: who emulates what of a domain, and requests to them.
 *
 * An ioreq server is one device model's registration: ranges of ports, memory and PCI functions,
 * two shared pages (hvm/ioreq_page.h), and event channels. There is no default server in this
 * version of the ABI: what no server claims is answered as if no device were there.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/range_set.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "sync/spinlock.h"

#include <xen/hvm/dm_op.h>
#include <xen/hvm/ioreq.h>
#include <xen/memory.h>

struct domain;
struct page;
struct vcpu;

#define IOREQ_SERVERS 8
#define IOREQ_RANGES 256 /* of each kind a server may have; hostile device models have no more */
#define IOREQ_VCPUS  (4096 / sizeof(struct ioreq)) /* slots of the page: vCPUs of an HVM domain */
#define IOREQ_PAGES  64  /* of our own shared with device models, those mapped by dead ones too */
#define IOREQ_RANGE_KINDS 3 /* XEN_DMOP_IO_RANGE_* */

/* One of the two pages of a server. */
struct ioreq_page {
    void *map;         /* NULL: there is none yet */
    struct page *page; /* a frame of the guest's, referenced writable; NULL: a page of ours */
    uint64_t gfn;      /* where that frame is in the guest while the server is not enabled */
    bool hidden;       /* it has been taken out of there, by us */
};

struct ioreq_server {
    uint16_t id;
    bool enabled;
    uint8_t buffering;  /* HVM_IOREQSRV_BUFIOREQ_* */
    domid_t emulator;   /* who made it: nobody else may use it */
    struct ioreq_page sync, buffer;
    evtchn_port_t port[IOREQ_VCPUS]; /* 0: no such vCPU */
    evtchn_port_t buffer_port;
    struct range_set ranges[IOREQ_RANGE_KINDS];
};

struct ioreq_domain {
    struct spinlock lock;      /* LOCK_IOREQ: all below, and ioreq_vcpu.server of all its vCPUs */
    struct ioreq_server *server[IOREQ_SERVERS];
    struct ioreq_server *memory_server; /* takes writes to P2M_RAM_IOREQ; NULL: nobody does */
    uint64_t gfn_base;         /* HVM_PARAM_IOREQ_SERVER_PFN */
    uint64_t gfn_free;         /* bit per frame from there on: HVM_PARAM_NR_IOREQ_SERVER_PAGES */
    uint64_t legacy_gfn[2];    /* HVM_PARAM_IOREQ_PFN, _BUFIOREQ_PFN while free; 0 none */
    void *page[IOREQ_PAGES];   /* ours, in use by a server or not */
    bool ended;                /* the domain is dying: no server any more */
};

/* What a vCPU has asked a device model. */
enum ioreq_state {
    IOREQ_NONE,
    IOREQ_SENT,     /* the vCPU waits at the gate */
    IOREQ_DONE,     /* ... and is about to carry out the instruction with the answer */
};

struct ioreq_vcpu {
    uint8_t state;               /* (o) enum ioreq_state */
    uint8_t seen;                /* (o) ioreq_slot_poll() */
    uint8_t invalidate;          /* (o) servers that have still to be told to forget mappings */
    struct ioreq_server *server; /* (r) [ioreq lock] whom it asked; NULL: it has gone */
    struct ioreq request;        /* (o) `data` is the answer when done */
};

/* ---- life: hvm/domain.c ---- */

void ioreq_domain_init(struct domain *d);
/* Channels of a vCPU that is being made, for servers there are. -ENOSPC, -ENOMEM. */
int must_check ioreq_vcpu_init(struct vcpu *v);
/* Teardown, no vCPU runs: end all servers, for good. Then, after the domain has left the list, the
 * memory. */
void ioreq_domain_relinquish(struct domain *d);
void ioreq_domain_free(struct domain *d);

/* ---- what a device model does: control/dm_op.c ---- */

/* XEN_DMOP_* of these names by the calling domain, which has been found to be allowed to serve @d.
 * -ENOENT: no such server; -EPERM: another domain's; -ESRCH: @d is dying. Control path, no
 * locks. */
int must_check ioreq_create(struct domain *d, uint8_t buffering, ioservid_t *id);
int must_check ioreq_destroy(struct domain *d, ioservid_t id);
int must_check ioreq_info(struct domain *d, struct xen_dm_op_get_ioreq_server_info *info);
int must_check ioreq_map_range(struct domain *d, const struct xen_dm_op_ioreq_server_range *r);
int must_check ioreq_unmap_range(struct domain *d, const struct xen_dm_op_ioreq_server_range *r);
int must_check ioreq_set_state(struct domain *d, ioservid_t id, bool enabled);
/* Writes to memory of type HVMMEM_ioreq_server go to @id, or with @claim false no more. */
int must_check ioreq_claim_memory(struct domain *d, ioservid_t id, bool claim);
bool ioreq_memory_is_claimed(struct domain *d);
/* XENMEM_resource_ioreq_server: the frame of index @frame of server @id. */
int must_check ioreq_resource_frame(struct domain *d, uint32_t id, uint64_t frame, mfn_t *mfn);
/* HVM_PARAM_IOREQ_SERVER_PFN, _NR_IOREQ_SERVER_PAGES, _IOREQ_PFN, _BUFIOREQ_PFN is set. -EINVAL. */
int must_check ioreq_param(struct domain *d, uint32_t param, uint64_t value);

/* ---- what a vCPU does: hvm/ioreq_send.c ---- */

enum ioreq_result {
    IOREQ_OK,     /* carried out: for a read, r->data is the value */
    IOREQ_LATER,  /* asked: the vCPU waits, and hvm_io_resume() goes on */
    IOREQ_NOBODY, /* no server claims it */
    IOREQ_FAILED, /* the device model broke the protocol: the domain was crashed */
};

/* Give @r (PIO or COPY; state, vp_eport do not matter) of the current vCPU @v to who claims it.
 * @buffered: it may take the way that is not waited for. Interrupts on, no locks. */
enum ioreq_result ioreq_send(struct vcpu *v, struct ioreq *r, bool buffered);
/* Is @r what the answer at hand is about? Then it is taken, and IOREQ_NONE again. */
bool ioreq_take_answer(struct vcpu *v, struct ioreq *r);
/* Is @v in the middle of an access that a device model carries out? Any CPU. */
bool ioreq_is_busy(const struct vcpu *v);
/* The instruction that waits will not go on: @v, which does not run, gets other registers. */
void ioreq_abandon(struct vcpu *v);
/* To all servers that have a ring, without waiting: the guest has set its clock by @seconds. */
void ioreq_time_offset(struct domain *d, int64_t seconds);
/* The current vCPU gave up frames that device models may have mapped: it waits until they know. */
void ioreq_invalidate(struct vcpu *v);
/* Go on with what the current vCPU waits for, if there is news. True: an answer is there, so the
 * instruction is to be carried out again. Interrupts on. */
bool ioreq_poll(struct vcpu *v);
