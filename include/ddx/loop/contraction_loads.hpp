// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The arrays that a contraction loads enter; vectors at a row, a lane and a depth of it leave, and panels: the vectors
// along the reduced axis, packed so that the cache holds them in one piece.
#pragma once

#include <cstddef>
#include <type_traits>

#include "../simd/memory.hpp"
#include "contraction_shape.hpp"
#include "program.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// Vectors of a panel, one after the other for each step along the reduced axis.
template <class Number>
struct panel {
  Number const* at = nullptr;
  std::ptrdiff_t stride = 0;
};

/// The loads of contraction `Nest` of the program whose loops are `Loops`.
template <class Loops, int Nest>
class contraction_loads {
  static constexpr auto const& Plan = Loops::Plan;
  static constexpr auto const& Graph = Loops::Graph;
  static constexpr nest n = Plan.nests[Nest];
  using number = typename Loops::number_type;
  using pack = simd::pack<number>;
  using frame_type = typename Loops::frame_type;
  static constexpr int width = simd::width<number>;
  using shape = contraction_shape<Loops, Nest>;

 public:
  /// Bytes of scratch that packed panels need.
  static constexpr std::ptrdiff_t panel_bytes(std::ptrdiff_t depth) {
    return panel_count() * depth * shape::panel_width * static_cast<std::ptrdiff_t>(sizeof(number));
  }

  /// Where a load's elements begin and how far they are apart along the axes of a block.
  template <class Cursor>
  struct placed {
    Cursor c;
    std::ptrdiff_t depth;
  };

  template <int Load>
  static auto source(frame_type& f, std::ptrdiff_t const* outer) {
    auto const c = Loops::template load_cursor<Nest, shape::id[Load]>(f, outer);
    constexpr int place = Loops::place_of(Loops::order_of_load(shape::id[Load]), n.reduced_axis);
    std::ptrdiff_t stride = 0;
    if constexpr (place >= 0) {
      if constexpr (shape::is_position(Load)) stride = 1;
      else if constexpr (is<input_>(Graph.nodes[shape::id[Load]]))
        stride = f.input_strides[Graph.nodes[shape::id[Load]].index][place];
      else stride = f.buffer_strides[Plan.buffer_of[shape::id[Load]]][place];
    }
    return placed<decltype(c)>{c, stride};
  }

  /// The vector of a load at a row, lane and depth; without lanes its element in all of them.
  template <int Load, class Source>
  DDX_INLINE static pack vector_at(Source const& s, std::ptrdiff_t row, std::ptrdiff_t lane, std::ptrdiff_t count,
                                   std::ptrdiff_t depth) {
    if constexpr (shape::is_position(Load)) {
      pack const first(static_cast<number>(s.c.first + row * s.c.row + lane * s.c.lane + depth * s.depth));
      if constexpr (shape::kind[Load] & shape::along_lane) return first + simd::lane_numbers<number>();
      else return first;
    } else {
      auto const* const at = s.c.at + row * s.c.row + lane * s.c.lane + depth * s.depth;
      if constexpr (!(shape::kind[Load] & shape::along_lane)) return pack(static_cast<number>(*at));
      else if constexpr (!Loops::template contiguous<Nest, shape::id[Load]>)
        return simd::gather<number>(at, s.c.lane, count < width ? count : width);
      else return count < width ? simd::load_first<number>(at, count) : simd::load<number>(at);
    }
  }

  /// Vectors along the reduced axis are read again for every block of rows: they are packed, converted and padded, so
  /// that the cache holds them in one piece; not where few rows read what lies in order already.
  template <int Load, class Source>
  static void prepare(frame_type& f, Source const& s, std::ptrdiff_t lane, std::ptrdiff_t count, std::ptrdiff_t begin,
                      std::ptrdiff_t end, panel<number>& p) {
    if constexpr (shape::is_panel(Load) && !shape::is_position(Load) && shape::needs(false, shape::id[Load])) {
      using element = std::remove_cvref_t<decltype(*s.c.at)>;
      constexpr bool ordered = Loops::template contiguous<Nest, shape::id[Load]>;
      auto const* const from = s.c.at + begin * s.depth + lane * s.c.lane;
      if constexpr (ordered && std::is_same_v<element, number>)
        if (count == shape::panel_width && Loops::extent(f, n, n.row_axis) < 4 * shape::rows) {
          p = {from, s.depth};
          return;
        }
      number* const to = f.panels + panel_place<Load>() * f.depth * shape::panel_width;
      pack_panel<ordered>(from, s.c.lane, s.depth, count, end - begin, to);
      p = {to, shape::panel_width};
    }
  }

 private:
  static constexpr std::ptrdiff_t panel_count() {
    std::ptrdiff_t count = 0;
    for (int l = 0; l < n.load_count; ++l) count += shape::is_panel(l) ? 1 : 0;
    return count;
  }

  /// Which of the packed panels a load's is.
  template <int Load>
  static constexpr std::ptrdiff_t panel_place() {
    std::ptrdiff_t place = 0;
    for (int l = 0; l < Load; ++l) place += shape::is_panel(l) ? 1 : 0;
    return place;
  }

  template <bool Ordered, class Element>
  static void pack_panel(Element const* from, std::ptrdiff_t lane_stride, std::ptrdiff_t depth_stride,
                         std::ptrdiff_t count, std::ptrdiff_t depth, number* to) {
    if constexpr (Ordered) {
      for (std::ptrdiff_t k = 0; k < depth; ++k)
        for (int j = 0; j < shape::columns; ++j) {
          std::ptrdiff_t const valid = count - j * width;
          auto const* const at = from + k * depth_stride + j * width;
          pack const value = valid >= width ? simd::load<number>(at)
                             : valid > 0    ? simd::load_first<number>(at, valid)
                                            : pack(number(0));
          simd::store(to + k * shape::panel_width + j * width, value);
        }
    } else {
      for (std::ptrdiff_t k = 0; k < depth; ++k)
        for (std::ptrdiff_t i = count; i < shape::panel_width; ++i) to[k * shape::panel_width + i] = number(0);
      // a piece of the panel, which stays in the cache while its columns are written
      constexpr std::ptrdiff_t step = 16;
      for (std::ptrdiff_t begin = 0; begin < depth; begin += step) {
        std::ptrdiff_t const end = begin + step < depth ? begin + step : depth;
        for (std::ptrdiff_t i = 0; i < count; ++i)
          for (std::ptrdiff_t k = begin; k < end; ++k)
            to[k * shape::panel_width + i] = static_cast<number>(from[i * lane_stride + k * depth_stride]);
      }
    }
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop
