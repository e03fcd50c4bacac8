// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The program's parser enters; one subcommand a row of the table of verbs leaves.
#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "command.hpp"
#include "formula_session.hpp"
#include "option.hpp"
#include "picture.hpp"
#include "plot.hpp"

namespace ddx::command {
namespace {

constexpr std::uint64_t most_orders = 100;

using names = std::vector<std::string>;

std::string listed(names const& words) { return fmt::format("{}", fmt::join(words, ", ")); }

answer by(names const& variables, answer result, formula_options const& options) {
  if (!options.form.json) return result;
  nlohmann::ordered_json fields{{"wrt", variables}};
  fields.update(result.fields);
  result.fields = std::move(fields);
  return result;
}

// All variables of the formula, where --wrt names none.
names all_or_given(symbolic const& f, formula_options const& options) {
  if (!options.wrt.empty()) return options.wrt;
  names variables = f.variables();
  if (variables.empty()) throw error("the formula has no variables; --wrt names those to differentiate by");
  return variables;
}

// The one variable of the formula, where --wrt names none.
names one_or_given(symbolic const& f, formula_options const& options) {
  if (!options.wrt.empty()) return options.wrt;
  names variables = f.variables();
  if (variables.size() > 1)
    throw error(fmt::format("the formula has the variables {}; --wrt says by which", listed(variables)));
  return variables;
}

// A name that formulas in text are unlikely to have.
std::string place_holder(std::size_t number) { return fmt::format("ddx_place_holder_{}", number); }

answer find_derivative(symbolic const& f, formula_options const& options) {
  names const variables = one_or_given(f, options);
  names each;
  for (int i = 0; i < options.order; ++i) each.insert(each.end(), variables.begin(), variables.end());
  if (each.size() > most_orders)
    throw usage_error(fmt::format("--order: {} times {} is of order {}, above {}", options.order, listed(variables),
                                  each.size(), most_orders));
  return by(each, answer_one(variables.empty() ? symbolic(0) : diff(f, each), options.form), options);
}

answer find_gradient(symbolic const& f, formula_options const& options) {
  names const variables = all_or_given(f, options);
  return by(variables, answer_list(grad(f, variables), options.form), options);
}

answer find_hessian(symbolic const& f, formula_options const& options) {
  names const variables = all_or_given(f, options);
  return by(variables, answer_matrix(hessian(f, variables), options.form), options);
}

answer find_jacobian(std::vector<std::optional<symbolic>> const& formulas, formula_options const& options) {
  names variables = options.wrt;
  if (variables.empty())
    for (auto const& f : formulas)
      for (std::string& name : f ? f->variables() : names())
        if (std::find(variables.begin(), variables.end(), name) == variables.end())
          variables.push_back(std::move(name));
  std::vector<std::vector<symbolic>> rows;
  for (auto const& f : formulas) rows.push_back(f ? grad(*f, variables) : std::vector<symbolic>());
  return by(variables, answer_matrix(rows, options.form), options);
}

answer find_series(symbolic const& f, formula_options const& options) {
  bool const named = !options.about.empty() && !options.about.front().name.empty();
  names variables = options.wrt;
  if (variables.empty() && named) variables = {options.about.front().name};
  if (variables.empty()) variables = one_or_given(f, options);
  if (options.about.size() > 1 || variables.size() > 1) throw usage_error("--wrt: takes one variable for taylor");
  if (named && options.about.front().name != variables.front())
    throw usage_error(fmt::format("--at: gives {}, but --wrt {}", options.about.front().name, variables.front()));
  if (variables.empty()) return answer_one(f, options.form);
  symbolic const about = options.about.empty() ? symbolic(0) : options.about.front().formula;
  // Coefficients such as exp(0*y) are read as numbers: other variables are taken to be finite.
  symbolic const polynomial = simplify(series(f, variables.front(), about, options.order), level::assume_real);
  return by(variables, answer_one(polynomial, options.form), options);
}

answer find_simplified(symbolic const& f, formula_options const& options) {
  return answer_one(options.assume_real ? simplify(f, level::assume_real) : simplify(f), options.form);
}

answer find_expanded(symbolic const& f, formula_options const& options) { return answer_one(expand(f), options.form); }

answer find_factored(symbolic const& f, formula_options const& options) {
  return answer_one(factor_out(f), options.form);
}

answer find_collected(symbolic const& f, formula_options const& options) {
  symbolic result = f;
  names const variables = one_or_given(f, options);
  for (std::string const& name : variables) result = collect(result, name);
  return by(variables, answer_one(result, options.form), options);
}

// All at once: x=y,y=x exchanges the two.
answer find_substituted(symbolic const& f, formula_options const& options) {
  if (options.with.empty()) throw usage_error("--with is missing: it takes formulas for variables, such as x=u+v");
  symbolic result = f;
  for (std::size_t i = 0; i < options.with.size(); ++i)
    result = substitute(result, options.with[i].name, symbolic::variable(place_holder(i)));
  for (std::size_t i = 0; i < options.with.size(); ++i)
    result = substitute(result, place_holder(i), options.with[i].formula);
  return answer_one(simplify(result), options.form);
}

answer find_value(symbolic const& f, formula_options const& options) { return answer_one(f, options.form); }

// Of a difference relative to 1; central differences are never right to all of a double's.
double digits(double difference) { return std::floor(-std::log10(std::max(difference, 1e-15))); }

answer check_formula(symbolic const& f, formula_options const& options) {
  answer result;
  auto list = nlohmann::ordered_json::array();
  for (std::string const& name : all_or_given(f, options)) {
    symbolic const derivative = diff(f, name);
    auto const seen = check_derivative(f, derivative, name, options.check);
    std::string const text = to_string(derivative, options.form.style);
    if (!seen.good()) result.good = false;
    std::string verdict = fmt::format("right at {} points, to {:.0f} digits", seen.points, digits(seen.largest));
    if (seen.points == 0)
      verdict = "not checked: no point was found around which the formula is smooth; --range says where to look";
    else if (seen.wrong != 0)
      verdict =
          fmt::format("wrong at {} of {} points: at {} it is {}, central differences give {}", seen.wrong, seen.points,
                      place_text(seen.where), number_text(seen.derivative), number_text(seen.differences));
    result.text += fmt::format("d/d{} = {}\n  {}\n", name, text, verdict);
    nlohmann::ordered_json field{{"wrt", name},         {"derivative", text},
                                 {"good", seen.good()}, {"points", seen.points},
                                 {"wrong", seen.wrong}, {"largest", number_field(seen.largest)}};
    for (auto const& [variable, value] : seen.where) field["at"][variable] = number_field(value);
    list.push_back(std::move(field));
  }
  result.fields["checks"] = std::move(list);
  return result;
}

answer print_formula(symbolic const& f, formula_options const& options) {
  if (options.style_given) return answer_one(f, options.form);
  answer result;
  for (auto const& [word, style] : {std::pair("text", format::text), std::pair("unicode", format::unicode),
                                    std::pair("latex", format::latex), std::pair("cpp", format::cpp)}) {
    std::string const text = to_string(f, style);
    result.text += fmt::format("{:<9}{}\n", word, text);
    if (options.form.json) result.fields[word] = text;
  }
  return result;
}

// ---- the table

/// What a verb is called, what --help says of it, which options it takes (the words of --help; null where it takes none) and
/// what answers it.
struct verb {
  char const* name;
  char const* help;
  char const* wrt = nullptr;
  char const* at = nullptr;
  char const* order = nullptr;
  char const* range = nullptr;
  bool formats = true;
  bool evaluates = false;
  void (*more)(CLI::App&, formula_options&) = nullptr;
  answer_formula one = nullptr;
  answer_all all = nullptr;
};

constexpr char const* evaluate_at =
    "values of the variables, such as x=0.5,y=pi/2: the value is printed instead of the formula";

void add_taylor_options(CLI::App& command, formula_options& o) {
  o.order = 5;
  add_option(command, "--at", "POINT", "0", "the point to expand about, such as 1, pi/2 or x=pi/2",
             [&o](std::string const& text) { o.about = expansion_point(text); });
  add_option(command, "--order", "NUMBER", "5", "the highest power, a whole number from 0 to 100",
             [&o](std::string const& text) { o.order = static_cast<int>(whole_number(text, 0, most_orders)); });
}

void add_simplify_options(CLI::App& command, formula_options& o) {
  command.add_flag("--assume-real", o.assume_real,
                   "take variables for real and finite and all parts for defined: x/x becomes 1, x - x becomes 0");
}

void add_substitute_options(CLI::App& command, formula_options& o) {
  add_option(command, "--with", "FORMULAS", "", "formulas for variables, such as x=u+v,y=2*u",
             [&o](std::string const& text) { o.with = substitutes(text); });
}

void add_check_options(CLI::App& command, formula_options& o) {
  add_option(command, "--points", "NUMBER", "100", "random points a derivative, a whole number from 1 to 1000000",
             [&o](std::string const& text) { o.check.points = whole_number(text, 1, 1'000'000); });
  add_option(command, "--seed", "NUMBER", "1", "a whole number that fixes the points",
             [&o](std::string const& text) { o.check.seed = whole_number(text, 0); });
}

void add_plot_options(CLI::App& command, formula_options& o) {
  add_option(command, "--out", "FILE", "",
             "a file that ends in .png or .svg; without it the picture is drawn in the terminal",
             [&o](std::string const& text) {
               o.out = text;
               if (!is_picture(o.out))
                 throw error(fmt::format("takes a file that ends in .png or .svg, not '{}'", text));
             });
}

constexpr verb verbs[]{
    {.name = "diff",
     .help = "Prints the derivative of a formula",
     .wrt = "variables to differentiate by, one after the other; may be left out where there is only one",
     .at = evaluate_at,
     .order = "how often, a whole number from 1 to 100",
     .one = find_derivative},
    {.name = "grad",
     .help = "Prints the gradient, a derivative a line",
     .wrt = "variables to differentiate by; all, where it is left out",
     .at = evaluate_at,
     .one = find_gradient},
    {.name = "hessian",
     .help = "Prints the matrix of second derivatives, a row a line",
     .wrt = "variables to differentiate by; all, where it is left out",
     .at = evaluate_at,
     .one = find_hessian},
    {.name = "jacobian",
     .help = "Prints the matrix of the derivatives of several formulas, a formula a line",
     .wrt = "variables to differentiate by; all, where it is left out",
     .at = evaluate_at,
     .all = find_jacobian},
    {.name = "taylor",
     .help = "Prints the Taylor polynomial of a formula about a point; other variables are taken to be finite",
     .wrt = "the variable to expand in; may be left out where there is only one",
     .more = add_taylor_options,
     .one = find_series},
    {.name = "simplify",
     .help = "Prints the simplest form that is found of a formula",
     .more = add_simplify_options,
     .one = find_simplified},
    {.name = "expand",
     .help = "Prints a formula with products and powers of sums multiplied out",
     .one = find_expanded},
    {.name = "factor", .help = "Prints a formula with what the terms of sums share taken out", .one = find_factored},
    {.name = "collect",
     .help = "Prints a formula with its terms gathered by the powers of a variable",
     .wrt = "the variable; may be left out where there is only one",
     .one = find_collected},
    {.name = "substitute",
     .help = "Prints a formula with other formulas in the place of variables",
     .more = add_substitute_options,
     .one = find_substituted},
    {.name = "eval",
     .help = "Prints the value of a formula",
     .at = "values of the variables, such as x=0.5,y=pi/2",
     .formats = false,
     .evaluates = true,
     .one = find_value},
    {.name = "check",
     .help = "Compares derivatives with central differences at random points of the domain; the exit status is 1 if "
             "they differ",
     .wrt = "variables to differentiate by; all, where it is left out",
     .range = "where the variables are drawn, such as -1:pi; several ranges around 0 and 1, where it is left out",
     .more = add_check_options,
     .one = check_formula},
    {.name = "print", .help = "Prints a formula in one form, or in all that fit on a line", .one = print_formula},
    {.name = "plot",
     .help = "Draws a formula and its derivative",
     .wrt = "the variable to draw over; may be left out where the others have values",
     .at = "values of the other variables, such as a=0.5,b=pi/2",
     .order = "which derivative is drawn, a whole number from 1 to 100",
     .range = "where it is drawn, such as -1:pi; -5:5, where it is left out",
     .formats = false,
     .more = add_plot_options,
     .one = plot_formula},
};

void add_verb(CLI::App& program, verb const& row) {
  auto* const command = program.add_subcommand(row.name, row.help)->group("Formulas");
  auto const options = std::make_shared<formula_options>();
  auto& o = *options;
  o.form.evaluate = row.evaluates;
  add_words(*command, "formula", "formulas such as 'x^2*sin(y)'; @FILE or - (standard input) has one formula a line",
            o.words);
  if (row.wrt)
    add_option(*command, "--wrt", "NAMES", "", row.wrt,
               [&o](std::string const& text) { o.wrt = variable_names(text); });
  if (row.at)
    add_option(*command, "--at", "VALUES", "", row.at, [&o](std::string const& text) { o.form.at = values(text); });
  if (row.order)
    add_option(*command, "--order", "NUMBER", "1", row.order,
               [&o](std::string const& text) { o.order = static_cast<int>(whole_number(text, 1, most_orders)); });
  if (row.range)
    add_option(*command, "--range", "LOW:HIGH", "", row.range,
               [&o](std::string const& text) { o.check.within = o.over = range_between(text); });
  if (row.more) row.more(*command, o);
  if (row.formats)
    add_option(*command, "--format", format_names, "text", "how formulas are printed", [&o](std::string const& text) {
      o.form.style = format_named(text);
      o.style_given = true;
    });
  if (std::string_view(row.name) != "plot")
    command->add_flag("--json", o.form.json, "print a JSON object a line instead");
  command->callback([options, one = row.one, all = row.all] {
    int const status = one ? answer_formulas(*options, one) : answer_formulas(*options, all);
    if (status != 0) throw CLI::RuntimeError(status);
  });
}

}  // namespace

void add_formulas(CLI::App& program) {
  for (verb const& row : verbs) add_verb(program, row);
}

}  // namespace ddx::command
