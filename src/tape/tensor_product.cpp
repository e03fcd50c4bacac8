// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Matrices enter; products leave: blocks packed to panels, multiplied in registers (K. Goto, R. van de Geijn, "Anatomy of
// high-performance matrix multiplication", 2008). A BLAS would be a dependency of every program for one function. Compiled for each
// instruction set that the library has variants for.
#include "tensor_product.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <type_traits>

#include <ddx/simd/across.hpp>
#include <ddx/simd/memory.hpp>

namespace ddx::detail {
namespace {

using index = std::ptrdiff_t;

template <class Element>
using pack = simd::pack<Element>;

template <class Element>
inline constexpr int lanes = simd::width<Element>;

constexpr int panel_rows = DDX_VECTOR_BYTES == 64 ? 12 : 6;  // by two vectors: 24 or 12 accumulators
constexpr index depth_block = 256, row_block = 96;

template <class Element>
struct aligned {
  explicit aligned(index count)
      : data(static_cast<Element*>(
            ::operator new(static_cast<std::size_t>(count) * sizeof(Element), std::align_val_t(64)))) {}
  ~aligned() { ::operator delete(data, std::align_val_t(64)); }
  aligned(aligned const&) = delete;
  aligned& operator=(aligned const&) = delete;
  Element* data;
};

/// Rows of a, as a panel: element (r, p) at `data[r * row_step + p * depth_step]`.
template <class Element, class RowStep>
struct row_panel {
  Element const* data;
  RowStep row_step;
  index depth_step;
};
using one = std::integral_constant<index, 1>;

/// A block of a, in panels of `panel_rows` rows, zeros beyond.
template <class Element>
void pack_rows(matrix<Element const> a, index rows, index depth, Element* to) {
  for (index i = 0; i < rows; i += panel_rows, to += depth * panel_rows) {
    Element const* const from = a.data + i * a.row_step;
    index const count = std::min<index>(panel_rows, rows - i);
    if (count < panel_rows) std::fill_n(to, depth * panel_rows, Element(0));
    if (a.row_step == 1 && count == panel_rows) {
      for (index p = 0; p < depth; ++p) std::copy_n(from + p * a.column_step, panel_rows, to + p * panel_rows);
    } else {
      for (index r = 0; r < count; ++r)
        for (index p = 0; p < depth; ++p) to[p * panel_rows + r] = from[r * a.row_step + p * a.column_step];
    }
  }
}

/// A block of b, in panels of two vectors' columns, zeros beyond.
template <class Element>
void pack_columns(matrix<Element const> b, index depth, index columns, Element* to) {
  constexpr int width = 2 * lanes<Element>;
  for (index j = 0; j < columns; j += width) {
    index const count = std::min<index>(width, columns - j);
    for (index p = 0; p < depth; ++p, to += width) {
      Element const* from = b.data + p * b.row_step + j * b.column_step;
      if (b.column_step == 1 && count == width) {
        std::copy_n(from, width, to);
      } else {
        for (index c = 0; c < count; ++c) to[c] = from[c * b.column_step];
        std::fill_n(to + count, width - count, Element(0));
      }
    }
  }
}

/// Adds a panel of rows times a panel of columns to a block of c (or sets it).
template <class Element, class RowStep>
void multiply_panels(index depth, row_panel<Element, RowStep> rows, Element const* columns, Element* c, index step,
                     index row_count, index column_count, bool add) {
  constexpr int width = lanes<Element>;
  pack<Element> sums[panel_rows][2];
  for (auto& row : sums) row[0] = row[1] = pack<Element>(Element(0));
  // Three rows a pointer: as many as x86 addresses with one step.
  Element const* at[panel_rows / 3];
  for (int third = 0; third < panel_rows / 3; ++third) at[third] = rows.data + 3 * third * rows.row_step;
  for (index p = 0; p < depth; ++p) {
    auto const first = simd::load<Element>(columns), second = simd::load<Element>(columns + width);
#pragma GCC unroll 12
    for (int r = 0; r < panel_rows; ++r) {
      pack<Element> const by(at[r / 3][r % 3 * rows.row_step]);
      sums[r][0] = fma(by, first, sums[r][0]);
      sums[r][1] = fma(by, second, sums[r][1]);
    }
#pragma GCC unroll 4
    for (auto& three : at) three += rows.depth_step;
    columns += 2 * width;
  }
#pragma GCC unroll 12
  for (int r = 0; r < panel_rows; ++r) {
    if (r >= row_count) break;
    for (int half = 0; half < 2; ++half) {
      index const count = std::min<index>(width, column_count - half * width);
      if (count <= 0) continue;
      Element* const to = c + r * step + half * width;
      if (count == width) simd::store(to, add ? simd::load<Element>(to) + sums[r][half] : sums[r][half]);
      else simd::store_first(to, count, add ? simd::load_first<Element>(to, count) + sums[r][half] : sums[r][half]);
    }
  }
}

template <class Element>
void multiply_blocks(index m, index n, index k, matrix<Element const> a, matrix<Element const> b, Element* c) {
  constexpr index width = 2 * lanes<Element>;
  if (k == 0) {
    std::fill_n(c, m * n, Element(0));
    return;
  }
  index const column_block = std::max<index>(
      width, std::min<index>((n + width - 1) / width * width,
                             (index{1} << 19) / (depth_block * static_cast<index>(sizeof(Element))) / width * width));
  // Rows that meet few panels of columns are read where they are: packing them would take as long as multiplying. The last ones,
  // fewer than a panel has, are packed always.
  bool const in_place = n <= 4 * width && (a.row_step == 1 || a.column_step == 1);
  index const depth_room = std::min(k, depth_block),
              row_room =
                  in_place ? panel_rows : std::min<index>((m + panel_rows - 1) / panel_rows * panel_rows, row_block);
  aligned<Element> rows(row_room * depth_room), columns(column_block * depth_room);
  for (index j = 0; j < n; j += column_block) {
    index const jn = std::min(column_block, n - j);
    for (index p = 0; p < k; p += depth_block) {
      index const pn = std::min(depth_block, k - p);
      pack_columns<Element>({b.data + p * b.row_step + j * b.column_step, b.row_step, b.column_step}, pn, jn,
                            columns.data);
      auto const multiply = [&](auto panel, index row, index jj) {
        multiply_panels(pn, panel, columns.data + jj * pn, c + row * n + j + jj, n,
                        std::min<index>(panel_rows, m - row), std::min(width, jn - jj), p > 0);
      };
      for (index i = 0; i < m; i += row_block) {
        index const in = std::min(row_block, m - i), whole = in_place ? in / panel_rows * panel_rows : 0;
        matrix<Element const> const block{a.data + i * a.row_step + p * a.column_step, a.row_step, a.column_step};
        if (whole < in)
          pack_rows<Element>({block.data + whole * a.row_step, a.row_step, a.column_step}, in - whole, pn, rows.data);
        for (index jj = 0; jj < jn; jj += width)
          for (index ii = 0; ii < in; ii += panel_rows) {
            Element const* const there = block.data + ii * a.row_step;
            if (ii >= whole)
              multiply(row_panel<Element, one>{rows.data + (ii - whole) * pn, {}, panel_rows}, i + ii, jj);
            else if (a.row_step == 1) multiply(row_panel<Element, one>{there, {}, a.column_step}, i + ii, jj);
            else multiply(row_panel<Element, index>{there, a.row_step, 1}, i + ii, jj);
          }
      }
    }
  }
}

template <class Element>
void multiply_vector(index m, index k, matrix<Element const> a, Element const* x, Element* y) {
  constexpr index width = lanes<Element>;
  if (a.column_step == 1) {
    for (index i = 0; i < m; ++i) {
      Element const* const row = a.data + i * a.row_step;
      pack<Element> sums[4]{pack<Element>(Element(0)), pack<Element>(Element(0)), pack<Element>(Element(0)),
                            pack<Element>(Element(0))};
      index p = 0;
      for (; p + 4 * width <= k; p += 4 * width)
        for (int s = 0; s < 4; ++s)
          sums[s] = fma(simd::load<Element>(row + p + s * width), simd::load<Element>(x + p + s * width), sums[s]);
      for (; p < k; p += width) {
        index const count = std::min(width, k - p);
        if (count == width) sums[0] = fma(simd::load<Element>(row + p), simd::load<Element>(x + p), sums[0]);
        else sums[0] = fma(simd::load_first<Element>(row + p, count), simd::load_first<Element>(x + p, count), sums[0]);
      }
      y[i] = simd::across<reducer::sum>((sums[0] + sums[1]) + (sums[2] + sums[3]));
    }
    return;
  }
  std::fill_n(y, m, Element(0));
  if (a.row_step == 1) {  // by columns: four at a time, so that y goes through the cache less often
    index p = 0;
    for (; p + 4 <= k; p += 4) {
      Element const *const c0 = a.data + p * a.column_step, *const c1 = c0 + a.column_step,
                           *const c2 = c1 + a.column_step, *const c3 = c2 + a.column_step;
      Element const x0 = x[p], x1 = x[p + 1], x2 = x[p + 2], x3 = x[p + 3];
      for (index i = 0; i < m; ++i) y[i] += (c0[i] * x0 + c1[i] * x1) + (c2[i] * x2 + c3[i] * x3);
    }
    for (; p < k; ++p)
      for (index i = 0; i < m; ++i) y[i] += a.data[i + p * a.column_step] * x[p];
    return;
  }
  for (index i = 0; i < m; ++i)
    for (index p = 0; p < k; ++p) y[i] += a.data[i * a.row_step + p * a.column_step] * x[p];
}

}  // namespace

inline namespace DDX_ISA {

products const& this_product() {
  static constexpr products all{&multiply_blocks<float>, &multiply_blocks<double>, &multiply_vector<float>,
                                &multiply_vector<double>};
  return all;
}

}  // namespace DDX_ISA

}  // namespace ddx::detail
