// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Contractions: a nest that reduces an axis which is neither its vector nor its row axis enters; loops over blocks leave. A block is a
// few rows by a few vectors of results, which stay in registers while the reduced axis runs innermost: each value loaded along the
// rows serves all vectors of the block, each vector all rows. The expression that is reduced is whatever the nest computes.
#pragma once

#include <cstdint>
#include <cstring>
#include <tuple>

#include "../simd/across.hpp"
#include "../simd/memory.hpp"
#include "program.hpp"
#include "tiling.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

template <class>
class passes;

/// Vectors of a panel, one after the other for each step along the reduced axis.
template <class Number>
struct panel {
  Number const* at = nullptr;
  std::ptrdiff_t stride = 0;
};

/// The loops of contraction `Nest` of the program whose loops are `Loops`.
template <class Loops, int Nest>
class contraction {
  static constexpr auto const& Plan = Loops::Plan;
  static constexpr auto const& Graph = Loops::Graph;
  static constexpr nest n = Plan.nests[Nest];
  using number = typename Loops::number_type;
  using pack = simd::pack<number>;
  using frame_type = typename Loops::frame_type;
  using point = typename Loops::template line<Nest>;
  static constexpr int width = simd::width<number>;

  // ---- what is reduced
  //
  // Derivatives of `where` are guarded: where(c, x*g, 0), so that what x is where c does not hold cannot leak. If g is itself zero there
  // (preparation sees to that) x*g is the same unless x is not finite, and then the result is not finite either: the guard is
  // left out, and what is not finite is computed again with it.

  /// The product inside of a root's guard, -1 where the guard is needed or there is none.
  static constexpr int unguarded(int root) {
    int const id = Plan.roots[n.first_root + root].value;
    node const guard = Graph.nodes[id];
    if (!ddx::is<where_>(guard) || !computed_here(id)) return -1;
    for (int branch = 1; branch <= 2; ++branch) {
      int const inside = guard.operands[branch];
      node const product = Graph.nodes[inside];
      if (!is_zero(guard.operands[3 - branch]) || !ddx::is<multiply_>(product) || !computed_here(inside)) continue;
      for (int k = 0; k < 2; ++k) {
        node const factor = Graph.nodes[product.operands[k]];
        if (ddx::is<where_>(factor) && factor.operands[0] == guard.operands[0] && is_zero(factor.operands[3 - branch]))
          return inside;
      }
    }
    return -1;
  }
  static constexpr bool is_zero(int id) {
    return ddx::is<constant_>(Graph.nodes[id]) && Graph.nodes[id].constant.numerator == 0;
  }
  static constexpr bool computed_here(int id) { return Loops::template node_place<Nest>(id) >= 0; }

  static constexpr bool guarded = [] {
    for (int r = 0; r < n.root_count; ++r)
      if (unguarded(r) < 0) return false;
    return true;
  }();

  /// The value that is reduced, with its guard or without.
  template <int Root, bool Guard>
  static constexpr int value_of_root = !Guard && guarded ? unguarded(Root) : Plan.roots[n.first_root + Root].value;

  /// Whether a root needs a node or a load.
  template <bool Guard>
  static constexpr bool needs(int id) {
    bool needed[Graph.node_count + 1]{};
    for (int r = 0; r < n.root_count; ++r)
      needed[!Guard && guarded ? unguarded(r) : Plan.roots[n.first_root + r].value] = true;
    for (int i = n.node_count - 1; i >= 0; --i) {
      int const computed = Plan.nodes[n.first_node + i];
      if (needed[computed])
        for (int k = 0; k < Graph.nodes[computed].op->arity; ++k) needed[Graph.nodes[computed].operands[k]] = true;
    }
    return needed[id];
  }

  // ---- the size of a block

  // Accumulators fill three quarters of the registers: the others hold the vectors of a step, a value of the row and what the
  // expression needs. With a sixth of the registers as rows and two vectors a row, a step has a load for every second product or fewer.
  static constexpr int columns = 2;
  static constexpr int rows_of_block() {
    int const most = simd::registers * 3 / 4 / columns / n.root_count;
    int computed = 0;
    for (int i = 0; i < n.node_count; ++i) computed += needs<false>(Plan.nodes[n.first_node + i]) ? 1 : 0;
    int const rows = computed > 1 ? most * 2 / 3 : most;
    return rows < 1 ? 1 : rows;
  }

 public:
  static constexpr int rows = rows_of_block();
  static constexpr std::ptrdiff_t panel_width = columns * width;

  /// Bytes of scratch that packed panels need.
  static constexpr std::ptrdiff_t panel_bytes(std::ptrdiff_t depth) {
    return panel_count() * depth * panel_width * static_cast<std::ptrdiff_t>(sizeof(number));
  }

  static void run(frame_type& f, std::ptrdiff_t const* outer) {
    std::ptrdiff_t const lanes = Loops::extent(f, n, n.vector_axis), depth = Loops::extent(f, n, n.reduced_axis);
    std::ptrdiff_t const most = over_batch && f.depth > most_rows ? most_rows : f.depth,
                         parts = depth > most ? (depth + most - 1) / most : 1;
    std::ptrdiff_t const part = (depth + parts - 1) / parts;
    std::ptrdiff_t const row_count = Loops::extent(f, n, n.row_axis);
    bool const by_rows = row_count * panel_width >= lanes * rows;
    range const all_lanes = over_batch && !by_rows ? share_of(f, lanes, panel_width) : range{0, lanes};
    range const all = over_batch && by_rows ? share_of(f, row_count, rows) : range{0, row_count};
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) {
      std::tuple const sources{source<Ls>(f, outer)...};
      std::ptrdiff_t begin = 0;
      do {
        std::ptrdiff_t const end = begin + part < depth ? begin + part : depth;
        for (std::ptrdiff_t lane = all_lanes.begin; lane < all_lanes.end; lane += panel_width) {
          std::ptrdiff_t const count = lanes - lane < panel_width ? lanes - lane : panel_width;
          panel<number> panels[n.load_count + 1];
          (prepare<Ls>(f, std::get<Ls>(sources), lane, count, begin, end, panels[Ls]), ...);
          section const s{lane,
                          count,
                          begin,
                          end - begin,
                          begin == 0 && !adds_to_earlier_tiles(f),
                          end >= depth && (!over_batch || f.last_tile)};
          each_piece(f, all, [&](range some) {
            block_targets const targets{std::tuple{Loops::template root_cursor<Nest, n.first_root + Rs>(f, outer)...},
                                        epilogue_sources(f, outer), epilogue_targets(f, outer)};
            if (count > width) all_rows<columns>(f, sources, targets, panels, s, some);
            else all_rows<1>(f, sources, targets, panels, s, some);
          });
        }
        begin = end;
      } while (begin < depth);
    }(std::make_integer_sequence<int, n.load_count>{}, std::make_integer_sequence<int, n.root_count>{});
  }

 private:
  // ---- parts of the results

  struct range {
    std::ptrdiff_t begin, end;
  };

  /// What one of the threads that share a contraction over the batch computes of an axis: whole blocks.
  static range share_of(frame_type const& f, std::ptrdiff_t extent, std::ptrdiff_t step) {
    std::ptrdiff_t const blocks = (extent + step - 1) / step, end = blocks * (f.part + 1) / f.parts * step;
    return {blocks * f.part / f.parts * step, end < extent ? end : extent};
  }

  /// Calls `function` with rows: all of them, or where the epilogue sums them those of each piece of the batch.
  template <class Function>
  static void each_piece(frame_type& f, range all, Function const& function) {
    if constexpr (epilogue_sums_rows) {
      for (std::ptrdiff_t piece = f.first_piece; piece < f.last_piece; ++piece) {
        passes<Loops>::template aim<n.epilogue>(f, piece);
        function(range{passes<Loops>::piece_begin(f, piece) - f.tile_offset,
                       passes<Loops>::piece_begin(f, piece + 1) - f.tile_offset});
      }
    } else {
      function(all);
    }
  }

  // ---- loads by the axes of the block that they have

  static constexpr int along_row = 1, along_lane = 2, along_depth = 4;

  static constexpr int kind_of(int load) {
    axis_order const order = Loops::order_of_load(Plan.loads[n.first_load + load]);
    return (Loops::place_of(order, n.row_axis) >= 0 ? along_row : 0) |
           (Loops::place_of(order, n.vector_axis) >= 0 ? along_lane : 0) |
           (Loops::place_of(order, n.reduced_axis) >= 0 ? along_depth : 0);
  }
  template <int Load>
  static constexpr int kind = kind_of(Load);
  template <int Load>
  static constexpr int id = Plan.loads[n.first_load + Load];
  template <int Load>
  static constexpr bool is_position = ddx::is<position_>(Graph.nodes[id<Load>]);
  template <int Load>
  static constexpr bool is_panel = kind<Load> == (along_lane | along_depth);

  static constexpr std::ptrdiff_t panel_count() {
    std::ptrdiff_t count = 0;
    for (int l = 0; l < n.load_count; ++l) count += kind_of(l) == (along_lane | along_depth) ? 1 : 0;
    return count;
  }

  /// Which of the packed panels a load's is.
  template <int Load>
  static constexpr std::ptrdiff_t panel_place() {
    std::ptrdiff_t place = 0;
    for (int l = 0; l < Load; ++l) place += kind_of(l) == (along_lane | along_depth) ? 1 : 0;
    return place;
  }

  /// Where a load's elements begin and how far they are apart along the axes of a block.
  template <class Cursor>
  struct placed {
    Cursor c;
    std::ptrdiff_t depth;
  };

  template <int Load>
  static auto source(frame_type& f, std::ptrdiff_t const* outer) {
    auto const c = Loops::template load_cursor<Nest, id<Load>>(f, outer);
    constexpr int place = Loops::place_of(Loops::order_of_load(id<Load>), n.reduced_axis);
    std::ptrdiff_t stride = 0;
    if constexpr (place >= 0) {
      if constexpr (is_position<Load>) stride = 1;
      else if constexpr (is<input_>(Graph.nodes[id<Load>]))
        stride = f.input_strides[Graph.nodes[id<Load>].index][place];
      else stride = f.buffer_strides[Plan.buffer_of[id<Load>]][place];
    }
    return placed<decltype(c)>{c, stride};
  }

  // ---- panels

  /// Vectors along the reduced axis are read again for every block of rows: they are packed, converted and padded, so that the cache
  /// holds them in one piece; not where few rows read what lies in order already.
  template <int Load, class Source>
  static void prepare(frame_type& f, Source const& s, std::ptrdiff_t lane, std::ptrdiff_t count, std::ptrdiff_t begin,
                      std::ptrdiff_t end, panel<number>& p) {
    if constexpr (is_panel<Load> && !is_position<Load> && needs<false>(id<Load>)) {
      using element = std::remove_cvref_t<decltype(*s.c.at)>;
      constexpr bool ordered = Loops::template contiguous<Nest, id<Load>>;
      auto const* const from = s.c.at + begin * s.depth + lane * s.c.lane;
      if constexpr (ordered && std::is_same_v<element, number>)
        if (count == panel_width && Loops::extent(f, n, n.row_axis) < 4 * rows) {
          p = {from, s.depth};
          return;
        }
      number* const to = f.panels + panel_place<Load>() * f.depth * panel_width;
      pack_panel<ordered>(from, s.c.lane, s.depth, count, end - begin, to);
      p = {to, panel_width};
    }
  }

  template <bool Ordered, class Element>
  static void pack_panel(Element const* from, std::ptrdiff_t lane_stride, std::ptrdiff_t depth_stride,
                         std::ptrdiff_t count, std::ptrdiff_t depth, number* to) {
    if constexpr (Ordered) {
      for (std::ptrdiff_t k = 0; k < depth; ++k)
        for (int j = 0; j < columns; ++j) {
          std::ptrdiff_t const valid = count - j * width;
          auto const* const at = from + k * depth_stride + j * width;
          pack const value = valid >= width ? simd::load<number>(at)
                             : valid > 0    ? simd::load_first<number>(at, valid)
                                            : pack(number(0));
          simd::store(to + k * panel_width + j * width, value);
        }
    } else {
      for (std::ptrdiff_t k = 0; k < depth; ++k)
        for (std::ptrdiff_t i = count; i < panel_width; ++i) to[k * panel_width + i] = number(0);
      constexpr std::ptrdiff_t step =
          16;  // a piece of the panel, which stays in the cache while its columns are written
      for (std::ptrdiff_t begin = 0; begin < depth; begin += step) {
        std::ptrdiff_t const end = begin + step < depth ? begin + step : depth;
        for (std::ptrdiff_t i = 0; i < count; ++i)
          for (std::ptrdiff_t k = begin; k < end; ++k)
            to[k * panel_width + i] = static_cast<number>(from[i * lane_stride + k * depth_stride]);
      }
    }
  }

  // ---- blocks

  /// A panel's part of the nest.
  struct section {
    std::ptrdiff_t lane, count;   ///< its lanes
    std::ptrdiff_t begin, depth;  ///< its part of the reduced axis
    bool first;                   ///< nothing has been reduced before
    bool last;                    ///< nothing is left to be reduced
  };

  template <int Columns, class Sources, class Targets>
  static void all_rows(frame_type& f, Sources const& sources, Targets const& targets, panel<number> const* panels,
                       section const& s, range some) {
    constexpr int fewer = rows / 3;
    std::ptrdiff_t const count = some.end;
    std::ptrdiff_t row = some.begin;
    for (; row + rows <= count; row += rows) block<rows, Columns>(f, sources, targets, panels, s, row);
    if constexpr (fewer > 1)
      for (; row + fewer <= count; row += fewer) block<fewer, Columns>(f, sources, targets, panels, s, row);
    for (; row < count; ++row) block<1, Columns>(f, sources, targets, panels, s, row);
  }

  /// What a block leaves, also a smaller one.
  using block_results = pack[n.root_count][rows][columns];

  /// What a block loads once: values that do not change along the reduced axis, for each load those of all vectors of the block.
  template <int Load, int Rows, int Columns, bool Guard, class Source>
  DDX_INLINE static void hold(frame_type const& f, Source const& s, section const& part, std::ptrdiff_t row,
                              pack* held) {
    constexpr bool by_row = kind<Load> & along_row, by_lane = kind<Load> & along_lane;
    [[maybe_unused]] constexpr int first = Load * Rows * Columns;
    if constexpr (kind<Load> & along_depth || !needs<Guard>(id<Load>)) {
      return;
    } else if constexpr (Loops::order_of_load(id<Load>).rank == 0) {
      held[first] = pack(f.numbers[id<Load>]);
    } else {
      for (int i = 0; i < (by_row ? Rows : 1); ++i)
        for (int j = 0; j < (by_lane ? Columns : 1); ++j)
          held[first + i * Columns + j] = vector_at<Load>(s, row + i, part.lane + j * width, part.count - j * width, 0);
    }
  }

  /// The vector of a load at a row, lane and depth; without lanes its element in all of them.
  template <int Load, class Source>
  DDX_INLINE static pack vector_at(Source const& s, std::ptrdiff_t row, std::ptrdiff_t lane, std::ptrdiff_t count,
                                   std::ptrdiff_t depth) {
    if constexpr (is_position<Load>) {
      pack const first(static_cast<number>(s.c.first + row * s.c.row + lane * s.c.lane + depth * s.depth));
      if constexpr (kind<Load> & along_lane) return first + simd::lane_numbers<number>();
      else return first;
    } else {
      auto const* const at = s.c.at + row * s.c.row + lane * s.c.lane + depth * s.depth;
      if constexpr (!(kind<Load> & along_lane)) return pack(static_cast<number>(*at));
      else if constexpr (!Loops::template contiguous<Nest, id<Load>>)
        return simd::gather<number>(at, s.c.lane, count < width ? count : width);
      else return count < width ? simd::load_first<number>(at, count) : simd::load<number>(at);
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
      Loops::template each<n.root_count * size>([&]<int Item>(std::integral_constant<int, Item>) DDX_INLINE_LAMBDA {
        constexpr reducer combine = Plan.roots[n.first_root + Item / size].combine;
        chains[Item] = pack(simd::combining<combine>::template neutral<number>);
      });
      for (std::ptrdiff_t k = 0; k < s.depth; ++k) {
        pack vectors[(n.load_count + 1) * Columns];
        (load_step<Ls, Columns, Guard>(std::get<Ls>(sources), panels[Ls], s, k, vectors), ...);
        Loops::template each<Rows>([&]<int Line>(std::integral_constant<int, Line>) DDX_INLINE_LAMBDA {
          pack row_values[n.load_count + 1];
          (load_row<Ls, Guard>(std::get<Ls>(sources), s, row + Line, k, row_values), ...);
          Loops::template each<Columns>([&]<int Column>(std::integral_constant<int, Column>) DDX_INLINE_LAMBDA {
            place const at{row + Line, k, Line * Columns, Column, Columns, size};
            add_product<Guard>(sources, s, at, held, vectors, row_values, chains, std::integer_sequence<int, Ls...>{},
                               std::integer_sequence<int, Rs...>{});
          });
        });
      }
      // g++ keeps an array in registers only where all of its indices are constants.
      block_results sums;
      Loops::template each<n.root_count * size>([&]<int Item>(std::integral_constant<int, Item>) DDX_INLINE_LAMBDA {
        sums[Item / size][Item % size / Columns][Item % Columns] = chains[Item];
      });
      if constexpr (guarded && !Guard)
        if (!all_finite(Rows, Columns, sums)) {
          for (int i = 0; i < Rows; ++i) block<1, Columns, true>(f, sources, targets, panels, s, row + i);
          return;
        }
      if constexpr (Rows == rows && Columns == columns) conclude(f, targets, s, row, Rows, Columns, sums);
      else conclude_edge(f, targets, s, row, Rows, Columns, sums);
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
    Loops::template each<n.node_count>([&]<int Item>(std::integral_constant<int, Item>) DDX_INLINE_LAMBDA {
      if constexpr (needs<Guard>(Plan.nodes[n.first_node + Item])) Loops::template compute<Nest, Item>(v, v);
    });
  }

  /// A guarded sum has the rounding of the unguarded one: what a block computes again does not depend on the block.
  template <int Root, bool Guard>
  DDX_INLINE static pack combined(point const& v, pack sum) {
    constexpr nest_root root = Plan.roots[n.first_root + Root];
    if constexpr (Guard && root.combine == reducer::sum) {
      constexpr node guard = Graph.nodes[root.value];
      pack const next = Loops::template combined<Nest, root.combine, unguarded(Root)>(v, v, sum);
      auto const condition = Loops::template condition_of<Nest, guard.operands[0]>(v, v);
      if constexpr (guard.operands[1] == unguarded(Root)) return simd::select(condition, next, sum);
      else return simd::select(condition, sum, next);
    } else return Loops::template combined<Nest, root.combine, value_of_root<Root, Guard>>(v, v, sum);
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
    if constexpr (!needs<Guard>(id<Load>)) {
      return;
    } else if constexpr (is_panel<Load>) {
      Loops::template each<Columns>([&]<int Column>(std::integral_constant<int, Column>) DDX_INLINE_LAMBDA {
        // What only the guard needs is not packed.
        if constexpr (is_position<Load> || !needs<false>(id<Load>))
          vectors[Load * Columns + Column] =
              vector_at<Load>(source, 0, s.lane + Column * width, s.count - Column * width, s.begin + k);
        else vectors[Load * Columns + Column] = simd::load<number>(p.at + k * p.stride + Column * width);
      });
    } else if constexpr (kind<Load> == along_depth) {
      vectors[Load * Columns] = vector_at<Load>(source, 0, 0, 0, s.begin + k);
    }
  }

  template <int Load, bool Guard, class Source>
  DDX_INLINE static void load_row(Source const& source, section const& s, std::ptrdiff_t row, std::ptrdiff_t k,
                                  pack* row_values) {
    if constexpr (kind<Load> == (along_row | along_depth) && needs<Guard>(id<Load>))
      row_values[Load] = vector_at<Load>(source, row, 0, 0, s.begin + k);
  }

  /// The value of a load at one vector of the block; `held` and `vectors` begin with those of load 0.
  template <int Load, bool Guard, class Source>
  DDX_INLINE static pack choose(Source const& source, section const& s, place const& at, pack const* held,
                                pack const* vectors, pack const* row_values) {
    if constexpr (!needs<Guard>(id<Load>)) return pack();
    else if constexpr (kind<Load> == (along_row | along_lane | along_depth))
      return vector_at<Load>(source, at.row, s.lane + at.column * width, s.count - at.column * width,
                             s.begin + at.depth);
    else if constexpr (kind<Load> == (along_row | along_depth)) return row_values[Load];
    else if constexpr (kind<Load> & along_depth)
      return vectors[Load * at.columns + (kind<Load> & along_lane ? at.column : 0)];
    else
      return held[Load * at.size + (kind<Load> & along_row ? at.line : 0) + (kind<Load> & along_lane ? at.column : 0)];
  }

  // ---- results

  /// Rows of the batch in a chain of additions: what keeps sums over it within the bound of kernels.
  static constexpr std::ptrdiff_t most_rows = 256;

  static constexpr bool over_batch = n.reduced_axis == Plan.batch && n.time % 2 == 1;
  static bool adds_to_earlier_tiles(frame_type const& f) { return over_batch && f.tile_begin > 0; }

  /// Where a block's results go, and what its epilogue loads and stores.
  template <class Results, class Sources, class Targets>
  struct block_targets {
    Results results;
    Sources sources;
    Targets targets;
  };
  template <class Results, class Sources, class Targets>
  block_targets(Results, Sources, Targets) -> block_targets<Results, Sources, Targets>;

  using access = typename Loops::access;

  /// Calls `function` with the way in which a vector lies in memory, and how many of its lanes count.
  template <bool Ordered, class Function>
  DDX_INLINE static void with_access(std::ptrdiff_t count, Function const& function) {
    if constexpr (!Ordered)
      function(std::integral_constant<access, access::strided>{}, count < width ? count : std::ptrdiff_t{width});
    else if (count >= width) function(std::integral_constant<access, access::whole>{}, std::ptrdiff_t{width});
    else function(std::integral_constant<access, access::first>{}, count);
  }

  template <bool Ordered, class Target>
  DDX_INLINE static auto* element(Target const& target, std::ptrdiff_t row, std::ptrdiff_t lane) {
    return target.at + row * target.row + lane * (Ordered ? 1 : target.lane);
  }

  template <int Root>
  static constexpr bool is_ordered = Loops::order_of_root(Plan.roots[Root]).innermost() == n.vector_axis;

  /// Adds what parts of the reduced axis before have left in memory.
  template <int Root, class Target>
  DDX_INLINE static void add_earlier(Target const& target, section const& s, std::ptrdiff_t row, int lines, int vectors,
                                     block_results& sums) {
    constexpr bool ordered = is_ordered<n.first_root + Root>;
    using combine = simd::combining<Plan.roots[n.first_root + Root].combine>;
    for (int i = 0; i < lines; ++i)
      for (int j = 0; j < vectors; ++j)
        with_access<ordered>(s.count - j * width, [&]<access How>(std::integral_constant<access, How>,
                                                                  std::ptrdiff_t lanes) DDX_INLINE_LAMBDA {
          auto const* const at = element<ordered>(target, row + i, s.lane + j * width);
          pack& sum = sums[Root][i][j];
          sum = combine::apply(Loops::template reload<How>(at, target.lane, lanes), sum);
        });
  }

  /// Stores the results of a block, unless they are complete and only the epilogue needs them.
  template <int Root, class Target>
  DDX_INLINE static void finish(Target const& target, section const& s, std::ptrdiff_t row, int lines, int vectors,
                                block_results const& sums) {
    constexpr bool ordered = is_ordered<n.first_root + Root>;
    if (!Plan.roots[n.first_root + Root].kept && s.last) return;
    for (int i = 0; i < lines; ++i)
      for (int j = 0; j < vectors; ++j)
        with_access<ordered>(s.count - j * width, [&]<access How>(std::integral_constant<access, How>,
                                                                  std::ptrdiff_t lanes) DDX_INLINE_LAMBDA {
          Loops::template store<How>(element<ordered>(target, row + i, s.lane + j * width), target.lane, lanes,
                                     sums[Root][i][j]);
        });
  }

  /// What follows a block of `lines` by `vectors`.
  template <class Targets>
  DDX_INLINE static void conclude(frame_type& f, Targets const& targets, section const& s, std::ptrdiff_t row,
                                  int lines, int vectors, block_results& sums) {
    [&]<int... Rs>(std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      if (!s.first) (add_earlier<Rs>(std::get<Rs>(targets.results), s, row, lines, vectors, sums), ...);
      (finish<Rs>(std::get<Rs>(targets.results), s, row, lines, vectors, sums), ...);
    }(std::make_integer_sequence<int, n.root_count>{});
    if constexpr (n.epilogue >= 0)
      if (s.last) epilogue(f, targets, s, row, lines, vectors, sums);
  }

  /// The same for the smaller blocks at the edges, compiled once for all of them.
  template <class Targets>
  [[gnu::noinline]] static void conclude_edge(frame_type& f, Targets const& targets, section const& s,
                                              std::ptrdiff_t row, int lines, int vectors, block_results& sums) {
    conclude(f, targets, s, row, lines, vectors, sums);
  }

  // ---- the epilogue: the nodes of another nest, for each vector of the block

  static constexpr nest e = Plan.nests[n.epilogue < 0 ? 0 : n.epilogue];
  static constexpr bool epilogue_sums_rows = [] {
    for (int r = 0; n.epilogue >= 0 && r < e.root_count; ++r)
      if (Plan.roots[e.first_root + r].axis >= 0) return true;
    return false;
  }();

  static auto epilogue_sources(frame_type& f, std::ptrdiff_t const* outer) {
    return [&]<int... Ls>(std::integer_sequence<int, Ls...>) {
      return std::tuple{Loops::template load_cursor<n.epilogue, Loops::template load_at<n.epilogue, Ls>>(f, outer)...};
    }(std::make_integer_sequence < int, n.epilogue<0 ? 0 : e.load_count>{});
  }
  static auto epilogue_targets(frame_type& f, std::ptrdiff_t const* outer) {
    return [&]<int... Rs>(std::integer_sequence<int, Rs...>) {
      return std::tuple{Loops::template root_cursor<n.epilogue, e.first_root + Rs>(f, outer)...};
    }(std::make_integer_sequence < int, n.epilogue<0 ? 0 : e.root_count>{});
  }

  /// Which of the results a load of the epilogue is, -1 for other values.
  static constexpr int result_of(int id) {
    for (int r = 0; r < n.root_count; ++r)
      if (Plan.buffers[Plan.roots[n.first_root + r].index].node == id) return r;
    return -1;
  }

  template <int Load, class Sources>
  DDX_INLINE static pack epilogue_load(frame_type const& f, Sources const& sources, std::ptrdiff_t row,
                                       std::ptrdiff_t lane, std::ptrdiff_t count) {
    constexpr int id = Loops::template load_at<n.epilogue, Load>;
    auto const& c = std::get<Load>(sources);
    pack result;
    if constexpr (Loops::order_of_load(id).rank == 0) {
      result = pack(f.numbers[id]);
    } else if constexpr (ddx::is<position_>(Graph.nodes[id])) {
      pack const first(static_cast<number>(c.first + row * c.row + lane * c.lane));
      if constexpr (Loops::template along_lanes<n.epilogue, id>) result = first + simd::lane_numbers<number>();
      else result = first;
    } else if constexpr (!Loops::template along_lanes<n.epilogue, id>) {
      result = pack(static_cast<number>(c.at[row * c.row]));
    } else {
      constexpr bool ordered = Loops::template contiguous<n.epilogue, id>;
      auto const* const at = element<ordered>(c, row, lane);
      with_access<ordered>(
          count, [&]<access How>(std::integral_constant<access, How>, std::ptrdiff_t lanes) DDX_INLINE_LAMBDA {
            if constexpr (How == access::whole) result = simd::load<number>(at);
            else if constexpr (How == access::first) result = simd::load_first<number>(at, lanes);
            else result = simd::gather<number>(at, c.lane, lanes);
          });
    }
    return result;
  }

  template <int Load, class Sources>
  DDX_INLINE static pack epilogue_value(frame_type const& f, Sources const& sources, std::ptrdiff_t row,
                                        std::ptrdiff_t lane, std::ptrdiff_t count, int i, int j,
                                        block_results const& sums) {
    constexpr int result = result_of(Loops::template load_at<n.epilogue, Load>);
    if constexpr (result >= 0) return sums[result][i][j];
    else return epilogue_load<Load>(f, sources, row + i, lane, count);
  }

  template <class Targets>
  DDX_INLINE static void epilogue(frame_type& f, Targets const& t, section const& s, std::ptrdiff_t row, int lines,
                                  int vectors, block_results const& sums) {
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      for (int j = 0; j < vectors; ++j) {
        std::ptrdiff_t const lane = s.lane + j * width, count = s.count - j * width;
        pack over_rows[e.root_count]{epilogue_neutral<Rs>()...};
        for (int i = 0; i < lines; ++i) {
          typename Loops::template line<n.epilogue> v;
          ((v.loads[Ls] = epilogue_value<Ls>(f, t.sources, row, lane, count, i, j, sums)), ...);
          Loops::template compute_all<n.epilogue>(v, v);
          (epilogue_root<Rs>(std::get<Rs>(t.targets), v, row + i, lane, count, over_rows[Rs]), ...);
        }
        (epilogue_sum<Rs>(std::get<Rs>(t.targets), lane, count, over_rows[Rs]), ...);
      }
    }(std::make_integer_sequence<int, e.load_count>{}, std::make_integer_sequence<int, e.root_count>{});
  }

  template <int Root>
  DDX_INLINE static pack epilogue_neutral() {
    constexpr nest_root root = Plan.roots[e.first_root + Root];
    if constexpr (root.axis >= 0) return pack(simd::combining<root.combine>::template neutral<number>);
    else return pack();
  }

  template <int Root, class Target, class Values>
  DDX_INLINE static void epilogue_root(Target const& target, Values const& v, std::ptrdiff_t row, std::ptrdiff_t lane,
                                       std::ptrdiff_t count, pack& sum) {
    constexpr nest_root root = Plan.roots[e.first_root + Root];
    if constexpr (root.axis >= 0) {
      sum = Loops::template combined<n.epilogue, root.combine, root.value>(v, v, sum);
    } else {
      constexpr bool ordered = is_ordered<e.first_root + Root>;
      with_access<ordered>(
          count, [&]<access How>(std::integral_constant<access, How>, std::ptrdiff_t lanes) DDX_INLINE_LAMBDA {
            Loops::template store<How>(element<ordered>(target, row, lane), target.lane, lanes,
                                       Loops::template value_of<n.epilogue, root.value>(v, v));
          });
    }
  }

  template <int Root, class Target>
  DDX_INLINE static void epilogue_sum([[maybe_unused]] Target const& target, [[maybe_unused]] std::ptrdiff_t lane,
                                      [[maybe_unused]] std::ptrdiff_t count, [[maybe_unused]] pack sum) {
    constexpr nest_root root = Plan.roots[e.first_root + Root];
    if constexpr (root.axis >= 0) {
      constexpr bool ordered = is_ordered<e.first_root + Root>;
      auto* const at = element<ordered>(target, 0, lane);
      with_access<ordered>(
          count, [&]<access How>(std::integral_constant<access, How>, std::ptrdiff_t lanes) DDX_INLINE_LAMBDA {
            Loops::template store<How>(
                at, target.lane, lanes,
                simd::combining<root.combine>::apply(Loops::template reload<How>(at, target.lane, lanes), sum));
          });
    }
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop
