//! ddx: DDX_FUNCTION(function, record): the record has no value; write static constexpr auto value = [](double x) { ... };
#include <ddx/ddx.hpp>

struct bend_ {
  static constexpr std::string_view name = "bend";
  static constexpr ddx::rules partials{[](auto x, auto) { return 1 + 2 * x; }};
};
DDX_FUNCTION(bend, bend_);
