//! ddx: DDX_FUNCTION(function, record): each rule in partials must take all operands and, last, the result
#include <ddx/ddx.hpp>

struct bend_ {
  static constexpr std::string_view name = "bend";
  static constexpr auto value = [](double x) { return x + x * x; };
  static constexpr ddx::rules partials{[](auto x) { return 1 + 2 * x; }};
};
DDX_FUNCTION(bend, bend_);
