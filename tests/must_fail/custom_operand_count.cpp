//! ddx: DDX_FUNCTION(function, record): value must take as many numbers as partials has rules
#include <ddx/ddx.hpp>

struct bend_ {
  static constexpr std::string_view name = "bend";
  static constexpr auto value = [](double x, double y) { return x + y * y; };
  static constexpr ddx::rules partials{[](auto x, auto) { return 1 + 2 * x; }};
};
DDX_FUNCTION(bend, bend_);
