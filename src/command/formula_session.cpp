// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas enter; answers and complaints leave, each as soon as it is known.
#include "formula_session.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>
#include <utility>

#include <CLI/Error.hpp>
#include <fmt/format.h>

#include "formula_input.hpp"
#include "option.hpp"

namespace ddx::command {
namespace {

struct complaint {
  std::size_t line = 0;    // 0 where the place is not known
  std::size_t column = 0;  // 0 likewise
  std::string sentence = {};
  std::string excerpt = {};
};

// The library names the call that complains, which a user of the command did not write.
std::string without_call(std::string_view sentence) {
  if (!sentence.starts_with("ddx::")) return std::string(sentence);
  auto const end = sentence.find(": ");
  return std::string(end == sentence.npos ? sentence : sentence.substr(end + 2));
}

// A word that is no formula may be meant as a file.
std::string hint(std::string_view text) {
  std::error_code ignored;
  if (text.size() > 1000 || !std::filesystem::is_regular_file(std::filesystem::path(text), ignored)) return "";
  return fmt::format("; to read the file of this name, write @{}", text);
}

class session {
 public:
  /// An empty line stands for a missing answer where there are several and each has its own.
  session(formula_options const& options, bool own_answers)
      : options_(options),
        several_(own_answers &&
                 (options.words.size() > 1 || options.words.front() == "-" || options.words.front().starts_with('@'))) {
  }

  template <class Take>
  int run(Take take) {
    for_each_formula(
        options_.words, [this] { flush(); },
        [&](std::string_view text, place const& at) {
          if (at.line != 0 && text.empty()) skip();
          else attempt(text, at, take);
          // One of many arguments may take its time, too.
          if (at.line == 0) flush();
        });
    return status_;
  }

  void write(answer const& a, nlohmann::ordered_json object) {
    if (options_.form.json) {
      object.update(a.fields);
      put(dumped(object) + "\n");
    } else {
      put(a.text);
    }
    if (!a.good) status_ = 1;
  }

  nlohmann::ordered_json object_of(std::string_view text, place const& at) const {
    nlohmann::ordered_json object;
    if (!options_.form.json) return object;
    object["input"] = text;
    if (!at.file.empty()) object["file"] = at.file;
    if (at.line != 0) object["line"] = at.line;
    return object;
  }

  void flush() {
    if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return;
    // A reader that has gone has seen what it wanted.
    if (errno == EPIPE) throw CLI::RuntimeError(1);
    throw error(fmt::format("standard output: cannot be written: {}", std::strerror(errno)));
  }

  int status() const { return status_; }

 private:
  template <class Take>
  void attempt(std::string_view text, place const& at, Take take) {
    complaint wrong;
    try {
      return take(text, at);
    } catch (usage_error const&) { throw; } catch (CLI::RuntimeError const&) {
      throw;
    } catch (parse_error const& e) {
      wrong = {e.line + (at.line == 0 ? 0 : at.line - 1), e.column, e.sentence + (at.line == 0 ? hint(text) : ""),
               e.excerpt};
    } catch (error const& e) { wrong.sentence = without_call(e.what()); } catch (std::bad_alloc const&) {
      wrong.sentence = "there is not enough memory for this formula";
    } catch (std::exception const& e) { wrong.sentence = without_call(e.what()); }
    if (wrong.line == 0) wrong.line = at.line;
    complain(wrong, text, at);
  }

  void complain(complaint const& wrong, std::string_view text, place const& at) {
    status_ = 1;
    if (options_.form.json) {
      auto object = object_of(text, at);
      auto& field = object["error"];
      if (wrong.line != 0) field["line"] = wrong.line;
      if (wrong.column != 0) field["column"] = wrong.column;
      field["message"] = wrong.sentence;
      return put(dumped(object) + "\n");
    }
    if (several_) put("\n");
    flush();
    fmt::print(stderr, "ddx: {}{}{}{}{}\n", at.file.empty() ? "" : at.file + ":",
               wrong.line == 0 ? "" : fmt::format("{}:", wrong.line),
               wrong.column == 0 ? (wrong.line == 0 ? "" : " ") : fmt::format("{}: ", wrong.column), wrong.sentence,
               wrong.excerpt);
  }

  void skip() {
    if (several_ && !options_.form.json) put("\n");
  }

  void put(std::string const& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

  // Bytes that are no UTF-8 are replaced: JSON has no others.
  static std::string dumped(nlohmann::ordered_json const& object) {
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }

  formula_options const& options_;
  bool several_;
  int status_ = 0;
};

// What an option names is a variable of the formula, even where text has a number of that name: --wrt e.
std::vector<declaration> named_by(formula_options const& options) {
  std::vector<declaration> all;
  auto const add = [&](std::string const& name) {
    if (!name.empty() && !detail::is_plain_name(name)) all.push_back({name});
  };
  for (std::string const& name : options.wrt) add(name);
  for (auto const* bindings : {&options.with, &options.about, &options.form.at})
    for (binding const& b : *bindings) add(b.name);
  return all;
}

}  // namespace

int answer_formulas(formula_options const& options, answer_formula find) {
  session all(options, true);
  auto const named = named_by(options);
  int const status = all.run([&](std::string_view text, place const& at) {
    all.write(find(parse(text, named), options), all.object_of(text, at));
  });
  all.flush();
  return status;
}

int answer_formulas(formula_options const& options, answer_all find) {
  session all(options, false);
  auto const named = named_by(options);
  std::vector<std::optional<symbolic>> formulas;
  auto inputs = nlohmann::ordered_json::array();
  all.run([&](std::string_view text, place const&) {
    formulas.emplace_back();
    inputs.push_back(text);
    formulas.back() = parse(text, named);
  });
  all.write(find(formulas, options), {{"inputs", inputs}});
  all.flush();
  return all.status();
}

}  // namespace ddx::command
