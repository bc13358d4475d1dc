#ifndef CNUMBERTEXT_H
#define CNUMBERTEXT_H

/* Numbers of JSON texts, by fast_float, and the blanks between them: plain values in and out. No
   function throws, allocates or keeps anything. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CNT_NOEXCEPT noexcept
extern "C" {
#else
#define CNT_NOEXCEPT
#endif

#pragma clang assume_nonnull begin

/* Bytes of a number: more than any double needs, and than any client writes. */
#define CNT_MAX_NUMBER_BYTES 4096

/* The reason for the end of a bulk reading. */
typedef enum {
    CNT_CLOSED, /* the array has ended; the offset is behind its bracket */
    CNT_FULL,   /* there is no more room; the offset is where the next element is expected */
    CNT_STOPPED /* the element at the offset was not read: the bytes end within it or right behind
                   it, or it is no number, or too long, or its nearest float is not finite */
} cnt_end;

typedef struct {
    size_t offset;
    size_t count; /* elements that were read */
    cnt_end end;
} cnt_reading;

/* Reads elements of an array from `offset` on, where one is expected, up to the first that is not
   a number with a finite float. Each is rounded to double and then to float. What is read is JSON
   (RFC 8259); for what is not, the caller has to find out. */
cnt_reading cnt_read_floats(const uint8_t *bytes, size_t count, size_t offset,
                            float *_Nullable floats, size_t room) CNT_NOEXCEPT;

/* The same for unsigned integers below `bound`, without fraction and exponent. */
cnt_reading cnt_read_indices(const uint8_t *bytes, size_t count, size_t offset,
                             uint32_t *_Nullable indices, size_t room,
                             uint32_t bound) CNT_NOEXCEPT;

/* The same by instructions that every processor has. They say what the results are. */
cnt_reading cnt_read_floats_portably(const uint8_t *bytes, size_t count, size_t offset,
                                     float *_Nullable floats, size_t room) CNT_NOEXCEPT;
cnt_reading cnt_read_indices_portably(const uint8_t *bytes, size_t count, size_t offset,
                                      uint32_t *_Nullable indices, size_t room,
                                      uint32_t bound) CNT_NOEXCEPT;
/* The same by AVX2 where the processor has it, even if it has more. */
cnt_reading cnt_read_indices_widely(const uint8_t *bytes, size_t count, size_t offset,
                                    uint32_t *_Nullable indices, size_t room,
                                    uint32_t bound) CNT_NOEXCEPT;

/* The double nearest to a number in JSON's grammar; an infinity where it is out of range. */
double cnt_double(const uint8_t *bytes, size_t count) CNT_NOEXCEPT;

/* The offset of the first byte from `offset` on that is no white space; `count` without one. */
size_t cnt_skip_space(const uint8_t *bytes, size_t count, size_t offset) CNT_NOEXCEPT;

/* The number of line feeds. */
size_t cnt_count_lines(const uint8_t *bytes, size_t count) CNT_NOEXCEPT;

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
