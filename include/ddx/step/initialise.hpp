// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Parameters and a seed enter; the parameters hold their first values, the same with every compiler and library.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <span>
#include <variant>

namespace ddx {

/// Something trained: the caller's floats or doubles, seen in place, and how many inputs feed each output of theirs.
///
/// Made from anything contiguous (`std::vector`, `std::array`, `std::span`) or from one number. `fan_in` 0 means that
/// the values are given already and `initialise` leaves them alone. Valid as long as the caller's elements are.
class parameter {
 public:
  template <std::ranges::contiguous_range Range>
    requires std::same_as<std::ranges::range_reference_t<Range>, float&> ||
                 std::same_as<std::ranges::range_reference_t<Range>, double&>
  parameter(Range&& values, std::size_t fan_in = 0)
      : values_(std::span(std::ranges::data(values), std::ranges::size(values))), fan_in_(fan_in) {}

  parameter(float& value, std::size_t fan_in = 0) : values_(std::span(&value, 1)), fan_in_(fan_in) {}
  parameter(double& value, std::size_t fan_in = 0) : values_(std::span(&value, 1)), fan_in_(fan_in) {}

  std::variant<std::span<float>, std::span<double>> values() const { return values_; }
  std::size_t fan_in() const { return fan_in_; }

  /// The memory of the values, for copies of them.
  std::span<std::byte> bytes() const;

 private:
  std::variant<std::span<float>, std::span<double>> values_;
  std::size_t fan_in_;
};

/// Draws every value of every parameter with a fan_in > 0 uniformly from [-1/sqrt(fan_in), 1/sqrt(fan_in)], in order,
/// from one std::mt19937_64 of this seed. No allocation. The values are fixed by seed, sizes and fan_in alone: they are
/// drawn as doubles of 53 bits and rounded to float where the parameter is one. Source: the default of linear layers in
/// Torch; Y. LeCun et al., "Efficient BackProp", 1998, section 4.6.
void initialise(std::span<parameter const> parameters, std::uint64_t seed);

}  // namespace ddx
