// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The table of identities that simplification applies, each a line: what is replaced, by what, and where that is sound.
#pragma once

#include <cstdint>
#include <string_view>

#include "../text.hpp"

namespace ddx {

/// When an identity may be applied at level::sound. Whatever it says, a variable that the right side lacks must be defined
/// everywhere, so that sin(log(x))^2 + cos(log(x))^2 stays: it is undefined for negative x.
enum class given : unsigned char {
  always,       ///< both sides are defined at the same points
  nonnegative,  ///< x is certainly not negative
  positive,     ///< x is certainly positive
  real          ///< never: only level::assume_real applies it
};

/// What an identity may cost: it is applied where the whole graph gets fewer operations, some also where it gets as many.
enum class worth : unsigned char { fewer, as_many };

namespace detail {

/// A set of functions, a bit each; two functions may share one, which costs time and nothing else.
constexpr std::uint64_t function_bit(std::uint32_t id) { return std::uint64_t{1} << (id % 58); }

inline constexpr std::uint64_t of_power = std::uint64_t{1} << 58;    // a function or a power is raised to a power
inline constexpr std::uint64_t of_product = std::uint64_t{1} << 59;  // some product has two factors that are operations
inline constexpr std::uint64_t of_quotient = std::uint64_t{1} << 60;  // division by an operation or a variable
inline constexpr std::uint64_t of_constant = std::uint64_t{1} << 61;  // some function is applied to a constant or to pi
inline constexpr std::uint64_t of_negative = std::uint64_t{1} << 62;  // some function is applied to a negative multiple
inline constexpr std::uint64_t by_sum = std::uint64_t{1} << 63;       // division by a sum or its root, to any power

}  // namespace detail

/// left = right. `needs` are the functions without which the left side cannot occur: a graph that lacks one is not searched.
/// Both sides are user algebra in x, y and z; the left one is written as the canonical form writes it.
struct identity {
  std::uint64_t needs;
  char const* left;  // not std::string_view, whose lengths would be counted in every translation unit
  char const* right;
  given condition = given::always;
  worth gain = worth::fewer;
};

namespace detail::letter {

constexpr std::uint64_t of(std::string_view name) { return function_bit(hash_of(name)); }
inline constexpr std::uint64_t exp = of("exp"), expm1 = of("expm1"), log = of("log"), log1p = of("log1p"),
                               sin = of("sin"), cos = of("cos"), tan = of("tan"), asin = of("asin"), acos = of("acos"),
                               atan = of("atan"), sinh = of("sinh"), cosh = of("cosh"), tanh = of("tanh"),
                               sqrt = of("sqrt"), cbrt = of("cbrt"), abs = of("abs"), sign = of("sign"),
                               relu = of("relu"), min = of("min"), max = of("max"), hypot = of("hypot"),
                               erf = of("erf"), sigmoid = of("sigmoid"), softplus = of("softplus"), pow = of("pow"),
                               exp2 = of("exp2"), log2 = of("log2"), log10 = of("log10"), asinh = of("asinh"),
                               acosh = of("acosh"), atanh = of("atanh"), erfc = of("erfc"), sec = of("sec"),
                               csc = of("csc"), cot = of("cot"), sinc = of("sinc"), floor = of("floor"),
                               number = of_constant, negative = of_negative, raised = of_power, product = of_product,
                               quotient = of_quotient;

inline constexpr identity identities[]{
    // Pythagoras and double angles (DLMF 4.21.12, 4.21.27, 4.21.28, 4.35.11, 4.35.26)
    {sin | cos | pow | raised, "sin(x)^2 + cos(x)^2", "1"},
    {sin | cos | pow | raised, "cos(x)^2 - sin(x)^2", "cos(2*x)"},
    {sin | pow | raised, "1 - sin(x)^2", "cos(x)^2"},
    {cos | pow | raised, "1 - cos(x)^2", "sin(x)^2"},
    {cos | pow | raised, "2*cos(x)^2 - 1", "cos(2*x)"},
    {sin | pow | raised, "1 - 2*sin(x)^2", "cos(2*x)"},
    {sin | cos | product, "2*sin(x)*cos(x)", "sin(2*x)"},
    {sin | cos | quotient, "sin(x)/cos(x)", "tan(x)"},
    {sin | tan | quotient, "sin(x)/tan(x)", "cos(x)", given::real},
    {tan | cos | product, "tan(x)*cos(x)", "sin(x)", given::real},
    {cosh | sinh | pow | raised, "cosh(x)^2 - sinh(x)^2", "1"},
    {cosh | pow | raised, "cosh(x)^2 - 1", "sinh(x)^2"},
    {sinh | pow | raised, "1 + sinh(x)^2", "cosh(x)^2"},
    {sinh | cosh, "cosh(x) + sinh(x)", "exp(x)"},
    {sinh | cosh, "cosh(x) - sinh(x)", "exp(-x)"},
    {sinh | cosh | product, "2*sinh(x)*cosh(x)", "sinh(2*x)"},
    {sinh | cosh | quotient, "sinh(x)/cosh(x)", "tanh(x)"},
    {tanh | cosh | product, "tanh(x)*cosh(x)", "sinh(x)"},

    // exponentials and logarithms
    {exp | product, "exp(x)*exp(y)", "exp(x + y)"},
    {exp | quotient, "exp(x)/exp(y)", "exp(x - y)"},
    {exp | quotient, "1/exp(x)", "exp(-x)"},
    {exp | pow | raised, "exp(x)^y", "exp(x*y)", given::always, worth::as_many},
    {exp, "exp(x) - 1", "expm1(x)"},
    {expm1, "1 + expm1(x)", "exp(x)"},
    {exp, "exp(x) - exp(-x)", "2*sinh(x)"},
    {exp, "exp(x) + exp(-x)", "2*cosh(x)"},
    {exp | log, "log(exp(x))", "x"},
    {exp | log, "exp(log(x))", "x", given::positive},
    {exp | log, "exp(log(x))", "x", given::real},
    {exp | log1p, "exp(log1p(x))", "1 + x", given::nonnegative},
    {exp | log1p, "exp(log1p(x))", "1 + x", given::real},
    {exp | log, "exp(y*log(x))", "x^y", given::positive},
    {exp | log, "exp(y*log(x))", "x^y", given::real},
    {log, "log(1 + x)", "log1p(x)", given::always, worth::as_many},
    {log1p | expm1, "log1p(expm1(x))", "x"},
    {log1p | expm1, "expm1(log1p(x))", "x", given::real},
    {log, "log(x) + log(y)", "log(x*y)", given::positive},
    {log, "log(x) + log(y)", "log(x*y)", given::real},
    {log, "log(x) - log(y)", "log(x/y)", given::positive},
    {log, "log(x) - log(y)", "log(x/y)", given::real},
    {exp2 | log2, "log2(exp2(x))", "x"},
    {exp2 | log2, "exp2(log2(x))", "x", given::positive},
    {exp2 | log2, "exp2(log2(x))", "x", given::real},
    {exp2 | product, "exp2(x)*exp2(y)", "exp2(x + y)"},
    {exp2 | quotient, "exp2(x)/exp2(y)", "exp2(x - y)"},
    {log | pow, "log(x^2)", "2*log(abs(x))"},
    {log | pow, "log(x^y)", "y*log(x)", given::positive, worth::as_many},

    // sigmoid(x) = 1/(1 + exp(-x)), softplus(x) = log(1 + exp(x))
    {exp | quotient, "1/(1 + exp(x))", "sigmoid(-x)", given::always, worth::as_many},
    {exp | quotient, "exp(x)/(1 + exp(x))", "sigmoid(x)", given::always, worth::as_many},
    {exp | log1p, "log1p(exp(x))", "softplus(x)", given::always, worth::as_many},
    {exp | sigmoid | product, "exp(x)*sigmoid(-x)", "sigmoid(x)"},
    {exp | sigmoid | product, "exp(-x)*sigmoid(x)", "sigmoid(-x)"},
    {sigmoid, "1 - sigmoid(x)", "sigmoid(-x)", given::always, worth::as_many},
    {sigmoid, "sigmoid(x) + sigmoid(-x)", "1"},
    {sigmoid, "2*sigmoid(2*x) - 1", "tanh(x)"},
    {softplus, "softplus(x) - softplus(-x)", "x"},
    {softplus, "softplus(x) - x", "softplus(-x)", given::always, worth::as_many},
    {softplus | exp, "exp(-softplus(x))", "sigmoid(-x)"},

    // powers and roots
    {sqrt | pow, "sqrt(x^2)", "abs(x)"},
    {sqrt | pow, "sqrt(x^4)", "x^2"},
    {sqrt | pow | raised, "sqrt(x)^2", "x", given::nonnegative},
    {sqrt | pow | raised, "sqrt(x)^2", "x", given::real},
    {sqrt | product, "sqrt(x)*sqrt(y)", "sqrt(x*y)", given::positive},
    {sqrt | product, "sqrt(x)*sqrt(y)", "sqrt(x*y)", given::real},
    {sqrt | quotient, "sqrt(x)/sqrt(y)", "sqrt(x/y)", given::positive},
    {sqrt | quotient, "sqrt(x)/sqrt(y)", "sqrt(x/y)", given::real},
    {sqrt | quotient, "x/sqrt(x)", "sqrt(x)", given::positive},
    {sqrt | quotient, "x/sqrt(x)", "sqrt(x)", given::real},
    {cbrt | pow | raised, "cbrt(x)^3", "x"},
    {cbrt | pow, "cbrt(x^3)", "x"},
    {cbrt | product, "cbrt(x)*cbrt(y)", "cbrt(x*y)"},
    {cbrt | quotient, "cbrt(x)/cbrt(y)", "cbrt(x/y)"},
    {pow | raised, "(x^y)^z", "x^(y*z)", given::positive},
    {pow | product, "x^y*x^z", "x^(y + z)", given::positive},
    {pow | product, "x^y*x^z", "x^(y + z)", given::real},
    {pow | quotient, "x^y/x^z", "x^(y - z)", given::positive},
    {pow | quotient, "x^y/x^z", "x^(y - z)", given::real},
    {pow, "x^y*x", "x^(y + 1)", given::real},
    {pow | quotient, "x^y/x", "x^(y - 1)", given::real},

    // magnitudes, signs, extremes
    {abs, "abs(x)", "x", given::nonnegative},
    {abs, "abs(abs(x))", "abs(x)"},
    {abs | pow | raised, "abs(x)^2", "x^2"},
    {abs | product, "abs(x)*abs(y)", "abs(x*y)"},
    {abs | quotient, "abs(x)/abs(y)", "abs(x/y)"},
    {abs | sign | product, "abs(x)*sign(x)", "x"},
    {sign, "x*sign(x)", "abs(x)"},
    {sign, "sign(x)", "1", given::positive},
    {sign, "sign(sign(x))", "sign(x)"},
    {relu, "relu(x)", "x", given::nonnegative},
    {relu, "relu(x) - relu(-x)", "x"},
    {relu, "relu(x) + relu(-x)", "abs(x)"},
    {max, "max(x, x)", "x"},
    {min, "min(x, x)", "x"},
    {max | min, "max(x, y) + min(x, y)", "x + y"},
    {max | min, "max(x, y) - min(x, y)", "abs(x - y)"},
    {hypot | number, "hypot(x, 0)", "abs(x)"},

    // inverses
    {sin | asin, "sin(asin(x))", "x", given::real},
    {cos | acos, "cos(acos(x))", "x", given::real},
    {tan | atan, "tan(atan(x))", "x"},
    {asin | acos, "asin(x) + acos(x)", "pi/2", given::real},
    {asinh | sinh, "sinh(asinh(x))", "x"},
    {asinh | sinh, "asinh(sinh(x))", "x"},
    {acosh | cosh, "cosh(acosh(x))", "x", given::real},
    {acosh | cosh, "acosh(cosh(x))", "abs(x)"},
    {atanh | tanh, "tanh(atanh(x))", "x", given::real},
    {atanh | tanh, "atanh(tanh(x))", "x"},
    {cos | sec | product, "cos(x)*sec(x)", "1", given::real},
    {sin | csc | product, "sin(x)*csc(x)", "1", given::real},
    {tan | cot | product, "tan(x)*cot(x)", "1", given::real},
    {erf | erfc, "erf(x) + erfc(x)", "1"},
    {floor, "floor(floor(x))", "floor(x)"},

    // odd and even functions; a sign that leaves its function can merge with others
    {sin | negative, "sin(-x)", "-sin(x)", given::always, worth::as_many},
    {tan | negative, "tan(-x)", "-tan(x)", given::always, worth::as_many},
    {asin | negative, "asin(-x)", "-asin(x)", given::always, worth::as_many},
    {atan | negative, "atan(-x)", "-atan(x)", given::always, worth::as_many},
    {sinh | negative, "sinh(-x)", "-sinh(x)", given::always, worth::as_many},
    {tanh | negative, "tanh(-x)", "-tanh(x)", given::always, worth::as_many},
    {erf | negative, "erf(-x)", "-erf(x)", given::always, worth::as_many},
    {cbrt | negative, "cbrt(-x)", "-cbrt(x)", given::always, worth::as_many},
    {sign | negative, "sign(-x)", "-sign(x)", given::always, worth::as_many},
    {asinh | negative, "asinh(-x)", "-asinh(x)", given::always, worth::as_many},
    {atanh | negative, "atanh(-x)", "-atanh(x)", given::always, worth::as_many},
    {csc | negative, "csc(-x)", "-csc(x)", given::always, worth::as_many},
    {cot | negative, "cot(-x)", "-cot(x)", given::always, worth::as_many},
    {sec | negative, "sec(-x)", "sec(x)", given::always, worth::as_many},
    {sinc | negative, "sinc(-x)", "sinc(x)", given::always, worth::as_many},
    {cos | negative, "cos(-x)", "cos(x)", given::always, worth::as_many},
    {cosh | negative, "cosh(-x)", "cosh(x)", given::always, worth::as_many},
    {abs | negative, "abs(-x)", "abs(x)", given::always, worth::as_many},

    // exact values
    {exp | number, "exp(0)", "1"},
    {expm1 | number, "expm1(0)", "0"},
    {log | number, "log(1)", "0"},
    {log1p | number, "log1p(0)", "0"},
    {sin | number, "sin(0)", "0"},
    {sin | number, "sin(pi/6)", "1/2"},
    {sin | number, "sin(pi/2)", "1"},
    {sin | number, "sin(pi)", "0"},
    {sin | number, "sin(2*pi)", "0"},
    {cos | number, "cos(0)", "1"},
    {cos | number, "cos(pi/3)", "1/2"},
    {cos | number, "cos(pi/2)", "0"},
    {cos | number, "cos(pi)", "-1"},
    {cos | number, "cos(2*pi)", "1"},
    {tan | number, "tan(0)", "0"},
    {tan | number, "tan(pi/4)", "1"},
    {tan | number, "tan(pi)", "0"},
    {asin | number, "asin(0)", "0"},
    {asin | number, "asin(1)", "pi/2", given::always, worth::as_many},
    {acos | number, "acos(1)", "0"},
    {acos | number, "acos(0)", "pi/2", given::always, worth::as_many},
    {acos | number, "acos(-1)", "pi"},
    {atan | number, "atan(0)", "0"},
    {atan | number, "atan(1)", "pi/4", given::always, worth::as_many},
    {sinh | number, "sinh(0)", "0"},
    {cosh | number, "cosh(0)", "1"},
    {tanh | number, "tanh(0)", "0"},
    {erf | number, "erf(0)", "0"},
    {sigmoid | number, "sigmoid(0)", "1/2", given::always, worth::as_many},
    {cbrt | number, "cbrt(0)", "0"},
    {cbrt | number, "cbrt(1)", "1"},
    {cbrt | number, "cbrt(8)", "2"},
    {sign | number, "sign(0)", "0"},
    {exp2 | number, "exp2(0)", "1"},
    {log2 | number, "log2(1)", "0"},
    {log2 | number, "log2(2)", "1"},
    {log10 | number, "log10(1)", "0"},
    {asinh | number, "asinh(0)", "0"},
    {acosh | number, "acosh(1)", "0"},
    {atanh | number, "atanh(0)", "0"},
    {erfc | number, "erfc(0)", "1"},
    {sec | number, "sec(0)", "1"},
    {sinc | number, "sinc(0)", "1"},
};

}  // namespace detail::letter

using detail::letter::identities;

}  // namespace ddx
