#ifndef CLOGITKERNELS_H
#define CLOGITKERNELS_H

#include <stdbool.h>

// The arithmetic of HeadServe's heads, one table of functions per instruction set.
//
// The baseline table defines the results. Within one table every number a kernel writes depends
// only on that number's own inputs: the order of each sum is fixed by its length alone, never by
// the batch, the row's place in it, the alignment, or how the work is cut over threads. All
// arithmetic is IEEE 754 single or double precision, rounded to nearest. The baseline rounds each
// product before it is added; the other tables fuse the two where the set can. They differ from the
// baseline within the stated bounds and agree with it in every integer.
//
// Pointers may have any alignment that a float may have, except `panels` (64 bytes). Sizes may be
// zero. Written ranges must not overlap any other argument unless a comment says "in place".

// Entries of a table are never null. Arguments may be null where their size is zero, so they carry
// no mark, here and in the headers that follow.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"

#include "logit_links.h"
#include "logit_maps.h"
#include "logit_measuring.h"
#include "logit_products.h"
#include "logit_quadrature.h"
#include "logit_sampling.h"
#include "logit_shapes.h"
#include "logit_sobol.h"

/// The kernels of one instruction set, by theme. Error bounds are in units in the last place (ulp)
/// of the result against the true value, and hold for every table.
typedef struct logit_kernels {
    const char *_Nonnull name;
    bool (*_Nonnull is_supported)(void);
    logit_product_kernels products;
    logit_map_kernels maps;
    logit_link_kernels links;
    logit_sampling_kernels sampling;
    logit_quadrature_kernels quadrature;
    logit_measuring_kernels measuring;
} logit_kernels;

/// The table of that name, or null when there is none or this machine cannot run it.
const logit_kernels *_Nullable logit_kernels_named(const char *_Nonnull name);

/// The fastest table this machine can run.
const logit_kernels *_Nonnull logit_kernels_best(void);

#pragma clang diagnostic pop

#endif
