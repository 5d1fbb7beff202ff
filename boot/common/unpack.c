/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole-buffer decompression with the distribution's libraries.
 *
 * What is always true here: input and output are complete in memory, so every library is called
 * once and must consume what it needs in that one call; the output has the size that the kernel
 * file promised, no byte more and none less. Integrity sums over the output are not computed: the
 * size must match, each format's own structure must hold to the end, and the ELF is checked after.
 */
#include "boot/common/unpack.h"

#include <string.h>

#include <lz4.h>
#include <zlib.h>
#include <zstd.h>

const char unpack_damaged[] = "damaged kernel (its compressed data is inconsistent)";
const char unpack_truncated[] = "truncated kernel (its compressed data ends early)";
const char unpack_no_memory[] = "too little memory to unpack the kernel";

/* A legacy LZ4 frame is cut into blocks that unpack to 8 MiB, the last one to less. */
#define LZ4_BLOCK_BYTES (8UL << 20)

static uint32_t word32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

const char *unpack_gzip(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes)
{
    const char *reason = NULL;
    z_stream stream;
    int code;

    if (in_bytes < 18)
        return unpack_truncated;
    memset(&stream, 0, sizeof stream);
    stream.next_in = (Bytef *)in; /* zlib's interface predates const */
    stream.avail_in = (uInt)in_bytes;
    stream.next_out = out;
    stream.avail_out = (uInt)out_bytes;
    /* 16 + 15: a gzip wrapper around a 32 KiB window (zlib.h). */
    if (inflateInit2(&stream, 16 + 15) != Z_OK)
        return unpack_no_memory;
    code = inflate(&stream, Z_FINISH);
    if (code == Z_MEM_ERROR)
        reason = unpack_no_memory;
    else if (code == Z_BUF_ERROR && stream.avail_in == 0)
        reason = unpack_truncated;
    else if (code != Z_STREAM_END || stream.avail_out != 0)
        reason = unpack_damaged;
    inflateEnd(&stream);
    return reason;
}

const char *unpack_lz4(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes)
{
    if (in_bytes < 8)
        return unpack_truncated;
    for (in += 4, in_bytes -= 4; out_bytes > 0;) {
        size_t block = in_bytes < 4 ? 0 : word32(in);
        size_t room = out_bytes < LZ4_BLOCK_BYTES ? out_bytes : LZ4_BLOCK_BYTES;
        int made;

        if (in_bytes < 4 || block > in_bytes - 4)
            return unpack_truncated;
        if (block > LZ4_COMPRESSBOUND(LZ4_BLOCK_BYTES))
            return unpack_damaged;
        made = LZ4_decompress_safe((const char *)in + 4, (char *)out, (int)block, (int)room);
        if (made <= 0)
            return unpack_damaged;
        in += 4 + block;
        in_bytes -= 4 + block;
        out += made;
        out_bytes -= (size_t)made;
    }
    return NULL;
}

const char *unpack_zstd(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes)
{
    size_t frame = ZSTD_findFrameCompressedSize(in, in_bytes);
    ZSTD_DCtx *context;
    size_t made;

    if (ZSTD_isError(frame))
        return unpack_truncated;
    context = ZSTD_createDCtx();
    if (!context)
        return unpack_no_memory;
    made = ZSTD_decompressDCtx(context, out, out_bytes, in, frame);
    ZSTD_freeDCtx(context);
    return ZSTD_isError(made) || made != out_bytes ? unpack_damaged : NULL;
}
