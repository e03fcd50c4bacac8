// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A tensor enters; the text that PyTorch prints for it leaves. Source: the documented behaviour of torch.set_printoptions' default profile.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "tensor_cell.hpp"

namespace ddx::detail {
namespace {

constexpr int line_width = 80, edge_items = 3, precision = 4, indentation = 7;
constexpr index threshold = 1000;

struct printer {
  handle values;
  bool summarise;
  int width = 1;
  bool whole = true, scientific = false;

  explicit printer(handle const& h) : values(contiguous(h)), summarise(h->count > threshold) {
    set_contiguous_strides(*values);
    if (is_floating(h->kind)) choose_form();
    else each(0, 0, [&](index at) { widen(text(at)); });
  }

  double number(index at) const {
    return values->kind == element_kind::float32 ? data<float>(*values)[at] : data<double>(*values)[at];
  }

  /// The elements that are printed.
  template <class Visit>
  void each(int axis, index start, Visit const& visit) const {
    if (axis == values->sizes.rank()) return visit(start);
    index const extent = values->sizes[axis];
    for (index i = 0; i < extent; ++i) {
      if (summarise && extent > 2 * edge_items && i == edge_items) i = extent - edge_items;
      each(axis + 1, start + i * values->strides[axis], visit);
    }
  }

  void widen(std::string const& one) { width = std::max(width, static_cast<int>(one.size())); }

  void choose_form() {
    double largest = 0, smallest = INFINITY;
    each(0, 0, [&](index at) {
      double const x = number(at);
      if (!std::isfinite(x) || x == 0) return;
      largest = std::max(largest, std::abs(x));
      smallest = std::min(smallest, std::abs(x));
      whole = whole && x == std::ceil(x);
    });
    if (largest == 0) return;
    scientific = largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4);
    each(0, 0, [&](index at) {
      if (double const x = number(at); std::isfinite(x) && x != 0) widen(text(at));
    });
  }

  std::string text(index at) const {
    if (values->kind == element_kind::boolean) return data<bool>(*values)[at] ? "True" : "False";
    if (values->kind == element_kind::int64) return std::to_string(data<std::int64_t>(*values)[at]);
    double const x = number(at);
    if (std::isnan(x)) return "nan";
    if (scientific) return fmt::format("{:.{}e}", x, precision);
    if (whole) return fmt::format("{:.0f}{}", x, std::isfinite(x) ? "." : "");
    return fmt::format("{:.{}f}", x, precision);
  }
  std::string padded(index at) const {
    std::string const one = text(at);
    return std::string(static_cast<std::size_t>(std::max(0, width - static_cast<int>(one.size()))), ' ') + one;
  }

  std::string vector(index start, index extent, int indent) const {
    index const in_line = std::max(1, (line_width - indent) / (width + 2));
    std::string result = "[";
    index written = 0;
    auto const add = [&](std::string const& one) {
      if (written > 0)
        result += written % in_line == 0 ? ",\n" + std::string(static_cast<std::size_t>(indent + 1), ' ') : ", ";
      result += one;
      ++written;
    };
    for (index i = 0; i < extent; ++i) {
      if (summarise && extent > 2 * edge_items && i == edge_items) {
        add(" ...");
        i = extent - edge_items;
      }
      add(padded(start + i));
    }
    return result + "]";
  }

  std::string part(int axis, index start, int indent) const {
    int const left = values->sizes.rank() - axis;
    if (left == 0) return padded(start);
    index const extent = values->sizes[axis];
    if (left == 1) return vector(start, extent, indent);
    std::string const between = "," + std::string(static_cast<std::size_t>(left - 1), '\n') +
                                std::string(static_cast<std::size_t>(indent + 1), ' ');
    std::string result = "[";
    for (index i = 0; i < extent; ++i) {
      if (i > 0) result += between;
      if (summarise && extent > 2 * edge_items && i == edge_items) {
        result += "..." + between;
        i = extent - edge_items;
      }
      result += part(axis + 1, start + i * values->strides[axis], indent + 1);
    }
    return result + "]";
  }
};

constexpr char const* element_names[]{"bool", "int64", "float32", "float64"};

}  // namespace

std::string tensor_text(handle const& h) {
  std::vector<std::string> more;
  std::string result = "tensor(";
  std::string const element = std::string("dtype=") + element_names[static_cast<int>(h->kind)];
  if (h->count == 0) {
    result += "[]";
    if (h->sizes.rank() != 1) {
      std::string const extents = to_string(h->sizes);
      more.push_back("size=(" + extents.substr(1, extents.size() - 2) + ")");
    }
    if (h->kind != element_kind::float64) more.push_back(element);
  } else {
    result += printer(h).part(0, 0, indentation);
    if (h->kind == element_kind::float32) more.push_back(element);
  }
  if (h->history) more.push_back("grad_fn=<" + grad_name(*h->history) + ">");
  else if (h->requires_grad) more.push_back("requires_grad=True");
  // As the original counts: one more than the last line's length where there are several lines, two where there is one.
  auto const line = result.rfind('\n');
  std::size_t length = line == std::string::npos ? result.size() + 2 : result.size() - line + 1;
  for (std::string const& one : more) {
    if (length + one.size() + 2 > line_width) {
      result += ",\n" + std::string(indentation, ' ') + one;
      length = indentation + one.size();
    } else {
      result += ", " + one;
      length += one.size() + 2;
    }
  }
  return result + ")";
}

}  // namespace ddx::detail
