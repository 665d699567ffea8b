/// All bodies, for the level that the including file compiles them for.
#include "vectors.h"

#include "error_sums.h"
#include "largest_magnitude.h"
#include "widen.h"

#include "attention.h"
#include "blocks.h"
#include "code_panels.h"
#include "half.h"
#include "int4.h"
#include "int8.h"
#include "layer.h"

#define MUNINN_KERNELS                                                                             \
  {                                                                                                \
      .largest_magnitude = largest_magnitude,                                                      \
      .widen = widen,                                                                              \
      .encode_int8_row = encode_int8_row,                                                          \
      .encode_int8_groups = encode_int8_groups,                                                    \
      .encode_int4_groups = encode_int4_groups,                                                    \
      .encode_q8_0 = encode_q8_0,                                                                  \
      .encode_q4_0 = encode_q4_0,                                                                  \
      .encode_f16 = encode_f16,                                                                    \
      .encode_bf16 = encode_bf16,                                                                  \
      .decode_int8 = decode_int8,                                                                  \
      .decode_int4 = decode_int4,                                                                  \
      .error_sums = error_sums,                                                                    \
      .multiply = multiply,                                                                        \
      .multiply_codes = multiply_codes,                                                            \
      .pack_panel = pack_panel,                                                                    \
      .fix_panel = fix_panel,                                                                      \
      .attend = attend,                                                                            \
      .normalize = normalize,                                                                      \
      .gate = gate,                                                                                \
      .rotate = rotate,                                                                            \
      .add = add,                                                                                  \
      .exponentials = exponentials,                                                                \
  }
