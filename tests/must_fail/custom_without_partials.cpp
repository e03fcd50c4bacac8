//! ddx: DDX_FUNCTION(function, record): the record has no partials; write static constexpr ddx::rules partials{...} with a lambda for each operand
#include <ddx/ddx.hpp>

struct bend_ {
  static constexpr std::string_view name = "bend";
  static constexpr auto value = [](double x) { return x + x * x; };
};
DDX_FUNCTION(bend, bend_);
