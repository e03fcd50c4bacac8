//! ddx: an index of take is a whole number, by which there is no derivative; leave it out of the variables
#include <ddx/ddx.hpp>

constexpr ddx::array<"X", "n", "k"> X;
constexpr ddx::array<"label", "n"> label;

constexpr auto f = ddx::sum<"n">(ddx::take<"k">(X, label));

auto step = ddx::stepper<f, X, label>(ddx::sgd{});
