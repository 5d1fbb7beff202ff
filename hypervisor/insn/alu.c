/* SPDX-License-Identifier: BSD-2-Clause */
/* Arithmetic of the general registers with its flags (SDM vol. 1, 3.4.3.1). Pure. */
#include "insn/private.h"

#define FLAGS_RESULT (X86_SF | X86_ZF | X86_PF)
#define FLAGS_ALL (FLAGS_RESULT | X86_CF | X86_AF | X86_OF)

static void set_flags(uint64_t *flags, uint64_t which, uint64_t value)
{
    *flags = (*flags & ~which) | (value & which);
}

static bool top_bit(uint64_t value, unsigned int width)
{
    return value >> (8 * width - 1) & 1;
}

static int64_t sign_extend(uint64_t value, unsigned int width)
{
    unsigned int unused_bits = 64 - 8 * width;

    return (int64_t)(value << unused_bits) >> unused_bits;
}

/* SF, ZF and PF of @value. */
static uint64_t result_flags(uint64_t value, unsigned int width)
{
    return (value & bits_low(8 * width) ? 0 : X86_ZF) | (top_bit(value, width) ? X86_SF : 0) |
           (bit_count(value & 0xff) % 2 ? 0 : X86_PF);
}

/* @carries: bits from which a carry or borrow went out; @overflow: of which the top one counts. */
static uint64_t sum_flags(uint64_t result, uint64_t carries, uint64_t overflow, unsigned int width)
{
    return result_flags(result, width) | (top_bit(carries, width) ? X86_CF : 0) |
           (carries & 8 ? X86_AF : 0) | (top_bit(overflow, width) ? X86_OF : 0);
}

static uint64_t add(uint64_t a, uint64_t b, bool carry, unsigned int width, uint64_t which,
                    uint64_t *flags)
{
    uint64_t sum = a + b + carry;

    set_flags(flags, which,
              sum_flags(sum, (a & b) | ((a | b) & ~sum), (a ^ sum) & (b ^ sum), width));
    return sum;
}

static uint64_t subtract(uint64_t a, uint64_t b, bool borrow, unsigned int width, uint64_t which,
                         uint64_t *flags)
{
    uint64_t difference = a - b - borrow;

    set_flags(flags, which,
              sum_flags(difference, (~a & b) | ((~a | b) & difference),
                        (a ^ b) & (a ^ difference), width));
    return difference;
}

static uint64_t logical(uint64_t result, unsigned int width, uint64_t *flags)
{
    set_flags(flags, FLAGS_ALL & ~X86_AF, result_flags(result, width));
    return result;
}

static uint64_t bit_op(enum insn_op op, unsigned int width, uint64_t to, uint64_t number,
                       uint64_t *flags)
{
    uint64_t bit = BIT(number & (8 * width - 1));

    set_flags(flags, X86_CF, to & bit ? X86_CF : 0);
    return op == INSN_BTS   ? to | bit
           : op == INSN_BTR ? to & ~bit
           : op == INSN_BTC ? to ^ bit
                            : to;
}

/* One bit further; what leaves goes to *carry. @fill: the bit SHLD and SHRD bring in. */
static uint64_t shift_once(enum insn_op op, uint64_t to, unsigned int top, bool fill, bool *carry)
{
    bool high = to >> top & 1, low = to & 1, was = *carry;
    bool left = op == INSN_ROL || op == INSN_RCL || op == INSN_SHL || op == INSN_SHLD;
    bool in = op == INSN_ROL   ? high
              : op == INSN_ROR ? low
              : op == INSN_SAR ? high
              : op == INSN_RCL || op == INSN_RCR ? was
                                                 : fill;

    *carry = left ? high : low;
    return left ? (to << 1 | in) & bits_low(top + 1) : to >> 1 | (uint64_t)in << top;
}

/* All shifts and rotates, bit by bit: at most 63 steps, and no special case. @from fills. */
static uint64_t shift(enum insn_op op, unsigned int width, uint64_t to, uint64_t from,
                      unsigned int count, uint64_t *flags)
{
    unsigned int top = 8 * width - 1;
    bool left = op == INSN_ROL || op == INSN_RCL || op == INSN_SHL || op == INSN_SHLD;
    bool rotate = op <= INSN_RCR;
    bool carry = *flags & X86_CF, overflow;

    count &= width == 8 ? 63 : 31;
    /* Further than the operand is long, SHLD and SHRD are undefined: do nothing. */
    if (!count || ((op == INSN_SHLD || op == INSN_SHRD) && count > top + 1))
        return to;
    while (count--) {
        to = shift_once(op, to, top, left ? from >> top & 1 : from & 1, &carry);
        from = left ? from << 1 : from >> 1;
    }
    overflow = (to >> top & 1) ^ (left ? carry : to >> (top - 1) & 1);
    set_flags(flags, X86_CF | X86_OF, (carry ? X86_CF : 0) | (overflow ? X86_OF : 0));
    if (!rotate)
        set_flags(flags, FLAGS_RESULT, result_flags(to, width));
    return to;
}

/* Signed product of one operand's size; CF and OF: it does not fit. */
static uint64_t imul(unsigned int width, uint64_t a, uint64_t b, uint64_t *flags)
{
    __int128 product = (__int128)sign_extend(a, width) * sign_extend(b, width);

    set_flags(flags, X86_CF | X86_OF,
              product == sign_extend((uint64_t)product, width) ? 0 : X86_CF | X86_OF);
    return (uint64_t)product;
}

/* Condition codes (SDM vol. 1, appendix B). */
static bool condition(unsigned int code, uint64_t flags)
{
    bool less = !(flags & X86_SF) != !(flags & X86_OF), is;

    switch (code >> 1 & 7) {
    case 0:
        is = flags & X86_OF;
        break;
    case 1:
        is = flags & X86_CF;
        break;
    case 2:
        is = flags & X86_ZF;
        break;
    case 3:
        is = flags & (X86_CF | X86_ZF);
        break;
    case 4:
        is = flags & X86_SF;
        break;
    case 5:
        is = flags & X86_PF;
        break;
    case 6:
        is = less;
        break;
    default:
        is = less || flags & X86_ZF;
    }
    return is != (code & 1);
}

static uint64_t byte_swap(uint64_t value, unsigned int width)
{
    return __builtin_bswap64(value) >> (64 - 8 * width);
}

uint64_t insn_alu(enum insn_op op, unsigned int width, uint64_t to, uint64_t from, uint64_t extra,
                  uint64_t *flags)
{
    bool carry = *flags & X86_CF;

    switch (op) {
    case INSN_ADD:
    case INSN_XADD:
        return add(to, from, false, width, FLAGS_ALL, flags);
    case INSN_ADC:
        return add(to, from, carry, width, FLAGS_ALL, flags);
    case INSN_INC:
        return add(to, 1, false, width, FLAGS_ALL & ~X86_CF, flags);
    case INSN_SUB:
    case INSN_CMP:
        return subtract(to, from, false, width, FLAGS_ALL, flags);
    case INSN_SBB:
        return subtract(to, from, carry, width, FLAGS_ALL, flags);
    case INSN_DEC:
        return subtract(to, 1, false, width, FLAGS_ALL & ~X86_CF, flags);
    case INSN_NEG:
        return subtract(0, to, false, width, FLAGS_ALL, flags);
    case INSN_OR:
        return logical(to | from, width, flags);
    case INSN_AND:
    case INSN_TEST:
        return logical(to & from, width, flags);
    case INSN_XOR:
        return logical(to ^ from, width, flags);
    case INSN_NOT:
        return ~to;
    case INSN_ROL ... INSN_SAR:
        return shift(op, width, to, 0, (unsigned int)from, flags);
    case INSN_SHLD:
    case INSN_SHRD:
        return shift(op, width, to, from, (unsigned int)extra, flags);
    case INSN_BT ... INSN_BTC:
        return bit_op(op, width, to, from, flags);
    case INSN_IMUL:
        return imul(width, to, from, flags);
    case INSN_IMUL_IMM:
        return imul(width, from, extra, flags);
    case INSN_MOVBE:
        return byte_swap(from, width);
    case INSN_BSWAP:
        return byte_swap(to, width);
    case INSN_SETCC:
        return condition((unsigned int)extra, *flags);
    case INSN_CMOV:
        return condition((unsigned int)extra, *flags) ? from : to;
    default: /* moves and XCHG; the source of MOVZX and MOVSX is extended already */
        return from;
    }
}

uint64_t insn_multiply(enum insn_op op, unsigned int width, uint64_t a, uint64_t b,
                       uint64_t *high, uint64_t *flags)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    bool fits;

    if (op == INSN_IMUL_WIDE)
        product = (unsigned __int128)((__int128)sign_extend(a, width) * sign_extend(b, width));
    *high = (uint64_t)(product >> (8 * width)) & bits_low(8 * width);
    fits = op == INSN_MUL ? *high == 0
                          : (__int128)product == sign_extend((uint64_t)product, width);
    set_flags(flags, X86_CF | X86_OF, fits ? 0 : X86_CF | X86_OF);
    return (uint64_t)product & bits_low(8 * width);
}

/* Quotient and remainder of magnitudes, bit by bit; *high is below @divisor, so both fit. */
static void divide(unsigned int width, uint64_t *high, uint64_t *low, uint64_t divisor)
{
    unsigned __int128 rest = *high;
    uint64_t quotient = 0;

    for (unsigned int bit = 8 * width; bit-- > 0;) {
        rest = rest << 1 | (*low >> bit & 1);
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= BIT(bit);
        }
    }
    *low = quotient;
    *high = (uint64_t)rest;
}

bool insn_divide(enum insn_op op, unsigned int width, uint64_t *high, uint64_t *low,
                 uint64_t divisor)
{
    uint64_t mask = bits_low(8 * width);
    bool negative = op == INSN_IDIV && top_bit(*high, width), opposite = negative;
    uint64_t h = *high, l = *low;

    if (negative) { /* two's complement of the pair */
        l = -l & mask;
        h = (~h + !l) & mask;
    }
    if (op == INSN_IDIV && top_bit(divisor, width)) {
        divisor = -divisor & mask;
        opposite = !negative;
    }
    if (h >= divisor)
        return false;
    divide(width, &h, &l, divisor);
    if (op == INSN_IDIV && l > (mask >> 1) + opposite)
        return false;
    *low = (opposite ? -l : l) & mask;
    *high = (negative ? -h : h) & mask;
    return true;
}
