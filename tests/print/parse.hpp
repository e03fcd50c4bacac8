// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// An oracle for printed text: text with the usual precedences and values of names enter, its value leaves. It knows the names of
// primitives from the table and nothing of the printer.
#pragma once

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <ddx/primitive/table.hpp>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace oracle {

/// Reads, from the loosest: or, and, comparisons, + -, unary -, * /, ^ (to the right), atoms. Unary minus binds less than ^.
class text_value {
 public:
  text_value(std::string text, std::map<std::string, double> names)
      : text_(std::move(text)), names_(std::move(names)) {}

  double run() {
    double const result = disjunction();
    skip();
    if (at_ != text_.size()) fail();
    return result;
  }

 private:
  [[noreturn]] void fail() const { throw std::runtime_error("cannot read " + text_ + " at " + text_.substr(at_)); }
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(std::string const& word) {
    skip();
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }

  double disjunction() {
    double left = conjunction();
    while (take("or ")) left = (conjunction() != 0) | (left != 0);
    return left;
  }
  double conjunction() {
    double left = comparison();
    while (take("and ")) left = (comparison() != 0) & (left != 0);
    return left;
  }
  double comparison() {
    double const left = sum();
    if (take("<=")) return left <= sum();
    if (take(">=")) return left >= sum();
    if (take("==")) return left == sum();
    if (take("!=")) return left != sum();
    if (take("<")) return left < sum();
    if (take(">")) return left > sum();
    return left;
  }
  double sum() {
    double left = take("-") ? -product() : product();
    while (true) {
      if (take("+")) left = left + product();
      else if (take("-")) left = left - product();
      else return left;
    }
  }
  double product() {
    double left = power();
    while (true) {
      if (take("*")) left = left * power();
      else if (take("/")) left = left / power();
      else return left;
    }
  }
  double power() {
    double const base = atom();
    if (!take("^")) return base;
    return std::pow(base, power());
  }
  double atom() {
    skip();
    if (at_ == text_.size()) fail();
    if (take("(")) {
      double const inner = disjunction();
      if (!take(")")) fail();
      return inner;
    }
    if (std::isdigit(static_cast<unsigned char>(text_[at_]))) {
      char* end = nullptr;
      double const number = std::strtod(text_.c_str() + at_, &end);
      at_ = static_cast<std::size_t>(end - text_.c_str());
      return number;
    }
    std::string name;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_'))
      name += text_[at_++];
    if (take("(")) return call(name);
    if (name == "inf") return std::numeric_limits<double>::infinity();
    if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (auto const known = names_.find(name); known != names_.end()) return known->second;
    if (ddx::primitive const* op = find(name); op && op->arity == 0) return op->value(nullptr);
    fail();
  }
  double call(std::string const& name) {
    std::vector<double> operands;
    do operands.push_back(disjunction());
    while (take(","));
    if (!take(")")) fail();
    ddx::primitive const* const op = find(name);
    if (op == nullptr || op->arity != static_cast<int>(operands.size())) fail();
    return op->value(operands.data());
  }
  static ddx::primitive const* find(std::string const& name) { return ddx::find_primitive(ddx::hash_of(name)); }

  std::string text_;
  std::map<std::string, double> names_;
  std::size_t at_ = 0;
};

}  // namespace oracle
