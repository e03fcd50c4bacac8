// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Memory of the caller enters (ranges, C arrays, Eigen's matrices, views like std::mdspan); a view leaves: where the elements begin,
// how many there are along each axis and how far apart they lie. No element is copied.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <type_traits>

#include "../error.hpp"
#include "../formula/expression.hpp"

namespace ddx {

/// What the type of a view tells of its memory: the axis along which neighbours are adjacent.
enum class layout {
  row_major,     ///< the last axis
  column_major,  ///< the first axis
  strided        ///< told by the strides, when the program runs
};

/// Elements with `Rank` extents and the distances between neighbours along each axis, in elements: 0 repeats an element, negative
/// ones run backwards. Along the axis that `Layout` names the distance is 1. It does not own the elements, which must outlive the
/// calls that use the view.
template <class Element, int Rank, layout Layout = layout::strided>
struct strided_view {
  using element = Element;
  static constexpr int rank = Rank;

  Element* data = nullptr;
  std::array<std::ptrdiff_t, static_cast<std::size_t>(Rank)> extents{};
  std::array<std::ptrdiff_t, static_cast<std::size_t>(Rank)> stride{};
};

/// Contiguous elements in row-major order with `Rank` extents, outermost first. It does not own them: the elements must
/// outlive the calls that use the view.
template <class Element, int Rank>
struct array_view {
  using element = Element;
  static constexpr int rank = Rank;

  Element* data = nullptr;
  std::array<std::ptrdiff_t, static_cast<std::size_t>(Rank)> extents{};

  /// The same extents over memory whose neighbours along each axis are so many elements apart. Whether the distance along the last
  /// axis is 1 is seen at each call; nothing checks that the elements are there.
  template <std::integral... Strides>
    requires(sizeof...(Strides) == Rank)
  constexpr auto strides(Strides... distances) const {
    return strided_view<Element, Rank>{data, extents, {static_cast<std::ptrdiff_t>(distances)...}};
  }

  /// The same elements in column-major order: the first index runs fastest, as in Fortran, BLAS and, by default, Eigen.
  constexpr auto column_major() const {
    strided_view<Element, Rank, layout::column_major> result{data, extents, {}};
    std::ptrdiff_t distance = 1;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Rank); ++i) {
      result.stride[i] = distance;
      distance *= extents[i];
    }
    return result;
  }
};

namespace detail {

template <class Type>
inline constexpr bool is_view = false;
template <class Element, int Rank>
inline constexpr bool is_view<array_view<Element, Rank>> = true;
template <class Element, int Rank, layout Layout>
inline constexpr bool is_view<strided_view<Element, Rank, Layout>> = true;

template <class View>
inline constexpr layout layout_of = layout::row_major;
template <class Element, int Rank, layout Layout>
inline constexpr layout layout_of<strided_view<Element, Rank, Layout>> =
    Rank == 1 && Layout == layout::column_major ? layout::row_major : Layout;

/// Whether the elements lie in one piece in row-major order, as the type tells.
template <class View>
inline constexpr bool is_packed = false;
template <class Element, int Rank>
inline constexpr bool is_packed<array_view<Element, Rank>> = true;

/// The distances between neighbours along each axis.
template <class Element, int Rank>
constexpr auto strides_of(array_view<Element, Rank> const& view) {
  std::array<std::ptrdiff_t, static_cast<std::size_t>(Rank)> strides{};
  std::ptrdiff_t distance = 1;
  for (std::size_t i = static_cast<std::size_t>(Rank); i-- > 0;) {
    strides[i] = distance;
    distance *= view.extents[i];
  }
  return strides;
}
template <class Element, int Rank, layout Layout>
constexpr auto const& strides_of(strided_view<Element, Rank, Layout> const& view) {
  return view.stride;
}

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

namespace detail {

// ---- what is recognised, by what it can be asked; no header of another library is included

/// C arrays and std::array, nested or not: what the elements are, how many axes there are, and their extents.
template <class Type>
struct nested {
  using element = Type;
  static constexpr int rank = 0;
  static constexpr void extents(std::ptrdiff_t*) {}
};
template <class Type, std::size_t Count>
struct nested<Type[Count]> {
  using element = typename nested<Type>::element;
  static constexpr int rank = nested<Type>::rank + 1;
  static constexpr void extents(std::ptrdiff_t* to) {
    *to = static_cast<std::ptrdiff_t>(Count);
    nested<Type>::extents(to + 1);
  }
};
template <class Type, std::size_t Count>
struct nested<std::array<Type, Count>> {
  using element = typename nested<Type>::element;
  static constexpr int rank = nested<Type>::rank + 1;
  static_assert(Count == 0 || sizeof(std::array<Type, Count>) == Count * sizeof(Type));
  static constexpr void extents(std::ptrdiff_t* to) {
    *to = static_cast<std::ptrdiff_t>(Count);
    nested<Type>::extents(to + 1);
  }
};
template <class Type, std::size_t Count>
struct nested<std::array<Type, Count> const> : nested<std::array<Type const, Count>> {};

/// Eigen's matrices, arrays, maps, references and blocks: whatever of Eigen's has its elements in memory.
template <class Type>
concept EigenLike = requires(Type& m) {
  typename Type::PlainObject;
  { Type::IsRowMajor + Type::RowsAtCompileTime + Type::ColsAtCompileTime + Type::InnerStrideAtCompileTime };
  { *m.data() };
  { m.rows() + m.cols() + m.innerStride() + m.outerStride() } -> std::convertible_to<std::ptrdiff_t>;
};

/// Views like std::mdspan.
template <class Type>
concept MdspanLike = requires(Type& m) {
  { Type::rank() } -> std::convertible_to<std::size_t>;
  { m.extent(0) } -> std::convertible_to<std::ptrdiff_t>;
  { m.stride(0) } -> std::convertible_to<std::ptrdiff_t>;
  { *m.data_handle() };
};

/// The axis along which a mapping that its extents alone decide has neighbours beside each other, asked of one in a constant
/// expression: row-major 0, column-major 1, neither 2.
template <class View>
constexpr int mapping_order() {
  using mapping = typename View::mapping_type;
  using shape = typename View::extents_type;
  constexpr auto dynamic = static_cast<int>(shape::rank_dynamic());
  shape const extents = []<int... Is>(std::integer_sequence<int, Is...>) {
    return shape(((void)Is, 2)...);
  }(std::make_integer_sequence<int, dynamic>{});
  mapping const m(extents);
  if (m.stride(View::rank() - 1) == 1) return 0;
  return m.stride(0) == 1 ? 1 : 2;
}

template <class View>
constexpr layout mapping_layout() {
  if constexpr (requires {
                  requires std::is_constructible_v<typename View::mapping_type, typename View::extents_type>;
                }) {
    if constexpr (requires { typename std::integral_constant<int, mapping_order<View>()>; })
      return mapping_order<View>() == 0   ? layout::row_major
             : mapping_order<View>() == 1 ? layout::column_major
                                          : layout::strided;
    else return layout::strided;
  } else {
    return layout::strided;
  }
}

template <class Type>
constexpr auto view_of_mdspan(Type& m) {
  constexpr int rank = static_cast<int>(Type::rank());
  using element = std::remove_pointer_t<decltype(m.data_handle())>;
  strided_view<element, rank, mapping_layout<Type>()> result{m.data_handle(), {}, {}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(rank); ++i) {
    result.extents[i] = static_cast<std::ptrdiff_t>(m.extent(i));
    result.stride[i] = static_cast<std::ptrdiff_t>(m.stride(i));
  }
  return result;
}

/// One of Eigen's matrices, or of its vectors where one axis is asked for.
template <int Rank, class Type>
constexpr auto view_of_eigen(Type& m) {
  using element = std::remove_pointer_t<decltype(m.data())>;
  auto const inner = static_cast<std::ptrdiff_t>(m.innerStride()), outer = static_cast<std::ptrdiff_t>(m.outerStride());
  auto const rows = static_cast<std::ptrdiff_t>(m.rows()), columns = static_cast<std::ptrdiff_t>(m.cols());
  constexpr bool adjacent = Type::InnerStrideAtCompileTime == 1;
  constexpr bool packed = std::is_same_v<std::remove_const_t<Type>, typename Type::PlainObject>;
  if constexpr (Rank == 1) {
    if constexpr (adjacent) return array_view<element, 1>{m.data(), {rows * columns}};
    else return strided_view<element, 1>{m.data(), {rows * columns}, {inner}};
  } else if constexpr (Type::IsRowMajor && packed) {
    return array_view<element, 2>{m.data(), {rows, columns}};
  } else if constexpr (Type::IsRowMajor) {
    return strided_view<element, 2, adjacent ? layout::row_major : layout::strided>{
        m.data(), {rows, columns}, {outer, inner}};
  } else {
    return strided_view<element, 2, adjacent ? layout::column_major : layout::strided>{
        m.data(), {rows, columns}, {inner, outer}};
  }
}

/// Whether a value's elements stay when the expression that names it ends.
template <class Value>
constexpr bool outlives() {
  using type = std::remove_cvref_t<Value>;
  if constexpr (is_view<type> || std::is_lvalue_reference_v<Value>) return true;
  else if constexpr (EigenLike<type>) return !std::is_same_v<type, typename type::PlainObject>;
  else if constexpr (MdspanLike<type>) return true;
  else return Borrowed<Value>;
}

/// Whether `view_of<Rank>` has a view of the value, whatever the number of its axes.
template <class Value>
concept Viewable = is_view<std::remove_cvref_t<Value>> || EigenLike<std::remove_reference_t<Value>> ||
                   MdspanLike<std::remove_reference_t<Value>> || Contiguous<Value>;

/// The number of axes of what a value holds; -1 for Eigen's vectors, which may be seen with one axis or two.
template <class Value>
constexpr int viewed_axes() {
  using type = std::remove_reference_t<Value>;
  if constexpr (is_view<std::remove_cvref_t<Value>>) return std::remove_cvref_t<Value>::rank;
  else if constexpr (EigenLike<type>) return type::RowsAtCompileTime == 1 || type::ColsAtCompileTime == 1 ? -1 : 2;
  else if constexpr (MdspanLike<type>) return static_cast<int>(type::rank());
  else if constexpr (nested<type>::rank > 0) return nested<type>::rank;
  else return 1;
}

/// The view of a value of so many axes.
template <int Rank, Viewable Value>
constexpr auto view_of(Value&& value) {
  using type = std::remove_reference_t<Value>;
  if constexpr (is_view<std::remove_cvref_t<Value>>) {
    return value;
  } else if constexpr (EigenLike<type>) {
    return view_of_eigen<Rank>(value);
  } else if constexpr (MdspanLike<type>) {
    return view_of_mdspan(value);
  } else if constexpr (nested<type>::rank > 1) {
    array_view<typename nested<type>::element, Rank> result{};
    nested<type>::extents(result.extents.data());
    result.data = reinterpret_cast<typename nested<type>::element*>(std::data(value));
    return result;
  } else {
    return array_view<std::remove_pointer_t<decltype(std::data(value))>, 1>{
        std::data(value), {static_cast<std::ptrdiff_t>(std::size(value))}};
  }
}

}  // namespace detail
}  // namespace ddx
