// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Bindings: `x = 3.0` makes a typed pair; a call collects its pairs in a Hana map and checks their names.
#pragma once

#include <array>
#include <boost/hana/at_key.hpp>
#include <boost/hana/equal.hpp>
#include <boost/hana/integral_constant.hpp>
#include <boost/hana/map.hpp>
#include <boost/hana/pair.hpp>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>

#include "../error.hpp"
#include "../formula/expression.hpp"

namespace ddx {

/// Contiguous elements in row-major order with `Rank` extents, outermost first. It does not own them: the elements must
/// outlive the calls that use the view.
template <class Element, int Rank>
struct array_view {
  using element = Element;
  static constexpr int rank = Rank;

  Element* data = nullptr;
  std::array<std::ptrdiff_t, static_cast<std::size_t>(Rank)> extents{};
};

namespace detail {

/// A range whose elements lie in one piece, and outlive the expression that names it.
template <class Range>
concept Contiguous = requires(Range& r) {
  { *std::data(r) };
  { std::size(r) };
};

template <class Range>
concept Borrowed = std::is_lvalue_reference_v<Range> || std::ranges::enable_borrowed_range<std::remove_cvref_t<Range>>;

[[noreturn]] inline void throw_view_error(std::ptrdiff_t elements, std::initializer_list<std::ptrdiff_t> extents) {
  std::string shape;
  for (std::ptrdiff_t extent : extents) shape += (shape.empty() ? "" : " x ") + std::to_string(extent);
  throw error("view: " + std::to_string(elements) + " elements cannot have the shape " + shape);
}

/// Whether the product of the extents is `elements`, without overflow.
constexpr bool shape_fits(std::ptrdiff_t elements, std::initializer_list<std::ptrdiff_t> extents) {
  std::ptrdiff_t rest = elements;
  bool empty = false;
  for (std::ptrdiff_t extent : extents) {
    if (extent < 0) return false;
    if (extent == 0) empty = true;
  }
  if (empty) return elements == 0;
  for (std::ptrdiff_t extent : extents) {
    if (rest % extent != 0) return false;
    rest /= extent;
  }
  return rest == 1;
}

}  // namespace detail

/// The elements of a range as an array of the given extents, outermost first; no copy is made.
/// Errors: `view: 8 elements cannot have the shape 4 x 3`.
template <detail::Contiguous Range, std::integral... Extents>
  requires(sizeof...(Extents) >= 1 && sizeof...(Extents) <= max_rank)
constexpr auto view(Range&& range, Extents... extents) {
  static_assert(
      detail::Borrowed<Range>,
      "ddx::view(range, extents...): the range is a temporary whose elements would be gone when the view is used; give "
      "it a name first");
  using element = std::remove_pointer_t<decltype(std::data(range))>;
  auto const elements = static_cast<std::ptrdiff_t>(std::size(range));
  if (!detail::shape_fits(elements, {static_cast<std::ptrdiff_t>(extents)...}))
    detail::throw_view_error(elements, {static_cast<std::ptrdiff_t>(extents)...});
  return array_view<element, sizeof...(Extents)>{std::data(range), {static_cast<std::ptrdiff_t>(extents)...}};
}

/// The elements that begin at `data` as an array of the given extents.
template <Arithmetic Element, std::integral... Extents>
  requires(sizeof...(Extents) >= 1 && sizeof...(Extents) <= max_rank)
constexpr auto view(Element* data, Extents... extents) {
  return array_view<Element, sizeof...(Extents)>{data, {static_cast<std::ptrdiff_t>(extents)...}};
}

/// A number bound to a scalar variable: a copy.
template <Arithmetic Number>
struct scalar_value {
  using element = Number const;
  static constexpr int rank = 0;
  Number number;
  constexpr Number get() const { return number; }
};

/// A variable of the caller bound to a scalar variable: trained ones are updated in place.
template <Arithmetic Number>
struct scalar_reference {
  using element = Number;
  static constexpr int rank = 0;
  Number* number;
  constexpr Number get() const { return *number; }
};

/// A name with what it is bound to in a call: a Hana pair of the variable or array and the value.
template <class Symbol, class Value>
using binding = boost::hana::pair<Symbol, Value>;

namespace detail {

template <class Type>
inline constexpr bool is_view = false;
template <class Element, int Rank>
inline constexpr bool is_view<array_view<Element, Rank>> = true;

template <class Value>
constexpr auto bind_scalar(Value&& value) {
  using number = std::remove_cvref_t<Value>;
  static_assert(Arithmetic<number>,
                "ddx: a scalar variable is bound to a number; an array needs a ddx::array<name, axes...>");
  if constexpr (!Arithmetic<number>) return scalar_value<double>{};
  else if constexpr (std::is_lvalue_reference_v<Value> && !std::is_const_v<std::remove_reference_t<Value>>)
    return scalar_reference<number>{&value};
  else return scalar_value<number>{value};
}

template <int Rank, class Value>
constexpr auto bind_array(Value&& value) {
  using type = std::remove_cvref_t<Value>;
  if constexpr (is_view<type>) {
    static_assert(type::rank == Rank,
                  "ddx: the view has another number of extents than the array has axes; give one extent an axis");
    return value;
  } else if constexpr (Contiguous<Value>) {
    static_assert(Rank == 1,
                  "ddx: an array of two or more axes is bound to a view with an extent for each, as in X = "
                  "ddx::view(data, rows, columns)");
    static_assert(
        Borrowed<Value>,
        "ddx: an array is bound to a range that is a temporary, whose elements would be gone; give it a name first");
    return array_view<std::remove_pointer_t<decltype(std::data(value))>, 1>{
        std::data(value), {static_cast<std::ptrdiff_t>(std::size(value))}};
  } else {
    static_assert(
        never<Value>,
        "ddx: an array is bound to contiguous elements: a vector, array, span, or ddx::view(data, extents...)");
  }
}

}  // namespace detail

template <text Name>
template <class Value>
  requires(!std::same_as<std::remove_cvref_t<Value>, var<Name>>)
constexpr auto var<Name>::operator=(Value&& value) const {
  auto bound = detail::bind_scalar(static_cast<Value&&>(value));
  return binding<var, decltype(bound)>{{}, bound};
}

template <text Name, text... Axes>
template <class Value>
  requires(!std::same_as<std::remove_cvref_t<Value>, array<Name, Axes...>>)
constexpr auto array<Name, Axes...>::operator=(Value&& value) const {
  auto bound = detail::bind_array<sizeof...(Axes)>(static_cast<Value&&>(value));
  return binding<array, decltype(bound)>{{}, bound};
}

namespace detail {

template <class Type>
inline constexpr bool is_binding = false;
template <Symbol Name, class Value>
inline constexpr bool is_binding<boost::hana::pair<Name, Value>> = true;

template <class Binding>
struct binding_parts;
template <class Name, class Value>
struct binding_parts<boost::hana::pair<Name, Value>> {
  using symbol = typename Name::symbol;
  using value = Value;
};

}  // namespace detail

/// What `symbol = value` gives.
template <class Type>
concept Binding = detail::is_binding<std::remove_cvref_t<Type>>;

namespace detail {

/// The bindings of a call, checked against the inputs of a program: each input once, and nothing else.
template <class... Bindings>
struct bound_names {
  static constexpr std::string_view names[sizeof...(Bindings) + 1]{binding_parts<Bindings>::symbol::name..., ""};
  static constexpr int ranks[sizeof...(Bindings) + 1]{binding_parts<Bindings>::symbol::rank..., 0};

  static constexpr int find(std::string_view name) {
    for (int i = 0; i < static_cast<int>(sizeof...(Bindings)); ++i)
      if (names[i] == name) return i;
    return -1;
  }
  static constexpr bool all_bound(graph_view g) {
    for (int i = 0; i < g.input_count; ++i)
      if (!g.inputs[i].is_slot() && find(g.inputs[i].name) < 0) return false;
    return true;
  }
  static constexpr bool all_known(graph_view g) {
    for (int k = 0; k < static_cast<int>(sizeof...(Bindings)); ++k) {
      bool known = false;
      for (int i = 0; i < g.input_count; ++i) known |= !g.inputs[i].is_slot() && g.inputs[i].name == names[k];
      if (!known) return false;
    }
    return true;
  }
  static constexpr bool ranks_agree(graph_view g) {
    for (int i = 0; i < g.input_count; ++i) {
      int const k = g.inputs[i].is_slot() ? -1 : find(g.inputs[i].name);
      if (k >= 0 && ranks[k] != g.inputs[i].rank) return false;
    }
    return true;
  }
  static constexpr bool distinct() {
    for (int i = 0; i < static_cast<int>(sizeof...(Bindings)); ++i)
      if (find(names[i]) != i) return false;
    return true;
  }
};

/// States what is wrong with the bindings of a call. A class, so that its sentences come before whatever else goes wrong.
template <auto const& Program, class... Bindings>
struct check_bindings {
  using names = bound_names<Bindings...>;
  static constexpr bool distinct = names::distinct(), known = names::all_known(Program.view()),
                        bound = names::all_bound(Program.view()), ranked = names::ranks_agree(Program.view());
  static_assert(distinct, "ddx: this call binds the same name twice; bind each name once");
  static_assert(known,
                "ddx: this call binds a name that the formula does not have; leave it out or check its spelling");
  static_assert(bound,
                "ddx: a name of the formula is not bound in this call; bind every name, as in (x = 3.0, y = 0.5)");
  static_assert(ranked,
                "ddx: this call binds a name whose axes differ from those of the formula; use the same declaration");
  static constexpr bool passed = distinct && known && bound && ranked;
};

/// The value bound to the input called `Name`, from the pairs of a call.
template <class... Bindings>
class call_arguments {
 public:
  constexpr explicit call_arguments(Bindings const&... bindings) : map_(boost::hana::make_map(by_name(bindings)...)) {}

  template <auto const& Program, int Input>
  constexpr auto const& get() const {
    constexpr int place = bound_names<Bindings...>::find(Program.inputs[Input].name);
    return boost::hana::at_key(map_, boost::hana::int_c<place>);
  }

 private:
  template <class Pair>
  static constexpr auto by_name(Pair const& pair) {
    constexpr int place = bound_names<Bindings...>::find(binding_parts<Pair>::symbol::name);
    return boost::hana::make_pair(boost::hana::int_c<place>, boost::hana::second(pair));
  }

  decltype(boost::hana::make_map(by_name(std::declval<Bindings const&>())...)) map_;
};

}  // namespace detail
}  // namespace ddx
