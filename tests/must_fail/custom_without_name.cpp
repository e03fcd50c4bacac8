//! ddx: DDX_FUNCTION(function, record): the record has no name; write static constexpr std::string_view name = "function";
#include <ddx/ddx.hpp>

struct bend_ {
  static constexpr auto value = [](double x) { return x + x * x; };
  static constexpr ddx::rules partials{[](auto x, auto) { return 1 + 2 * x; }};
};
DDX_FUNCTION(bend, bend_);
