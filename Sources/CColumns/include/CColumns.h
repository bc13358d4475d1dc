#ifndef CCOLUMNS_H
#define CCOLUMNS_H

/* The order of a sparse row's columns: loops over numbers, compiled for several processors. No
   function throws, allocates or keeps anything. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define COL_NOEXCEPT noexcept
extern "C" {
#else
#define COL_NOEXCEPT
#endif

#pragma clang assume_nonnull begin

/* The most columns that `col_order` takes: their positions and 1 fit 16 bits. */
#define COL_MAX_COUNT 65535
/* Slots that are looked at together. */
#define COL_BLOCK 64

typedef struct {
    uint32_t least;
    uint32_t largest;
    bool is_ascending;  /* each column is larger than the one before it */
    bool is_descending; /* each is smaller */
} col_shape;

/* The shape of a row with one column or more. */
col_shape col_shape_of(const uint32_t *columns, size_t count) COL_NOEXCEPT;

/* Finds the positions of up to COL_MAX_COUNT columns in the columns' ascending order. Returns the
   number of different columns; `order` holds as many positions, those of the last of equal ones.
   Columns lie in a range of `range` from `least` on. `table` has room for as many numbers, rounded
   up to whole blocks, and `order` for a block more than there are columns. */
size_t col_order(const uint32_t *columns, size_t count, uint32_t least, size_t range,
                 uint16_t *table, uint16_t *order) COL_NOEXCEPT;
/* The same by AVX2 where the processor has it, and by instructions that every processor has. */
size_t col_order_widely(const uint32_t *columns, size_t count, uint32_t least, size_t range,
                        uint16_t *table, uint16_t *order) COL_NOEXCEPT;
size_t col_order_portably(const uint32_t *columns, size_t count, uint32_t least, size_t range,
                          uint16_t *table, uint16_t *order) COL_NOEXCEPT;

/* Brings columns and values into the order of `order`, by copies for as many of them. */
void col_arrange(const uint16_t *order, size_t count, uint32_t *columns, float *values,
                 uint32_t *copied_columns, float *copied_values) COL_NOEXCEPT;

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
