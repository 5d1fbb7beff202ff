/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted text into a buffer. */
#include "lib/format.h"

#include "lib/chars.h"
#include "lib/string.h"

struct sink {
    char *to;
    size_t size;  /* of the buffer */
    size_t count; /* characters produced, kept or not */
};

enum length { LENGTH_CHAR, LENGTH_SHORT, LENGTH_INT, LENGTH_LONG };

/* One conversion specification, between % and its letter. */
struct spec {
    bool left, plus, space, alternate, zero;
    int width;
    int precision; /* -1: not given */
    enum length length;
};

static void sink_put(struct sink *sink, char c)
{
    if (sink->count + 1 < sink->size)
        sink->to[sink->count] = c;
    sink->count++;
}

/* Widths come from formats and arguments; they are bounded so that one call ends soon. */
#define FIELD_MAX 4096

static void sink_fill(struct sink *sink, char c, int count)
{
    for (; count > 0; count--)
        sink_put(sink, c);
}

static void put_text(struct sink *sink, const struct spec *spec, const char *text, size_t bytes)
{
    int pad = (int)bytes < spec->width ? spec->width - (int)bytes : 0;

    if (!spec->left)
        sink_fill(sink, ' ', pad);
    for (size_t i = 0; i < bytes; i++)
        sink_put(sink, text[i]);
    if (spec->left)
        sink_fill(sink, ' ', pad);
}

static void put_string(struct sink *sink, const struct spec *spec, const char *text)
{
    if (!text)
        text = "(null)";
    put_text(sink, spec, text,
             strnlen(text, spec->precision >= 0 ? (size_t)spec->precision : FIELD_MAX));
}

struct number {
    uint64_t magnitude;
    unsigned int base;
    bool upper;
    const char *prefix; /* sign, or 0x */
};

static void put_number(struct sink *sink, const struct spec *spec, const struct number *number)
{
    const char *digits = number->upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[22]; /* 64 bits in octal */
    int count = 0, zeros = 0, pad;

    for (uint64_t rest = number->magnitude; rest; rest /= number->base)
        text[count++] = digits[rest % number->base];
    if (count == 0 && spec->precision != 0)
        text[count++] = '0';

    if (spec->precision > count)
        zeros = spec->precision - count;
    if (number->base == 8 && spec->alternate && zeros == 0 && (!count || text[count - 1] != '0'))
        zeros = 1;
    pad = spec->width - count - zeros - (int)strlen(number->prefix);
    if (spec->zero && !spec->left && spec->precision < 0 && pad > 0) {
        zeros += pad;
        pad = 0;
    }

    if (!spec->left)
        sink_fill(sink, ' ', pad);
    for (const char *p = number->prefix; *p; p++)
        sink_put(sink, *p);
    sink_fill(sink, '0', zeros);
    while (count)
        sink_put(sink, text[--count]);
    if (spec->left)
        sink_fill(sink, ' ', pad);
}

static void put_signed(struct sink *sink, const struct spec *spec, int64_t value)
{
    struct number number = {.base = 10};

    /* Negated as unsigned: the smallest value has no positive twin. */
    number.magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    number.prefix = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";
    put_number(sink, spec, &number);
}

static void put_unsigned(struct sink *sink, const struct spec *spec, char letter, uint64_t value)
{
    struct number number = {.magnitude = value, .base = 10, .prefix = ""};

    if (letter == 'o')
        number.base = 8;
    if (letter == 'x' || letter == 'X') {
        number.base = 16;
        number.upper = letter == 'X';
        if (spec->alternate && value)
            number.prefix = letter == 'x' ? "0x" : "0X";
    }
    put_number(sink, spec, &number);
}

static void put_pointer(struct sink *sink, const struct spec *spec, const void *pointer)
{
    struct number number = {.magnitude = (uintptr_t)pointer, .base = 16, .prefix = "0x"};

    put_number(sink, spec, &number);
}

/* Decimal number in a format, bounded; moves *at behind it. */
static int parse_count(const char **at)
{
    int count = 0;

    for (; is_digit(**at); (*at)++)
        count = min(count * 10 + (**at - '0'), FIELD_MAX);
    return count;
}

static void parse_flags(struct spec *spec, const char **at)
{
    for (;; (*at)++) {
        switch (**at) {
        case '-':
            spec->left = true;
            break;
        case '+':
            spec->plus = true;
            break;
        case ' ':
            spec->space = true;
            break;
        case '#':
            spec->alternate = true;
            break;
        case '0':
            spec->zero = true;
            break;
        default:
            return;
        }
    }
}

static void parse_length(struct spec *spec, const char **at)
{
    spec->length = LENGTH_INT;
    for (;; (*at)++) {
        switch (**at) {
        case 'h':
            spec->length = spec->length == LENGTH_SHORT ? LENGTH_CHAR : LENGTH_SHORT;
            break;
        case 'l':
        case 'j':
        case 'z':
        case 't':
            spec->length = LENGTH_LONG;
            break;
        default:
            return;
        }
    }
}

static int64_t narrow_signed(int64_t value, enum length length)
{
    switch (length) {
    case LENGTH_CHAR:
        return (signed char)value;
    case LENGTH_SHORT:
        return (short)value;
    case LENGTH_INT:
        return (int)value;
    case LENGTH_LONG:
        break;
    }
    return value;
}

static uint64_t narrow_unsigned(uint64_t value, enum length length)
{
    switch (length) {
    case LENGTH_CHAR:
        return (unsigned char)value;
    case LENGTH_SHORT:
        return (unsigned short)value;
    case LENGTH_INT:
        return (unsigned int)value;
    case LENGTH_LONG:
        break;
    }
    return value;
}

/* A va_list behind one more level, so that helpers can consume from the caller's. */
struct arguments {
    va_list list;
};

static int64_t next_signed(struct arguments *args, enum length length)
{
    return length == LENGTH_LONG ? va_arg(args->list, int64_t)
                                 : narrow_signed(va_arg(args->list, int), length);
}

static uint64_t next_unsigned(struct arguments *args, enum length length)
{
    return length == LENGTH_LONG ? va_arg(args->list, uint64_t)
                                 : narrow_unsigned(va_arg(args->list, unsigned int), length);
}

static void parse_width(struct spec *spec, const char **at, struct arguments *args)
{
    if (**at == '*') {
        int width = va_arg(args->list, int);

        (*at)++;
        spec->left |= width < 0;
        spec->width = width < -FIELD_MAX ? FIELD_MAX : min(width < 0 ? -width : width, FIELD_MAX);
    } else {
        spec->width = parse_count(at);
    }

    spec->precision = -1;
    if (**at != '.')
        return;
    (*at)++;
    if (**at == '*') {
        int precision = va_arg(args->list, int);

        (*at)++;
        spec->precision = precision < 0 ? -1 : min(precision, FIELD_MAX);
    } else {
        spec->precision = parse_count(at);
    }
}

/* One conversion; `at` is just behind its %. Returns where the format goes on. */
static const char *convert(struct sink *sink, const char *at, struct arguments *args)
{
    const char *start = at;
    struct spec spec = {0};
    char letter, c;

    parse_flags(&spec, &at);
    parse_width(&spec, &at, args);
    parse_length(&spec, &at);
    letter = *at;
    switch (letter) {
    case 'd':
    case 'i':
        put_signed(sink, &spec, next_signed(args, spec.length));
        break;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        put_unsigned(sink, &spec, letter, next_unsigned(args, spec.length));
        break;
    case 'c':
        c = (char)va_arg(args->list, int);
        put_text(sink, &spec, &c, 1);
        break;
    case 's':
        put_string(sink, &spec, va_arg(args->list, const char *));
        break;
    case 'p':
        put_pointer(sink, &spec, va_arg(args->list, const void *));
        break;
    case '%':
        sink_put(sink, '%');
        break;
    default: /* shown as it stands: a mistake must be seen */
        sink_put(sink, '%');
        return start;
    }
    return at + 1;
}

int vsnprintf(char *restrict to, size_t size, const char *restrict format, va_list args)
{
    struct sink sink = {.to = to, .size = size};
    struct arguments own;

    va_copy(own.list, args);
    while (*format) {
        char c = *format++;

        if (c == '%')
            format = convert(&sink, format, &own);
        else
            sink_put(&sink, c);
    }
    va_end(own.list);
    if (size)
        to[min(sink.count, size - 1)] = '\0';
    return (int)sink.count;
}

int snprintf(char *restrict to, size_t size, const char *restrict format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(to, size, format, args);
    va_end(args);
    return length;
}

size_t format_append(char *to, size_t size, size_t at, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(to + at, size - at, format, args);
    va_end(args);
    return length < 0 ? at : min(at + (size_t)length, size - 1);
}
