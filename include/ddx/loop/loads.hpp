// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Loads: places in memory enter; values in the registers of a line leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>

#include "../simd/memory.hpp"
#include "line.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// What was fetched of the rows that come next.
struct fetching {
  std::ptrdiff_t left;  ///< rows of the batch after these
  std::ptrdiff_t done;  ///< elements of them fetched before
};

/// How the lines of a nest are loaded.
template <class Program, class Number, class... Elements>
class nest_loads : public nest_lines<Program, Number, Elements...> {
  using base = nest_lines<Program, Number, Elements...>;

 public:
  static constexpr auto const& Graph = detail::program_graph<Program>;
  static constexpr auto const& Plan = detail::program_plan<Program>;
  static constexpr int width = simd::width<Number>;
  using pack = typename base::pack;
  using frame_type = typename base::frame_type;

  /// Where line `r` of a step begins: a row further, or a vector.
  template <class Lines>
  DDX_INLINE static std::ptrdiff_t offset(std::ptrdiff_t row_stride, std::ptrdiff_t lane_stride, std::ptrdiff_t row,
                                          int r, std::ptrdiff_t lane) {
    if constexpr (Lines::rows) return (row + r) * row_stride + lane * lane_stride;
    else return row * row_stride + (lane + r * width) * lane_stride;
  }

  /// What does not change along the lanes: numbers, and values of a row.
  template <int Nest, int Rows, int Load, class Lines, class Cursor>
  DDX_INLINE static void load_fixed(frame_type const& f, line<Program, Nest, Lines> (&v)[Rows],
                                    [[maybe_unused]] Cursor const& c, [[maybe_unused]] std::ptrdiff_t row) {
    constexpr int id = base::template load_at<Nest, Load>;
    if constexpr (base::order_of_load(id).rank == 0) v[0].loads[Load] = typename Lines::number(f.numbers[id]);
    else if constexpr (!base::template along_lanes<Nest, id>)
      each<Lines::rows && base::template along_rows<Nest, id> ? Rows : 1>(
          [&]<int Line>(std::integral_constant<int, Line>)
              DDX_INLINE_LAMBDA { v[Line].loads[Load] = typename Lines::number(row_value<id>(c, row + Line)); });
  }

  /// The element of a load at a row.
  template <int Id, class Cursor>
  DDX_INLINE static Number row_value(Cursor const& c, std::ptrdiff_t row) {
    if constexpr (is<position_>(Graph.nodes[Id])) return static_cast<Number>(c.first + row * c.row);
    else if constexpr (base::is_inside(Id)) return Number(c.within.has_row(row) && !c.within.is_empty() ? 1 : 0);
    else if constexpr (base::has_edge(Id))
      return c.within.has_row(row) && !c.within.is_empty() ? static_cast<Number>(c.at[row * c.row]) : Number(0);
    else return static_cast<Number>(c.at[row * c.row]);
  }

  /// What all lines of a step load, into the first.
  template <int Nest, int Load, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void load_shared(line<Program, Nest, Lines>& v, Cursor const& c, std::ptrdiff_t row,
                                     std::ptrdiff_t lane, std::ptrdiff_t count) {
    if constexpr (!base::template on_each_line<Nest, base::template load_at<Nest, Load>, Lines>)
      load_line<Nest, Load, Partial>(v, c, row, lane, count, 0);
  }

  template <int Nest, int Load, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void load_own(line<Program, Nest, Lines>& v, Cursor const& c, std::ptrdiff_t row,
                                  std::ptrdiff_t lane, std::ptrdiff_t count, int index) {
    if constexpr (base::template on_each_line<Nest, base::template load_at<Nest, Load>, Lines>)
      load_line<Nest, Load, Partial>(v, c, row, lane, count, index);
  }

  template <int Nest, int Load, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void load_line(line<Program, Nest, Lines>& v, Cursor const& c, std::ptrdiff_t row,
                                   std::ptrdiff_t lane, std::ptrdiff_t count, int index) {
    constexpr int id = base::template load_at<Nest, Load>;
    if constexpr (base::template along_lanes<Nest, id>) {
      pack loaded;  // by itself: g++ keeps in memory what is part of an array when it is pinned
      if constexpr (is<position_>(Graph.nodes[id])) {
        loaded = pack(static_cast<Number>(c.first + offset<Lines>(c.row, 1, row, index, lane))) +
                 simd::lane_numbers<Number>();
      } else if constexpr (base::is_inside(id)) {
        loaded = pack(Number(1));
        if constexpr (Partial) {
          std::ptrdiff_t const first = offset<Lines>(0, 1, 0, index, lane);
          loaded = simd::select(simd::lanes_between<Number>(c.within.lane_begin - first, c.within.lane_end - first),
                                loaded, pack(Number(0)));
        }
      } else if constexpr (base::has_edge(id) && Partial) {
        loaded = load_within<base::template contiguous<Nest, id>>(
            c, row + (Lines::rows ? index : 0), lane, count,
            offset<Lines>(c.row, base::template contiguous<Nest, id> ? 1 : c.lane, row, index, lane));
      } else if constexpr (base::template contiguous<Nest, id>) {
        auto const* const at = c.at + offset<Lines>(c.row, 1, row, index, lane);
        if constexpr (Partial && !padded<id>()) loaded = simd::load_first<Number>(at, count);
        else loaded = simd::load<Number>(at);
        if constexpr (base::template uses_in_nest<Nest>(id) > 1) simd::pin(loaded);
      } else {
        loaded = simd::gather<Number>(c.at + offset<Lines>(c.row, c.lane, row, index, lane), c.lane, count);
      }
      v.loads[Load] = loaded;
    }
  }

  /// Whether whole vectors may be loaded and stored at the end of a load: scratch with a single axis is followed by
  /// room.
  template <int Id>
  static constexpr bool padded() {
    if constexpr (is<input_>(Graph.nodes[Id]) || Plan.buffer_of[Id] < 0) return false;
    else return is_padded(Plan.buffers[Plan.buffer_of[Id]]);
  }

  static constexpr bool is_padded(buffer const& b) {
    if (b.output >= 0 || b.order.rank != 1) return false;
    // Beyond a chunk's rows of the whole batch are those of another thread; a tile that threads share is cut at whole
    // vectors.
    return b.order.axes[0] != Plan.batch || b.tiled || Plan.has_contractions();
  }

  /// Only where it is stored, not accumulated: the lanes beyond are garbage, and after the first lanes of a row others
  /// follow.
  static constexpr bool is_padded(nest_root const& root) {
    return root.axis < 0 && root.to == destination::buffer && is_padded(Plan.buffers[root.index]);
  }

  /// Narrows lanes to those for which all rows lie within the bounds of a load: there nothing is checked.
  template <int Nest, int Rows, int Load, class Cursor>
  DDX_INLINE static void narrow([[maybe_unused]] Cursor const& c, [[maybe_unused]] std::ptrdiff_t row,
                                [[maybe_unused]] std::ptrdiff_t& first, [[maybe_unused]] std::ptrdiff_t& last) {
    constexpr int id = base::template load_at<Nest, Load>;
    if constexpr (base::has_edge(id) && base::template along_lanes<Nest, id>) {
      if (!c.within.has_row(row) || !c.within.has_row(row + Rows - 1)) last = 0;
      first = first > c.within.lane_begin ? first : c.within.lane_begin;
      last = last < c.within.lane_end ? last : c.within.lane_end;
      if (last < 0) last = 0;
    }
  }

  /// Elements at an offset, of which those outside of the bounds are 0 and not read.
  template <bool Contiguous, class Cursor>
  DDX_INLINE static pack load_within(Cursor const& c, std::ptrdiff_t row, std::ptrdiff_t lane, std::ptrdiff_t count,
                                     std::ptrdiff_t offset) {
    std::ptrdiff_t const begin = c.within.lane_begin - lane, last = c.within.lane_end - lane,
                         end = last < count ? last : count;
    if (!c.within.has_row(row)) return pack(Number(0));
    if constexpr (Contiguous) {
      return simd::load_between<Number>(c.at + offset, begin, end);
    } else {
      alignas(DDX_VECTOR_BYTES) Number elements[width]{};
      for (std::ptrdiff_t i = begin < 0 ? 0 : begin; i < end; ++i)
        elements[i] = static_cast<Number>(c.at[offset + i * c.lane]);
      return simd::load<Number>(elements);
    }
  }

  /// The first load that has both the row and the vector axis, contiguous along the latter; -1 if there is none.
  template <int Nest>
  static constexpr int heaviest_load() {
    constexpr nest n = Plan.nests[Nest];
    for (int l = 0; l < n.load_count; ++l) {
      axis_order const order = base::order_of_load(Plan.loads[n.first_load + l]);
      if (base::has_edge(Plan.loads[n.first_load + l])) continue;
      if (base::place_of(order, n.row_axis) >= 0 && order.innermost() == n.vector_axis) return l;
    }
    return -1;
  }

  /// Lanes to take first so that vectors of the heaviest load do not straddle cache lines, which costs a fifth of the
  /// time of a step on Zen 5 with 64-byte vectors. Only where all rows are aligned alike.
  template <int Nest, class Sources>
  DDX_INLINE static std::ptrdiff_t lanes_to_alignment(Sources const& sources, std::ptrdiff_t row,
                                                      std::ptrdiff_t lanes) {
    constexpr int load = heaviest_load<Nest>();
    if constexpr (load < 0) {
      return 0;
    } else {
      auto const& c = std::get<load>(sources);
      using element = std::remove_cvref_t<decltype(*c.at)>;
      constexpr std::ptrdiff_t size = sizeof(element), block = width * size;
      auto const address = static_cast<std::ptrdiff_t>(reinterpret_cast<std::uintptr_t>(c.at + row * c.row));
      if (lanes < 4 * width || c.row * size % block != 0 || address % size != 0) return 0;
      return (block - address % block) % block / size;
    }
  }

  /// The rows of the batch from the first of the tile on, where they are fetched.
  template <int Nest>
  static std::ptrdiff_t rows_left([[maybe_unused]] frame_type const& f) {
    constexpr nest n = Plan.nests[Nest];
    if constexpr (n.row_axis >= 0 && n.row_axis == Plan.batch)
      return f.fetches ? f.extents[n.row_axis] - (n.time % 2 == 1 ? f.tile_begin : 0) : 0;
    else return 0;
  }

  /// Whether a nest fetches what a pass reads next of an array: rows that follow one another in memory.
  template <int Nest, int Id>
  static constexpr bool prefetches() {
    constexpr nest n = Plan.nests[Nest];
    constexpr axis_order order = base::order_of_load(Id);
    return is<input_>(Graph.nodes[Id]) && order.rank == 2 && n.row_axis >= 0 && n.row_axis == Plan.batch &&
           order.axes[0] == n.row_axis;
  }

  /// Fetches the rows that come after these `Rows` rows, in their order in memory, a cache line once: a step of
  /// `Vectors` vectors its share, none where the batch ends. Measured on Zen 5 as a share of Eigen's step over 12,000
  /// rows of 784 floats: one block or 24 KB ahead in every nest of the pass 0.61, in the last nest alone 0.66, in the
  /// first alone 0.73, two blocks ahead 0.70. Over 256 rows, which the second cache holds, fetching takes 1.1 of the
  /// time without.
  template <int Nest, int Load, int Vectors, class Lines, class Cursor>
  DDX_INLINE static void prefetch([[maybe_unused]] Cursor const& c, [[maybe_unused]] std::ptrdiff_t row,
                                  [[maybe_unused]] fetching const& f) {
    if constexpr (prefetches<Nest, base::template load_at<Nest, Load>>())
      fetch<Vectors, Lines::rows ? Vectors : 1>(c, row, f);
  }

  template <int Vectors, int Rows, class Cursor>
  DDX_INLINE static void fetch(Cursor const& c, std::ptrdiff_t row, fetching const& f) {
    using element = std::remove_cvref_t<decltype(*c.at)>;
    constexpr std::ptrdiff_t size = sizeof(element), least = 24 * 1024 / size, line = 64 / size;
    std::ptrdiff_t const wanted = Rows * c.row > least ? Rows * c.row : least;
    if (wanted > f.left * c.row) return;
    auto const* const next = c.at + row * c.row + wanted + f.done;
    for (std::ptrdiff_t i = 0; i < Vectors * width; i += line) __builtin_prefetch(next + i, 0, 3);
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop
