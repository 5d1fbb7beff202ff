/* SPDX-License-Identifier: BSD-2-Clause */
/* A fuzzer's input as bytes that are taken one after the other; behind its end they are zero. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct input {
    const uint8_t *at, *end;
};

static uint8_t byte(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static void bytes(struct input *in, void *to, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)to)[i] = byte(in);
}
