// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What tensors of all element types share: counted handles on the compiled library's cells, operands, element types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "tensor_shape.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::detail {

/// In the order of promotion: the result of two tensors has the later kind.
enum class element_kind : std::uint8_t { boolean, int64, float32, float64 };

template <class Element>
inline constexpr element_kind element_kind_of = std::is_same_v<Element, bool>    ? element_kind::boolean
                                                : std::is_same_v<Element, float> ? element_kind::float32
                                                : std::is_integral_v<Element>    ? element_kind::int64
                                                                                 : element_kind::float64;

template <element_kind Kind>
using element_of =
    std::conditional_t<Kind == element_kind::boolean, bool,
                       std::conditional_t<Kind == element_kind::int64, std::int64_t,
                                          std::conditional_t<Kind == element_kind::float32, float, double>>>;

/// What handles count. Counts are plain numbers: a tensor and those made from it belong to one thread at a time.
struct counted {
  std::uint32_t references = 0;
};

/// A tensor's shape, elements, gradient and history; defined in the compiled library.
struct cell;
void destroy(cell* last) noexcept;

/// Shared ownership of a cell.
class handle {
 public:
  constexpr handle() = default;
  explicit handle(cell* owned) : cell_(owned) { retain(); }
  handle(handle const& other) : cell_(other.cell_) { retain(); }
  handle(handle&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
  handle& operator=(handle other) noexcept {
    std::swap(cell_, other.cell_);
    return *this;
  }
  ~handle() { release(); }

  cell* get() const { return cell_; }
  /// The cell, which no longer is owned, if this was its last owner.
  cell* leave() {
    cell* const left = std::exchange(cell_, nullptr);
    return left != nullptr && --reinterpret_cast<counted*>(left)->references == 0 ? left : nullptr;
  }
  cell* operator->() const { return cell_; }
  cell& operator*() const { return *cell_; }
  explicit operator bool() const { return cell_ != nullptr; }

 private:
  // A cell begins with its count.
  void retain() const {
    if (cell_ != nullptr) ++reinterpret_cast<counted*>(cell_)->references;
  }
  void release() const noexcept {
    if (cell_ != nullptr && --reinterpret_cast<counted*>(cell_)->references == 0) destroy(cell_);
  }

  cell* cell_ = nullptr;
};

/// What a record is applied to: a tensor, or a number where there is none.
struct term {
  handle tensor{};
  double number = 0;
  std::int32_t rest = 0;  ///< what a number of an integer type has beside the double next to it
  bool whole = false;     ///< the number is of an integer type

  term() = default;
  term(handle operand) : tensor(std::move(operand)) {}
  template <class Number>
    requires std::is_arithmetic_v<Number>
  term(Number value) : number(static_cast<double>(value)), whole(std::is_integral_v<Number>) {
    if constexpr (std::is_integral_v<Number> && sizeof(Number) > sizeof(std::int32_t))
      rest = static_cast<std::int32_t>(static_cast<std::uint64_t>(value) - modulo(number));
  }

  /// A number of an integer type as it was given, modulo 2^64; others towards zero.
  std::int64_t integer() const {
    return whole ? static_cast<std::int64_t>(modulo(number) + static_cast<std::uint64_t>(std::int64_t{rest}))
                 : static_cast<std::int64_t>(number);
  }

 private:
  /// A whole number of at most 2^64, modulo that: conversions of what does not fit are undefined.
  static constexpr std::uint64_t modulo(double whole_number) {
    if (whole_number < 0) return 0 - modulo(-whole_number);
    return whole_number < 0x1p64 ? static_cast<std::uint64_t>(whole_number) : 0;
  }
};

/// The kind in which a record computes: the latest of the tensors' kinds; a number with a point makes whole tensors double.
/// Records that are not made for whole numbers compute those in double.
constexpr element_kind promote(element_kind tensors, bool point, bool takes_whole_numbers) {
  if (tensors >= element_kind::float32) return tensors;
  return point || !takes_whole_numbers ? element_kind::float64 : element_kind::int64;
}

}  // namespace ddx::detail

#pragma GCC diagnostic pop
