#ifndef CSIMDJSON_H
#define CSIMDJSON_H

/* A C interface to simdjson's DOM parser: plain values in and out, error codes only. No function
   throws. A parser belongs to one thread at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CSJ_NOEXCEPT noexcept
extern "C" {
#else
#define CSJ_NOEXCEPT
#endif

#pragma clang assume_nonnull begin

typedef struct csj_parser csj_parser;

/* A value of the last parsed document, invalid after the next parse or release. */
typedef struct {
    uint64_t position;
} csj_element;

/* A place among the children of an array or object, which are visited front to back. */
typedef struct {
    uint64_t next;
    uint64_t end;
} csj_cursor;

typedef enum {
    CSJ_NULL,
    CSJ_BOOL,
    CSJ_INT64,  /* an integer that fits int64_t */
    CSJ_UINT64, /* an integer above INT64_MAX that fits uint64_t */
    CSJ_DOUBLE, /* a number with a fraction or an exponent */
    CSJ_STRING,
    CSJ_ARRAY,
    CSJ_OBJECT
} csj_type;

typedef enum {
    CSJ_PARSED,
    CSJ_REFUSED,      /* not JSON, nested too deeply, or a number no 64-bit type holds */
    CSJ_TOO_LONG,     /* more bytes than the parser's capacity */
    CSJ_OUT_OF_MEMORY
} csj_status;

/* The reason for the end of a bulk copy. */
typedef enum {
    CSJ_COPIED,       /* all elements were copied */
    CSJ_NOT_A_NUMBER,
    CSJ_NOT_FINITE,   /* a number whose nearest float is infinite */
    CSJ_TOO_MANY      /* more elements than there was room for */
} csj_copy_end;

/* A parser for documents of at most `capacity` bytes in which at most `depth` arrays and objects
   are nested (an empty one within the last is accepted). NULL if there is no memory. */
csj_parser *_Nullable csj_parser_create(size_t capacity, size_t depth) CSJ_NOEXCEPT;

void csj_parser_destroy(csj_parser *parser) CSJ_NOEXCEPT;

/* Frees the memory for documents, up to 15 times the bytes of the longest one. */
void csj_parser_release(csj_parser *parser) CSJ_NOEXCEPT;

/* Copies the bytes once, to have simdjson's padding behind them, and parses the copy. */
csj_status csj_parse(csj_parser *parser, const uint8_t *_Nullable bytes, size_t count,
                     csj_element *root) CSJ_NOEXCEPT;

csj_type csj_type_of(const csj_parser *parser, csj_element element) CSJ_NOEXCEPT;

/* The children of an array or object; none for anything else. */
csj_cursor csj_children(const csj_parser *parser, csj_element element) CSJ_NOEXCEPT;

/* The next element of an array; false at its end. */
bool csj_next_element(const csj_parser *parser, csj_cursor *cursor,
                      csj_element *element) CSJ_NOEXCEPT;

/* The next member of an object; false at its end. The key is UTF-8 and valid as long as the
   element. */
bool csj_next_member(const csj_parser *parser, csj_cursor *cursor,
                     const char *_Nullable *_Nonnull key, size_t *key_count,
                     csj_element *element) CSJ_NOEXCEPT;

/* Each of these returns false and leaves `value` unchanged if the element has another type. A
   double is read from any number, a uint64_t from any integer that fits. */
bool csj_get_bool(const csj_parser *parser, csj_element element, bool *value) CSJ_NOEXCEPT;
bool csj_get_int64(const csj_parser *parser, csj_element element, int64_t *value) CSJ_NOEXCEPT;
bool csj_get_uint64(const csj_parser *parser, csj_element element, uint64_t *value) CSJ_NOEXCEPT;
bool csj_get_double(const csj_parser *parser, csj_element element, double *value) CSJ_NOEXCEPT;
bool csj_get_string(const csj_parser *parser, csj_element element,
                    const char *_Nullable *_Nonnull bytes, size_t *count) CSJ_NOEXCEPT;

/* Copies an array of numbers to `floats`, each rounded to double and then to float, up to its end
   or the first element that cannot be copied. `copied` is the number of copied elements, and so
   the index of that one. CSJ_NOT_A_NUMBER, with 0 copied, also if the element is no array. */
csj_copy_end csj_copy_floats(const csj_parser *parser, csj_element array, float *_Nullable floats,
                             size_t room, size_t *copied) CSJ_NOEXCEPT;

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
