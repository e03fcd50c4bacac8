//! ddx: DDX_FUNCTION(function, record): ddx has a primitive of the record's name; choose another name
#include <ddx/ddx.hpp>

struct bend_ {
  static constexpr std::string_view name = "sin";
  static constexpr auto value = [](double x) { return x + x * x; };
  static constexpr ddx::rules partials{[](auto x, auto) { return 1 + 2 * x; }};
};
DDX_FUNCTION(bend, bend_);
