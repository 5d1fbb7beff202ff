/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts instead of checks: a test writes rows of `item=result`, and the runner compares them with
 * what the real Xen answered (tests/guest/abi/expected.txt). A row's key is unique in its test.
 */
#pragma once

#include "tests/guest/lib/child.h"

void row(const char *format, ...) printf_like(1, 2);
/* A result: an error's name, or a number. */
void row_result(const char *item, long result);
void row_text(const char *item, const char *format, ...) printf_like(2, 3);
/* For long ranges of numbers, each bigger than the last: equal neighbours become one item. */
void row_at(uint64_t number, long result);
void row_end(void);

/* A row of one item. */
#define ROW(key, item, result)                                                                     \
    do {                                                                                           \
        row(key);                                                                                  \
        row_result(item, result);                                                                  \
        row_end();                                                                                 \
    } while (0)

/* A row of the results of @call for each value `v`; @undo after each that is not an error. */
#define SWEEP(key, undo, call, ...)                                                                \
    do {                                                                                           \
        const uint64_t sweep_[] = {__VA_ARGS__};                                                   \
        row(key);                                                                                  \
        for (unsigned int at_ = 0; at_ < ARRAY_SIZE(sweep_); at_++) {                              \
            uint64_t v = sweep_[at_];                                                              \
            long rc = (call);                                                                      \
            char name_[24];                                                                        \
            format_append(name_, sizeof(name_), 0, v > 9 ? "%#lx" : "%lu", v);                     \
            row_result(name_, rc);                                                                 \
            if (rc >= 0) {                                                                         \
                undo;                                                                              \
            }                                                                                      \
        }                                                                                          \
        row_end();                                                                                 \
    } while (0)
/* The same for every number from @first to @last. */
#define RANGE(key, first, last, undo, call)                                                        \
    do {                                                                                           \
        row(key);                                                                                  \
        for (uint64_t v = (first); v <= (last); v++) {                                             \
            long rc = (call);                                                                      \
            row_at(v, rc);                                                                         \
            if (rc >= 0) {                                                                         \
                undo;                                                                              \
            }                                                                                      \
        }                                                                                          \
        row_end();                                                                                 \
    } while (0)
/* The same for every kind of domain id. */
#define DOMIDS(key, undo, call)                                                                    \
    do {                                                                                           \
        row(key);                                                                                  \
        for (unsigned int at_ = 0; at_ < DOMID_KINDS; at_++) {                                     \
            domid_t v = domid_kind(at_);                                                           \
            long rc;                                                                               \
            if (!domid_name(at_))                                                                  \
                continue;                                                                          \
            rc = (call);                                                                           \
            row_result(domid_name(at_), rc);                                                       \
            if (rc >= 0) {                                                                         \
                undo;                                                                              \
            }                                                                                      \
        }                                                                                          \
        row_end();                                                                                 \
    } while (0)

/* A live child (paused, with `box`) and one that died but of which a page is still mapped here.
 * In a child there is no cast: then those kinds have no name. */
#define DOMID_KINDS 11
bool cast_begin(void);
void cast_end(void);
struct child *cast_live(void);
domid_t domid_kind(unsigned int kind);
const char *domid_name(unsigned int kind); /* NULL: not here */

/* A hypercall of which argument @pointer is an address. */
struct shape {
    unsigned int number, pointer;
    uint64_t args[5];
};
long shape_call(const struct shape *s, const volatile void *at);
/* A row of what the call says to every kind of address; @good (@bytes long) is what it wants to
 * read. Addresses where that can be read are left out unless @effects. */
void pointers(const char *key, const struct shape *s, const void *good, size_t bytes, bool effects);
#define POINTERS(key, number, cmd, good)                                                           \
    pointers(key, &(const struct shape){number, 1, {cmd}}, &(good), sizeof(good), false)
#define POINTERS_ALL(key, number, cmd, good)                                                       \
    pointers(key, &(const struct shape){number, 1, {cmd}}, &(good), sizeof(good), true)

/* What a child wrote, printed by its maker. */
void rows_of_child(struct child *c);
