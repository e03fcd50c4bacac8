// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The data and the initial weights of the models whose steps of learning are raced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <type_traits>
#include <vector>

namespace bench {

/// Memory that begins with a cache line, so that no contender is slower for where its data happen to lie.
template <class Element>
struct line_allocator {
  using value_type = Element;
  line_allocator() = default;
  template <class Other>
  line_allocator(line_allocator<Other> const&) {}
  Element* allocate(std::size_t count) {
    return static_cast<Element*>(::operator new(count * sizeof(Element), std::align_val_t(64)));
  }
  void deallocate(Element* p, std::size_t) { ::operator delete(p, std::align_val_t(64)); }
  bool operator==(line_allocator const&) const = default;
};

template <class Element>
using lines = std::vector<Element, line_allocator<Element>>;

template <class Number>
inline constexpr bool is_single = std::is_same_v<Number, float>;

/// A: z = x w + b, the mean of softplus(z) - y z; w and b go down the gradient. Elements are bytes, 0 to 255, or
/// Numbers, 0 to 1.
template <class Element, class Number>
struct linear_problem {
  static constexpr std::string_view kind = !std::is_same_v<Element, Number> ? "linear, bytes"
                                           : is_single<Number>              ? "linear, float"
                                                                            : "linear, double";
  using element = Element;
  using number = Number;
  static constexpr Number scale = std::is_same_v<Element, Number> ? Number(1) : Number(1) / Number(255);

  std::ptrdiff_t rows = 0, features = 0;
  lines<Element> x;
  std::vector<Element> y;  // 0 or 1
  std::vector<Number> weights;
  Number bias = 0;
  Number rate = Number(0.1);
};

/// B: h = relu(x W1 + b1), z = h W2 + b2, the mean of softplus(z) - y z.
template <class Number>
struct network_problem {
  static constexpr std::string_view kind = is_single<Number> ? "network, float" : "network, double";
  using number = Number;

  std::ptrdiff_t rows = 0, features = 0, hidden = 0;
  lines<Number> x;
  std::vector<Number> y;
  std::vector<Number> first, first_bias;  // features by hidden; hidden
  std::vector<Number> second;             // hidden
  Number second_bias = 0;
  Number rate = Number(0.1);
};

/// C: h = relu(x W1 + b1), z = h W2 + b2, the mean of logsumexp(z) - z[label].
template <class Number>
struct classifier_problem {
  static constexpr std::string_view kind = is_single<Number> ? "classifier, float" : "classifier, double";
  using number = Number;

  std::ptrdiff_t rows = 0, features = 0, hidden = 0, classes = 0;
  lines<Number> x;
  std::vector<std::uint8_t> labels;
  std::vector<std::uint8_t> one_hot;        // rows by classes
  std::vector<Number> first, first_bias;    // features by hidden; hidden
  std::vector<Number> second, second_bias;  // hidden by classes; classes
  Number rate = Number(0.1);
};

/// D: the sum of x^2; x goes down the gradient.
template <class Number>
struct square_problem {
  static constexpr std::string_view kind = is_single<Number> ? "square, float" : "square, double";
  using number = Number;

  std::vector<Number> x;
  Number rate = Number(0.001);
};

/// What is compared with the reference: the last loss, then how far the parameters have gone, in units of the rate.
template <class Number>
class travelled {
 public:
  travelled(double loss, double rate) : rate_(rate), result_{loss} {}

  travelled& operator()(std::vector<Number> const& from, Number const* to) {
    for (std::size_t i = 0; i < from.size(); ++i) (*this)(from[i], to[i]);
    return *this;
  }
  travelled& operator()(Number from, Number to) {
    result_.push_back((static_cast<double>(from) - static_cast<double>(to)) / rate_);
    return *this;
  }
  operator std::vector<double>() const { return result_; }

 private:
  double rate_;
  std::vector<double> result_;
};

}  // namespace bench
