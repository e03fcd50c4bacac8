// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A formula is evaluated at places a pixel or so apart; gnuplot draws it and its derivative.
#include "plot.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "option.hpp"
#include "picture.hpp"
#include "write_file.hpp"

namespace ddx::command {
namespace {

// The size of the terminal that standard output is, or what a page of text has; colour where a terminal may show it.
terminal terminal_here() {
  terminal shape;
  if (!isatty(STDOUT_FILENO)) return shape;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 && size.ws_row >= 10) {
    shape.columns = size.ws_col - 1u;
    shape.rows = std::min<std::size_t>(size.ws_row - 1u, 40);
  }
  char const* const kind = std::getenv("TERM");
  char const* const plain = std::getenv("NO_COLOR");
  shape.colour = kind && std::string_view(kind) != "dumb" && (!plain || *plain == '\0');
  return shape;
}

// The variable on the horizontal axis: the one that --wrt names, or the only one without a value.
std::string drawn_over(std::vector<std::string> const& variables, formula_options const& options) {
  if (options.wrt.size() > 1) throw usage_error("--wrt: takes one variable for plot");
  auto const given = [&](std::string const& name) {
    return std::any_of(options.form.at.begin(), options.form.at.end(),
                       [&](binding const& b) { return b.name == name; });
  };
  std::vector<std::string> open;
  std::copy_if(variables.begin(), variables.end(), std::back_inserter(open), [&](auto const& n) { return !given(n); });
  std::string const name = !options.wrt.empty() ? options.wrt.front() : open.empty() ? "x" : open.front();
  for (std::string const& other : open)
    if (other != name)
      throw error(fmt::format("{} has no value: write --at {}=NUMBER{}", other, other,
                              options.wrt.empty() ? fmt::format(", or --wrt {} to draw over it", other) : ""));
  return name;
}

std::string title(std::string const& prefix, symbolic const& f) {
  constexpr std::size_t longest = 60;
  std::string const text = to_string(f);
  return prefix + (text.size() <= longest ? text : text.substr(0, longest) + "...");
}

std::vector<double> sampled(symbolic const& f, std::string const& name, std::vector<double> const& x,
                            std::vector<binding> const& at) {
  std::vector<assignment> values{{name, 0}};
  for (binding const& b : at)
    if (b.name != name) values.push_back({b.name, b.value});
  std::vector<double> y;
  for (double const place : x) {
    values[0].value = place;
    y.push_back(eval(f, values));
  }
  return y;
}

}  // namespace

answer plot_formula(symbolic const& f, formula_options const& options) {
  auto const& word = options.words.front();
  if (!options.out.empty() && (options.words.size() > 1 || word == "-" || word.starts_with('@')))
    throw usage_error("--out: takes one formula, given as an argument");
  if (!options.out.empty()) require_folder(options.out);
  std::string const name = drawn_over(f.variables(), options);
  symbolic const derivative = diff(f, name, options.order);
  terminal const shape = terminal_here();
  range const over = options.over.value_or(range{});
  std::size_t const count = options.out.empty() ? 4 * shape.columns : 1000;
  curves seen{.name = name, .x = {}, .drawn = {}};
  for (std::size_t i = 0; i <= count; ++i)
    seen.x.push_back(over.low + (over.high - over.low) * (static_cast<double>(i) / static_cast<double>(count)));
  std::string const order = options.order == 1 ? "" : fmt::format("^{}", options.order);
  seen.drawn.push_back({title("", f), sampled(f, name, seen.x, options.form.at)});
  seen.drawn.push_back({title(fmt::format("d{}/d{}{}: ", order, name, order), derivative),
                        sampled(derivative, name, seen.x, options.form.at)});
  answer result;
  auto const problem = options.out.empty() ? draw_curves(result.text, shape, seen) : draw_curves(options.out, seen);
  if (problem) throw error(fmt::format("no picture: {}", *problem));
  if (!options.out.empty()) result.text = fmt::format("wrote {}\n", options.out.string());
  return result;
}

}  // namespace ddx::command
