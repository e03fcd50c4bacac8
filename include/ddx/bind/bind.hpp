// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Bindings: `x = 3.0` makes a typed pair; a call collects its pairs in a Hana map and checks their names.
#pragma once

#include <boost/hana/at_key.hpp>
#include <boost/hana/equal.hpp>
#include <boost/hana/integral_constant.hpp>
#include <boost/hana/map.hpp>
#include <boost/hana/pair.hpp>

#include "view.hpp"

namespace ddx {

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
  } else if constexpr (Viewable<Value>) {
    constexpr int axes = viewed_axes<Value>();
    static_assert(axes == Rank || axes < 0 || axes > 1,
                  "ddx: an array of two or more axes is bound to a view with an extent for each, as in X = "
                  "ddx::view(data, rows, columns)");
    static_assert(
        axes == Rank || (axes < 0 && Rank <= 2) || axes == 1,
        "ddx: a matrix or a view of several axes is bound to an array of as many axes; an array of one axis takes "
        "a vector");
    static_assert(
        outlives<Value>(),
        "ddx: an array is bound to a range that is a temporary, whose elements would be gone; give it a name first");
    if constexpr (axes == Rank || (axes < 0 && Rank <= 2)) return view_of<Rank>(static_cast<Value&&>(value));
    else return array_view<double, Rank>{};
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
  static_assert(Arithmetic<typename decltype(bound)::element>,
                "ddx: the elements of an array are numbers: float, double, bool or integers");
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

/// The bindings of a call, checked against the inputs of a program: each input once, and nothing else. Of each mistake the
/// first name that has it, empty where none has.
template <class... Bindings>
struct bound_names {
  static constexpr std::string_view names[sizeof...(Bindings) + 1]{binding_parts<Bindings>::symbol::name..., ""};
  static constexpr int ranks[sizeof...(Bindings) + 1]{binding_parts<Bindings>::symbol::rank..., 0};

  static constexpr int find(std::string_view name) {
    for (int i = 0; i < static_cast<int>(sizeof...(Bindings)); ++i)
      if (names[i] == name) return i;
    return -1;
  }
  static constexpr std::string_view unbound(graph_view g) {
    for (int i = 0; i < g.input_count; ++i)
      if (!g.inputs[i].is_slot() && find(g.inputs[i].name) < 0) return g.inputs[i].name;
    return {};
  }
  static constexpr std::string_view unknown(graph_view g) {
    for (int k = 0; k < static_cast<int>(sizeof...(Bindings)); ++k) {
      bool known = false;
      for (int i = 0; i < g.input_count; ++i) known |= !g.inputs[i].is_slot() && g.inputs[i].name == names[k];
      if (!known) return names[k];
    }
    return {};
  }
  static constexpr std::string_view of_other_axes(graph_view g) {
    for (int i = 0; i < g.input_count; ++i) {
      int const k = g.inputs[i].is_slot() ? -1 : find(g.inputs[i].name);
      if (k >= 0 && ranks[k] != g.inputs[i].rank) return names[k];
    }
    return {};
  }
  static constexpr std::string_view repeated() {
    for (int i = 0; i < static_cast<int>(sizeof...(Bindings)); ++i)
      if (find(names[i]) != i) return names[i];
    return {};
  }
};

// Sentences on a name. Their conditions are templates of it, since what a compiler repeats of a condition is all that
// can be said of the name itself.
template <text Name>
inline constexpr bool is_bound_once = false;
template <text Name>
struct repeated_name {
  static_assert(is_bound_once<Name>, "ddx: this call binds the same name twice; bind each name once");
  static constexpr bool passed = false;
};
template <text Name>
inline constexpr bool is_known = false;
template <text Name>
struct unknown_name {
  static_assert(is_known<Name>,
                "ddx: this call binds a name that the formula does not have; leave it out or check its spelling");
  static constexpr bool passed = false;
};
template <text Name>
inline constexpr bool is_bound = false;
template <text Name>
struct unbound_name {
  static_assert(is_bound<Name>,
                "ddx: a name of the formula is not bound in this call; bind every name, as in (x = 3.0, y = 0.5)");
  static constexpr bool passed = false;
};
template <text Name>
inline constexpr bool has_axes_of_formula = false;
template <text Name>
struct name_of_other_axes {
  static_assert(has_axes_of_formula<Name>,
                "ddx: this call binds a name whose axes differ from those of the formula; use the same declaration");
  static constexpr bool passed = false;
};

struct no_mistake {
  static constexpr bool passed = true;
};
template <template <text> class Mistake, std::string_view const& Name>
using check_name = std::conditional_t<Name.empty(), no_mistake, Mistake<text<Name.size() + 1>(Name)>>;

/// States what is wrong with the bindings of a call. A class, so that its sentences come before whatever else goes wrong.
template <auto const& Program, class... Bindings>
struct check_bindings {
  using names = bound_names<Bindings...>;
  static constexpr std::string_view repeated = names::repeated(), unknown = names::unknown(Program.view()),
                                    unbound = names::unbound(Program.view()),
                                    of_other_axes = names::of_other_axes(Program.view());
  static constexpr bool passed =
      check_name<repeated_name, repeated>::passed && check_name<unknown_name, unknown>::passed &&
      check_name<unbound_name, unbound>::passed && check_name<name_of_other_axes, of_other_axes>::passed;
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
