// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Rows and lanes: a nest enters; its loops along its row and its vector axis leave, a few rows or vectors at a time.
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

#include "elements.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// The loops of a nest along its rows and its lanes.
template <class Program, class Number, class... Elements>
class nest_lanes : public nest_elements<Program, Number, Elements...> {
  using base = nest_elements<Program, Number, Elements...>;

 public:
  static constexpr auto const& Plan = detail::program_plan<Program>;
  static constexpr int width = simd::width<Number>;
  using frame_type = typename base::frame_type;

  template <int Nest>
  static void rows_and_lanes(frame_type& f, std::ptrdiff_t const* outer) {
    constexpr nest n = Plan.nests[Nest];
    constexpr int together = base::template lines_together<Nest, typename base::template usual_lines<Nest>>();
    std::ptrdiff_t const lanes = base::extent(f, n, n.vector_axis);
    if constexpr (base::template takes_others<Nest>) {
      base::template multiply_others<Nest>(f, outer);
    } else if constexpr (n.row_axis >= 0 && base::template runs_back<Nest>) {
      for (std::ptrdiff_t row = base::extent(f, n, n.row_axis); row-- > 0;)
        block<Nest, 1, by_rows<Number>>(f, outer, row, lanes);
    } else if constexpr (n.row_axis >= 0) {
      std::ptrdiff_t const rows = base::extent(f, n, n.row_axis);
      std::ptrdiff_t row = 0;
      for (; row + together <= rows; row += together) block<Nest, together, by_rows<Number>>(f, outer, row, lanes);
      if constexpr (together > 1)
        for (; row < rows; ++row)
          block<Nest, base::template lines_together<Nest, by_vectors<Number>>(), by_vectors<Number>>(f, outer, row,
                                                                                                     lanes);
    } else {
      block<Nest, together, by_vectors<Number>>(f, outer, 0, lanes);
    }
  }

  /// `Rows` lines along all lanes: rows from `row` on, or vectors of that row, or vectors where there is no row axis.
  template <int Nest, int Rows, class Lines>
  static void block(frame_type& f, std::ptrdiff_t const* outer, std::ptrdiff_t row, std::ptrdiff_t lanes) {
    lines<Nest, Rows, Lines>(f, outer, row, lanes, each_load<Program, Nest>{}, each_root<Program, Nest>{});
  }

  // Inlined: left to choose, g++ keeps a sum of a single loop on the stack, which takes 2.5 times the time.
  template <int Nest, int Rows, class Lines, int... Ls, int... Rs>
  DDX_INLINE static void lines(frame_type& f, std::ptrdiff_t const* outer, std::ptrdiff_t row, std::ptrdiff_t lanes,
                               std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) {
    constexpr nest n = Plan.nests[Nest];
    std::tuple const sources{base::template load_cursor<Nest, base::template load_at<Nest, Ls>>(f, outer)...};
    std::tuple const targets{base::template root_cursor<Nest, n.first_root + Rs>(f, outer)...};
    line<Program, Nest, Lines> v[Rows];
    (base::template load_fixed<Nest, Rows, Ls>(f, v, std::get<Ls>(sources), row), ...);
    (base::template begin_sum<Nest, Rows, Rs>(v), ...);
    if constexpr (n.row_axis < 0 && base::template runs_back<Nest>)
      return lanes_back<Nest>(f, v, sources, targets, lanes);
    constexpr std::ptrdiff_t step = Lines::rows ? width : Rows * width;
    [[maybe_unused]] constexpr int together = Lines::rows ? Rows : 1;  // what a vector with edges is computed for
    std::ptrdiff_t lane = 0;
    fetching ahead{base::template rows_left<Nest>(f) - row - (Lines::rows ? Rows : 1), 0};
    if constexpr (base::template has_edges<Nest>) {
      std::ptrdiff_t first = 0, last = lanes;
      (base::template narrow<Nest, together, Ls>(std::get<Ls>(sources), row, first, last), ...);
      for (std::ptrdiff_t end = first < last ? first : last;; end = lanes) {
        while (lane < end) {  // whole vectors, so that what follows is aligned as before
          std::ptrdiff_t const part = lanes - lane < width ? lanes - lane : width;
          vectors<Nest, Rows, together, true>(f, v, sources, targets, row, lane, part, ahead);
          lane += part;
        }
        for (; lane + step <= last; lane += step, ahead.done += Rows * width)
          vectors<Nest, Rows, Rows, false>(f, v, sources, targets, row, lane, width, ahead);
        if (lane >= lanes) break;
      }
    } else if constexpr (Lines::rows) {
      if (std::ptrdiff_t const part = base::template lanes_to_alignment<Nest>(sources, row, lanes); part > 0) {
        vectors<Nest, Rows, Rows, true>(f, v, sources, targets, row, 0, part, ahead);
        lane = part;
        ahead.done += Rows * width;
      }
      for (; lane + step <= lanes; lane += step, ahead.done += Rows * width)
        vectors<Nest, Rows, Rows, false>(f, v, sources, targets, row, lane, width, ahead);
      if (lane < lanes) vectors<Nest, Rows, Rows, true>(f, v, sources, targets, row, lane, lanes - lane, ahead);
    } else if constexpr (n.row_axis >= 0) {
      // One piece of code for the lanes at both ends, and for what is left of several vectors.
      for (std::ptrdiff_t part = base::template lanes_to_alignment<Nest>(sources, row, lanes);;) {
        if (part > 0) vectors<Nest, Rows, 1, true>(f, v, sources, targets, row, lane, part, ahead);
        lane += part;
        for (; lane + step <= lanes; lane += step, ahead.done += Rows * width)
          vectors<Nest, Rows, Rows, false>(f, v, sources, targets, row, lane, width, ahead);
        if (lane >= lanes) break;
        part = lanes - lane < width ? lanes - lane : width;
      }
    } else {
      for (; lane + step <= lanes; lane += step)
        vectors<Nest, Rows, Rows, false>(f, v, sources, targets, row, lane, width, ahead);
      if constexpr (Rows > 1)
        for (; lane + width <= lanes; lane += width)
          vectors<Nest, Rows, 1, false>(f, v, sources, targets, row, lane, width, ahead);
      if constexpr (base::template is_cheap<Nest>()) {
        line<Program, Nest, by_elements<Number>> one[1];
        base::template elements<Nest>(f, one, sources, targets, lane, lanes);
        (base::template add_elements<Nest, Rs>(v[0], one[0]), ...);
      } else if (lane < lanes) {
        vectors<Nest, Rows, 1, true>(f, v, sources, targets, row, lane, lanes - lane, ahead);
      }
    }
    (base::template end_sum<Nest, Rows, Rs>(f, v, std::get<Rs>(targets), row), ...);
  }

  /// All vectors from the last to the first.
  template <int Nest, class Lines, class Sources, class Targets>
  DDX_INLINE static void lanes_back(frame_type& f, line<Program, Nest, Lines> (&v)[1], Sources const& sources,
                                    Targets const& targets, std::ptrdiff_t lanes) {
    std::ptrdiff_t first = 0, last = lanes;
    each<Plan.nests[Nest].load_count>([&]<int Load>(std::integral_constant<int, Load>) {
      base::template narrow<Nest, 1, Load>(std::get<Load>(sources), 0, first, last);
    });
    fetching const none{0, 0};
    for (std::ptrdiff_t lane = lanes > 0 ? (lanes - 1) / width * width : -1; lane >= 0; lane -= width) {
      if (lane >= first && lane + width <= last)
        vectors<Nest, 1, 1, false>(f, v, sources, targets, 0, lane, width, none);
      else
        vectors<Nest, 1, 1, true>(f, v, sources, targets, 0, lane, lanes - lane < width ? lanes - lane : width, none);
    }
  }

  /// The loop of a nest with no axis but the batch over the rows of a tile.
  template <int Nest>
  DDX_INLINE static void whole_loop(frame_type& f) {
    lines<Nest, base::template lines_together<Nest, by_vectors<Number>>(), by_vectors<Number>>(
        f, nullptr, 0, f.tile_rows, each_load<Program, Nest>{}, each_root<Program, Nest>{});
  }

  /// A vector of each of the first `Used` lines. `count` lanes are valid where `Partial`.
  template <int Nest, int Rows, int Used, bool Partial, class Lines, class Sources, class Targets>
  DDX_INLINE static void vectors([[maybe_unused]] frame_type const& f, line<Program, Nest, Lines> (&v)[Rows],
                                 Sources const& sources, Targets const& targets, std::ptrdiff_t row,
                                 std::ptrdiff_t lane, std::ptrdiff_t count, [[maybe_unused]] fetching const& ahead) {
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      (base::template load_shared<Nest, Ls, Partial>(v[0], std::get<Ls>(sources), row, lane, count), ...);
      if constexpr (!Partial) (base::template prefetch<Nest, Ls, Rows, Lines>(std::get<Ls>(sources), row, ahead), ...);
      (base::template begin_chains<Nest, Rows, Rs, Partial>(v, std::get<Rs>(targets), lane, count), ...);
      // A line at a time: what all lines load does not stay in registers beside their sums.
      each<Used>([&]<int Line>(std::integral_constant<int, Line>) DDX_INLINE_LAMBDA {
        whole_line<Nest, Partial>(f, v[Line], v[0], v[Line % 2], sources, targets, row, lane, count, Line);
      });
      (base::template end_chains<Nest, Rows, Used, Rs, Partial>(v, std::get<Rs>(targets), lane, count), ...);
    }(each_load<Program, Nest>{}, each_root<Program, Nest>{});
  }

  /// Loads, computes and stores a line; `chains` are the sums over the lines that this one adds to.
  template <int Nest, bool Partial, class Lines, class Sources, class Targets>
  DDX_INLINE static void whole_line([[maybe_unused]] frame_type const& f, line<Program, Nest, Lines>& v,
                                    line<Program, Nest, Lines> const& shared, line<Program, Nest, Lines>& chains,
                                    Sources const& sources, Targets const& targets, std::ptrdiff_t row,
                                    std::ptrdiff_t lane, std::ptrdiff_t count, int index) {
    constexpr nest n = Plan.nests[Nest];
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      (base::template load_own<Nest, Ls, Partial>(v, std::get<Ls>(sources), row, lane, count, index), ...);
      base::template compute_all<Nest>(v, shared);
      if constexpr (n.scan >= 0)
        (base::template scan_step<Nest, Rs, base::template access_of<Partial, Nest, n.first_root + Rs>()>(
             f, v, std::get<Rs>(targets), row, lane, count),
         ...);
      (base::template finish_line<Nest, Rs, Partial>(v, shared, chains, std::get<Rs>(targets), row, lane, count, index),
       ...);
    }(each_load<Program, Nest>{}, each_root<Program, Nest>{});
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop
