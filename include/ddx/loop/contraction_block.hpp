// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Part of a reduced axis enters with its panels; the results of blocks of a few rows by a few vectors leave. They stay
// in registers while the reduced axis runs innermost: each value loaded along the rows serves all vectors of the block,
// each vector all rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <utility>

#include "../simd/across.hpp"
#include "../simd/memory.hpp"
#include "contraction_loads.hpp"
#include "contraction_results.hpp"
#include "contraction_shape.hpp"
#include "each.hpp"
#include "program.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// The blocks of contraction `Nest` of the program whose loops are `Loops`.
template <class Loops, int Nest>
class contraction_block {
  static constexpr auto const& Plan = Loops::Plan;
  static constexpr auto const& Graph = Loops::Graph;
  static constexpr nest n = Plan.nests[Nest];
  using number = typename Loops::number_type;
  using pack = simd::pack<number>;
  using frame_type = typename Loops::frame_type;
  using point = typename Loops::template line<Nest>;
  static constexpr int width = simd::width<number>;
  using shape = contraction_shape<Loops, Nest>;
  using loads = contraction_loads<Loops, Nest>;
  using results = contraction_results<Loops, Nest>;
  using block_results = typename shape::block_results;

 public:
  /// Some rows of a panel's lanes, in blocks of `Columns` vectors.
  template <int Columns, class Sources, class Targets>
  static void all_rows(frame_type& f, Sources const& sources, Targets const& targets, panel<number> const* panels,
                       section const& s, range some) {
    constexpr int fewer = shape::rows / 3;
    std::ptrdiff_t const count = some.end;
    std::ptrdiff_t row = some.begin;
    for (; row + shape::rows <= count; row += shape::rows)
      block<shape::rows, Columns>(f, sources, targets, panels, s, row);
    if constexpr (fewer > 1)
      for (; row + fewer <= count; row += fewer) block<fewer, Columns>(f, sources, targets, panels, s, row);
    for (; row < count; ++row) block<1, Columns>(f, sources, targets, panels, s, row);
  }

 private:
  /// What a block loads once: values that do not change along the reduced axis, for each load those of all vectors of
  /// the block.
  template <int Load, int Rows, int Columns, bool Guard, class Source>
  DDX_INLINE static void hold(frame_type const& f, Source const& s, section const& part, std::ptrdiff_t row,
                              pack* held) {
    constexpr bool by_row = shape::kind[Load] & shape::along_row, by_lane = shape::kind[Load] & shape::along_lane;
    [[maybe_unused]] constexpr int first = Load * Rows * Columns;
    if constexpr (shape::kind[Load] & shape::along_depth || !shape::needs(Guard, shape::id[Load])) {
      return;
    } else if constexpr (Loops::order_of_load(shape::id[Load]).rank == 0) {
      held[first] = pack(f.numbers[shape::id[Load]]);
    } else {
      for (int i = 0; i < (by_row ? Rows : 1); ++i)
        for (int j = 0; j < (by_lane ? Columns : 1); ++j)
          held[first + i * Columns + j] =
              loads::template vector_at<Load>(s, row + i, part.lane + j * width, part.count - j * width, 0);
    }
  }

  template <int Rows, int Columns, bool Guard = false, class Sources, class Targets>
  static void block(frame_type& f, Sources const& sources, Targets const& targets, panel<number> const* panels,
                    section const& s, std::ptrdiff_t row) {
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      constexpr int size = Rows * Columns;
      pack held[(n.load_count + 1) * size];
      (hold<Ls, Rows, Columns, Guard>(f, std::get<Ls>(sources), s, row, held), ...);
      pack chains[n.root_count * size];
      each<n.root_count * size>([&]<int Item>(std::integral_constant<int, Item>) DDX_INLINE_LAMBDA {
        constexpr reducer combine = Plan.roots[n.first_root + Item / size].combine;
        chains[Item] = pack(simd::combining<combine>::template neutral<number>);
      });
      for (std::ptrdiff_t k = 0; k < s.depth; ++k) {
        pack vectors[(n.load_count + 1) * Columns];
        (load_step<Ls, Columns, Guard>(std::get<Ls>(sources), panels[Ls], s, k, vectors), ...);
        each<Rows>([&]<int Line>(std::integral_constant<int, Line>) DDX_INLINE_LAMBDA {
          pack row_values[n.load_count + 1];
          (load_row<Ls, Guard>(std::get<Ls>(sources), s, row + Line, k, row_values), ...);
          each<Columns>([&]<int Column>(std::integral_constant<int, Column>) DDX_INLINE_LAMBDA {
            place const at{row + Line, k, Line * Columns, Column, Columns, size};
            add_product<Guard>(sources, s, at, held, vectors, row_values, chains, std::integer_sequence<int, Ls...>{},
                               std::integer_sequence<int, Rs...>{});
          });
        });
      }
      // g++ keeps an array in registers only where all of its indices are constants.
      block_results sums;
      each<n.root_count * size>([&]<int Item>(std::integral_constant<int, Item>) DDX_INLINE_LAMBDA {
        sums[Item / size][Item % size / Columns][Item % Columns] = chains[Item];
      });
      if constexpr (shape::guarded && !Guard)
        if (!all_finite(Rows, Columns, sums)) {
          for (int i = 0; i < Rows; ++i) block<1, Columns, true>(f, sources, targets, panels, s, row + i);
          return;
        }
      if constexpr (Rows == shape::rows && Columns == shape::columns)
        results::conclude(f, targets, s, row, Rows, Columns, sums);
      else results::conclude_edge(f, targets, s, row, Rows, Columns, sums);
    }(std::make_integer_sequence<int, n.load_count>{}, std::make_integer_sequence<int, n.root_count>{});
  }

  /// A vector of a block: its row and step along the reduced axis, and where it is among those of the block.
  struct place {
    std::ptrdiff_t row, depth;
    int line, column;   ///< line: the place of its first vector
    int columns, size;  ///< of the block: vectors a line, and in all
  };

  /// What is added to a vector of results, compiled once for blocks of all sizes.
  template <bool Guard, class Sources, int... Ls, int... Rs>
  DDX_INLINE static void add_product(Sources const& sources, section const& s, place const& at, pack const* held,
                                     pack const* vectors, pack const* row_values, pack* chains,
                                     std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) {
    point v;
    ((v.loads[Ls] = choose<Ls, Guard>(std::get<Ls>(sources), s, at, held, vectors, row_values)), ...);
    compute<Guard>(v);
    ((chains[Rs * at.size + at.line + at.column] = combined<Rs, Guard>(v, chains[Rs * at.size + at.line + at.column])),
     ...);
  }

  template <bool Guard>
  DDX_INLINE static void compute(point& v) {
    each<n.node_count>([&]<int Item>(std::integral_constant<int, Item>) DDX_INLINE_LAMBDA {
      if constexpr (shape::needs(Guard, Plan.nodes[n.first_node + Item])) Loops::template compute<Nest, Item>(v, v);
    });
  }

  /// A guarded sum has the rounding of the unguarded one: what a block computes again does not depend on the block.
  template <int Root, bool Guard>
  DDX_INLINE static pack combined(point const& v, pack sum) {
    constexpr nest_root root = Plan.roots[n.first_root + Root];
    if constexpr (Guard && root.combine == reducer::sum) {
      constexpr node guard = Graph.nodes[root.value];
      pack const next = Loops::template combined<Nest, root.combine, shape::unguarded(Root)>(v, v, sum);
      auto const condition = Loops::template condition_of<Nest, guard.operands[0]>(v, v);
      if constexpr (guard.operands[1] == shape::unguarded(Root)) return simd::select(condition, next, sum);
      else return simd::select(condition, sum, next);
    } else return Loops::template combined<Nest, root.combine, shape::value_of_root(Root, Guard)>(v, v, sum);
  }

  DDX_INLINE static bool all_finite(int lines, int vectors, block_results const& sums) {
    pack zeros(number(0));
    for (int r = 0; r < n.root_count; ++r)
      for (int i = 0; i < lines; ++i)
        for (int j = 0; j < vectors; ++j) zeros = simd::fma(sums[r][i][j], pack(number(0)), zeros);
    std::uint64_t words[sizeof zeros / sizeof(std::uint64_t)], bits = 0;  // cheaper than a comparison across lanes
    std::memcpy(words, &zeros.v, sizeof words);
    for (std::uint64_t const word : words) bits |= word;
    return bits == 0;
  }

  /// What changes along the reduced axis but not from row to row.
  template <int Load, int Columns, bool Guard, class Source>
  DDX_INLINE static void load_step(Source const& source, panel<number> const& p, section const& s, std::ptrdiff_t k,
                                   pack* vectors) {
    if constexpr (!shape::needs(Guard, shape::id[Load])) {
      return;
    } else if constexpr (shape::is_panel(Load)) {
      each<Columns>([&]<int Column>(std::integral_constant<int, Column>) DDX_INLINE_LAMBDA {
        // What only the guard needs is not packed.
        if constexpr (shape::is_position(Load) || !shape::needs(false, shape::id[Load]))
          vectors[Load * Columns + Column] = loads::template vector_at<Load>(source, 0, s.lane + Column * width,
                                                                             s.count - Column * width, s.begin + k);
        else vectors[Load * Columns + Column] = simd::load<number>(p.at + k * p.stride + Column * width);
      });
    } else if constexpr (shape::kind[Load] == shape::along_depth) {
      vectors[Load * Columns] = loads::template vector_at<Load>(source, 0, 0, 0, s.begin + k);
    }
  }

  template <int Load, bool Guard, class Source>
  DDX_INLINE static void load_row(Source const& source, section const& s, std::ptrdiff_t row, std::ptrdiff_t k,
                                  pack* row_values) {
    if constexpr (shape::kind[Load] == (shape::along_row | shape::along_depth) && shape::needs(Guard, shape::id[Load]))
      row_values[Load] = loads::template vector_at<Load>(source, row, 0, 0, s.begin + k);
  }

  /// The value of a load at one vector of the block; `held` and `vectors` begin with those of load 0.
  template <int Load, bool Guard, class Source>
  DDX_INLINE static pack choose(Source const& source, section const& s, place const& at, pack const* held,
                                pack const* vectors, pack const* row_values) {
    if constexpr (!shape::needs(Guard, shape::id[Load])) return pack();
    else if constexpr (shape::kind[Load] == (shape::along_row | shape::along_lane | shape::along_depth))
      return loads::template vector_at<Load>(source, at.row, s.lane + at.column * width, s.count - at.column * width,
                                             s.begin + at.depth);
    else if constexpr (shape::kind[Load] == (shape::along_row | shape::along_depth)) return row_values[Load];
    else if constexpr (shape::kind[Load] & shape::along_depth)
      return vectors[Load * at.columns + (shape::kind[Load] & shape::along_lane ? at.column : 0)];
    else
      return held[Load * at.size + (shape::kind[Load] & shape::along_row ? at.line : 0) +
                  (shape::kind[Load] & shape::along_lane ? at.column : 0)];
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop
