// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The tape as users see it: reals enter, the sweeps of its recording are run, what they ask for leaves.
#include <ddx/error.hpp>
#include <ddx/tape/format.hpp>
#include <ddx/tape/tape.hpp>

#include <algorithm>
#include <istream>
#include <ostream>

#include <fmt/format.h>

namespace ddx {

namespace {

using detail::recording;

[[noreturn]] void refuse(real const& number, char const* caller) {
  if (!number.recorded())
    throw error(fmt::format("{}: a number does not depend on the tape; make it with tape.input to differentiate by it",
                            caller));
  throw error(
      fmt::format("{}: a number was recorded on another tape, or on this one before it was reset or rewound", caller));
}

std::size_t variable_of(recording const& on, real const& number, char const* caller) {
  if (!number.recorded() || !on.owns(number)) refuse(number, caller);
  return number.index();
}

/// Whether all numbers, which must be the tape's, lead it.
bool leading_variables(recording const& on, std::span<real const> numbers, char const* caller) {
  bool all = true;
  for (real const& number : numbers) all = on.leads(variable_of(on, number, caller)) && all;
  return all;
}

std::vector<std::size_t> variables_of(recording const& on, std::span<real const> numbers, char const* caller) {
  std::vector<std::size_t> result;
  result.reserve(numbers.size());
  for (real const& number : numbers) result.push_back(variable_of(on, number, caller));
  return result;
}

void require_size(std::size_t given, std::size_t expected, char const* caller, char const* what) {
  if (given != expected) throw error(fmt::format("{}: {} {} are given for {} numbers", caller, given, what, expected));
}

/// The outputs that depend on the tape, by their places among all.
struct active_outputs {
  std::vector<std::size_t> places, variables;

  active_outputs(recording const& on, std::span<real const> outputs, char const* caller) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (!outputs[i].recorded()) continue;
      places.push_back(i);
      variables.push_back(variable_of(on, outputs[i], caller));
    }
  }
  std::size_t high() const { return *std::max_element(variables.begin(), variables.end()); }
};

std::size_t lowest(std::vector<std::size_t> const& variables) {
  return *std::min_element(variables.begin(), variables.end());
}

/// The elements of adjoints at variables; those above `high` were not reached.
template <class Part>
std::vector<double> gathered(std::vector<std::size_t> const& variables, std::size_t high, Part const& part) {
  std::vector<double> result;
  result.reserve(variables.size());
  for (std::size_t variable : variables) result.push_back(variable <= high ? part(variable) : 0.0);
  return result;
}

}  // namespace

tape::tape() : state_(detail::open_recording()) {}

recording& tape::state(char const* caller) const {
  if (!state_) throw error(std::string(caller) + ": the tape was moved from");
  return *state_;
}

std::vector<real> tape::inputs(std::span<double const> values) {
  std::vector<real> result;
  result.reserve(values.size());
  for (double value : values) result.push_back(input(value));
  return result;
}

void tape::gradient_into(std::span<double> result, real const& output, std::span<real const> by) const {
  constexpr auto caller = "ddx::tape::gradient";
  recording& on = state(caller);
  require_size(result.size(), by.size(), caller, "places");
  if (on.owns(output) && on.are_leaders(by)) return on.reverse_to_leaders(output.index(), result.data());
  bool const leading = leading_variables(on, by, caller);
  if (!output.recorded()) {
    std::fill(result.begin(), result.end(), 0.0);
    return;
  }
  std::size_t const from = variable_of(on, output, caller);
  double const seed = 1;
  on.reverse({&from, 1}, {&seed, 1}, by, leading, result.data());
}

std::vector<double> tape::gradient(real const& output, std::span<real const> by) const {
  std::vector<double> result(by.size());
  gradient_into(result, output, by);
  return result;
}

double tape::gradient(real const& output, real const& by) const {
  double result = 0;
  gradient_into({&result, 1}, output, {&by, 1});
  return result;
}

std::vector<double> tape::vjp(std::span<real const> outputs, std::span<double const> weights,
                              std::span<real const> by) const {
  constexpr auto caller = "ddx::tape::vjp";
  recording& on = state(caller);
  require_size(weights.size(), outputs.size(), caller, "weights");
  bool const leading = leading_variables(on, by, caller);
  active_outputs const active(on, outputs, caller);
  std::vector<double> result(by.size());
  if (active.places.empty() || by.empty()) return result;
  std::vector<double> seeds;
  for (std::size_t place : active.places) seeds.push_back(weights[place]);
  on.reverse(active.variables, seeds, by, leading, result.data());
  return result;
}

std::vector<double> tape::jvp(std::span<real const> outputs, std::span<real const> by,
                              std::span<double const> direction) const {
  constexpr auto caller = "ddx::tape::jvp";
  recording& on = state(caller);
  require_size(direction.size(), by.size(), caller, "slopes");
  auto const variables = variables_of(on, by, caller);
  active_outputs const active(on, outputs, caller);
  std::vector<double> result(outputs.size());
  if (active.places.empty() || by.empty()) return result;
  double const* const slopes = on.forward(variables.data(), direction.data(), variables.size(), active.high());
  for (std::size_t i = 0; i < active.places.size(); ++i) result[active.places[i]] = slopes[active.variables[i] / 2];
  return result;
}

std::vector<std::vector<double>> tape::jacobian(std::span<real const> outputs, std::span<real const> by) const {
  std::vector<std::vector<double>> result;
  if (outputs.size() <= by.size()) {
    for (real const& output : outputs) result.push_back(gradient(output, by));
    return result;
  }
  result.assign(outputs.size(), std::vector<double>(by.size()));
  std::vector<double> direction(by.size());
  for (std::size_t column = 0; column < by.size(); ++column) {
    direction[column] = 1;
    auto const slopes = jvp(outputs, by, direction);
    for (std::size_t row = 0; row < outputs.size(); ++row) result[row][column] = slopes[row];
    direction[column] = 0;
  }
  return result;
}

std::vector<double> tape::hvp(real const& output, std::span<real const> by, std::span<double const> direction) const {
  constexpr auto caller = "ddx::tape::hvp";
  recording& on = state(caller);
  require_size(direction.size(), by.size(), caller, "slopes");
  auto const variables = variables_of(on, by, caller);
  if (!output.recorded() || by.empty()) return std::vector<double>(by.size());
  std::size_t const high = variable_of(on, output, caller);
  on.forward(variables.data(), direction.data(), variables.size(), high);
  dual const* const adjoints = on.reverse_dual(high, lowest(variables));
  return gathered(variables, high, [&](std::size_t variable) { return adjoints[variable / 2].dot; });
}

std::vector<std::vector<double>> tape::hessian(real const& output, std::span<real const> by) const {
  std::vector<std::vector<double>> result;
  std::vector<double> direction(by.size());
  for (std::size_t row = 0; row < by.size(); ++row) {
    direction[row] = 1;
    result.push_back(hvp(output, by, direction));
    direction[row] = 0;
  }
  return result;
}

void tape::replay(std::span<double const> inputs) { state("ddx::tape::replay").replay(inputs.data(), inputs.size()); }

double tape::value(real const& number) const {
  recording const& on = state("ddx::tape::value");
  return number.recorded() ? on.words[variable_of(on, number, "ddx::tape::value")] : number.value();
}

std::vector<double> tape::values(std::span<real const> numbers) const {
  std::vector<double> result;
  result.reserve(numbers.size());
  for (real const& number : numbers) result.push_back(value(number));
  return result;
}

tape::mark tape::here() const { return state("ddx::tape::here").here(); }

void tape::rewind(mark const& to) { state("ddx::tape::rewind").rewind(to, "ddx::tape::rewind"); }

void tape::reset() { state("ddx::tape::reset").reset(); }

tape_statistics tape::statistics() const {
  recording const& on = state("ddx::tape::statistics");
  tape_statistics result;
  result.inputs = on.input_count();
  for (std::size_t end = on.used; end > 0;) {
    detail::statement_at const at = on.before(end);
    end = at.begin;
    ++result.statements;
    result.comparisons += at.code->condition ? 1u : 0u;
    for (int step = 0; step < at.code->step_count; ++step)
      result.operations += at.code->steps[step].what == detail::statement_step::kind::apply ? 1u : 0u;
  }
  result.bytes = on.bytes();
  result.reserved_bytes = on.reserved_bytes();
  return result;
}

std::ostream& operator<<(std::ostream& to, real const& x) { return to << x.value(); }

std::istream& operator>>(std::istream& from, real& x) {
  double value = 0;
  if (from >> value) x = value;
  return from;
}

std::string detail::formatted(double value, std::string_view specification) {
  return fmt::format(fmt::runtime(specification), value);
}

}  // namespace ddx

void fmt::formatter<ddx::real>::throw_format_error(char const* sentence) { throw fmt::format_error(sentence); }
