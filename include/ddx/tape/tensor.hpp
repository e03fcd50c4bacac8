// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Numbers enter; tensors leave: arrays whose operations are recorded as they run, so that gradients can follow any control flow.
#pragma once

#include <ranges>
#include <span>
#include <vector>

#include "../primitive/operand.hpp"
#include "tensor_gradient.hpp"
#include "tensor_operator.hpp"
#include "tensor_view.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx {

template <class Element = double>
class tensor;

namespace detail {

template <class Type>
inline constexpr bool is_tensor = false;
template <class Element>
inline constexpr bool is_tensor<tensor<Element>> = true;

/// What literals of a type become elements of: integers int64, others themselves.
template <class Number>
using element_for = element_of<element_kind_of<Number>>;

/// A number of any type on its way into a tensor.
template <class Element>
struct tensor_element {
  Element value;
  template <Arithmetic Number>
  constexpr tensor_element(Number number) : value(static_cast<Element>(number)) {}
  constexpr explicit operator Element() const { return value; }
};

template <class Type>
inline constexpr element_kind kind_in = element_kind::boolean;
template <class Element>
inline constexpr element_kind kind_in<tensor<Element>> = element_kind_of<Element>;

}  // namespace detail

/// An n-dimensional array of double, float, std::int64_t or bool: a handle, so copies share elements, gradient and history. Numbers in
/// braces make vectors and matrices: `ddx::tensor({{1., 2.}, {3., 4.}})`; without any a tensor is a vector of no
/// elements, to be set later. Functions and operators of the primitive table apply element by element; shapes broadcast from the last axis on. What depends on a tensor that requires gradients is recorded while no `no_grad` lives.
/// A tensor and those made from it belong to one thread at a time. Throws error, whose sentence tells the shapes; nothing is changed then.
template <class Element>
class tensor : public viewed<tensor<Element>>,
               public differentiated<tensor<Element>>,
               public detail::operated<tensor<Element>> {
  static_assert(std::is_same_v<Element, double> || std::is_same_v<Element, float> ||
                    std::is_same_v<Element, std::int64_t> || std::is_same_v<Element, bool>,
                "ddx::tensor<T>: elements are double, float, std::int64_t or bool");

 public:
  using value_type = Element;
  static constexpr detail::element_kind kind = detail::element_kind_of<Element>;

  /// A vector of no elements, of shape [0]: a member or an element of a container before it is set.
  tensor() : handle_(detail::tensor_filled(kind, {0}, 0)) {}
  template <Arithmetic Number>
  explicit tensor(Number number) : handle_(detail::tensor_filled(kind, {}, number)) {}
  template <Arithmetic Number>
  tensor(std::initializer_list<Number> values) {
    fill({length(values)}, [&](auto const& put) { put(values); });
  }
  template <Arithmetic Number>
  tensor(std::initializer_list<std::initializer_list<Number>> rows) {
    auto const width = rows.begin()->size();
    fill({length(rows), length(*rows.begin())}, [&](auto const& put) {
      for (auto row : rows) require_length(row, width), put(row);
    });
  }
  template <Arithmetic Number>
  tensor(std::initializer_list<std::initializer_list<std::initializer_list<Number>>> layers) {
    auto const height = layers.begin()->size(), width = layers.begin()->begin()->size();
    fill({length(layers), length(*layers.begin()), length(*layers.begin()->begin())}, [&](auto const& put) {
      for (auto rows : layers) {
        require_length(rows, height);
        for (auto row : rows) require_length(row, width), put(row);
      }
    });
  }
  /// Numbers of several types, as in `ddx::tensor<double>({1, 2.5})`.
  tensor(std::initializer_list<detail::tensor_element<Element>> values) {
    fill({length(values)}, [&](auto const& put) { put(values); });
  }
  tensor(std::initializer_list<std::initializer_list<detail::tensor_element<Element>>> rows) {
    auto const width = rows.begin()->size();
    fill({length(rows), length(*rows.begin())}, [&](auto const& put) {
      for (auto row : rows) require_length(row, width), put(row);
    });
  }
  /// A copy of any contiguous numbers, as a vector or in a shape.
  template <std::ranges::contiguous_range Range>
    requires std::is_same_v<std::ranges::range_value_t<Range>, Element>
  explicit tensor(Range const& values)
      : tensor(values, ddx::shape{static_cast<std::ptrdiff_t>(std::ranges::size(values))}) {}
  template <std::ranges::contiguous_range Range>
    requires std::is_same_v<std::ranges::range_value_t<Range>, Element>
  tensor(Range const& values, ddx::shape const& sizes) {
    if (static_cast<std::ptrdiff_t>(std::ranges::size(values)) != sizes.count())
      throw error("tensor: " + std::to_string(std::ranges::size(values)) + " elements have no shape " +
                  to_string(sizes));
    handle_ = detail::tensor_from(kind, sizes, std::ranges::data(values));
  }
  explicit tensor(detail::handle h) : handle_(std::move(h)) {}

  tensor(tensor const&) = default;
  tensor(tensor&&) = default;
  ~tensor() = default;
  /// The handle is set to another tensor…
  tensor& operator=(tensor const&) & = default;
  tensor& operator=(tensor&&) & = default;
  /// … but `x[0] = y` and their like change the elements of x.
  void operator=(tensor const& values) && { copy_(values); }
  void operator=(Element value) && { fill_(value); }

  /// Throws error where the tensor was moved to another one and not set since.
  detail::handle const& shared_handle() const {
    if (handle_.get() == nullptr) [[unlikely]]
      detail::refuse_moved_tensor();
    return handle_;
  }

  // ---- looking

  ddx::shape const& shape() const { return detail::tensor_shape(shared_handle()); }
  int rank() const { return shape().rank(); }
  /// The extent of an axis; negative numbers count from behind the last. Throws error where there is no such axis.
  std::ptrdiff_t size(int axis) const { return detail::tensor_extent(shared_handle(), axis, "size"); }
  std::ptrdiff_t numel() const { return shape().count(); }

  /// The only element. Throws error if there are others.
  Element item() const {
    if constexpr (std::is_same_v<Element, std::int64_t>) return detail::tensor_whole_item(shared_handle());
    else return static_cast<Element>(detail::tensor_item(shared_handle()));
  }
  explicit operator bool() const { return item() != Element(0); }
  std::vector<Element> to_vector() const {
    detail::handle whole = shared_handle();
    auto const* const from = static_cast<Element const*>(detail::tensor_elements(whole));
    return std::vector<Element>(from, from + numel());
  }
  /// The elements where they are, valid as long as the tensor; those of a view that is not contiguous throw error. Changes through the
  /// pointer are not noticed by backward passes.
  Element* data() const { return static_cast<Element*>(detail::tensor_own_elements(shared_handle())); }
  bool is_contiguous() const { return detail::tensor_is_contiguous(shared_handle()); }
  tensor contiguous() const { return is_contiguous() ? *this : clone(); }

  /// A copy with elements of its own; gradients pass.
  tensor clone() const { return tensor(detail::tensor_clone(shared_handle())); }
  template <class Other>
  tensor<Other> to() const {
    return tensor<Other>(detail::tensor_convert(shared_handle(), tensor<Other>::kind));
  }

  // ---- reductions: of all elements, or along axes, which stay with extent 1 if `keep`

  auto sum(std::initializer_list<int> axes = {}, bool keep = false, call_site site = {}) const {
    return reduced<whole_result>(detail::reduction::sum, axes, keep, site);
  }
  auto sum(int axis, bool keep = false, call_site site = {}) const { return sum({axis}, keep, site); }
  auto mean(std::initializer_list<int> axes = {}, bool keep = false, call_site site = {}) const {
    return reduced<float_result>(detail::reduction::mean, axes, keep, site);
  }
  auto mean(int axis, bool keep = false, call_site site = {}) const { return mean({axis}, keep, site); }
  /// Elements that tie share the gradient evenly.
  tensor max(std::initializer_list<int> axes = {}, bool keep = false, call_site site = {}) const {
    return reduced<Element>(detail::reduction::max, axes, keep, site);
  }
  tensor max(int axis, bool keep = false, call_site site = {}) const { return max({axis}, keep, site); }
  tensor min(std::initializer_list<int> axes = {}, bool keep = false, call_site site = {}) const {
    return reduced<Element>(detail::reduction::min, axes, keep, site);
  }
  tensor min(int axis, bool keep = false, call_site site = {}) const { return min({axis}, keep, site); }
  auto prod(std::initializer_list<int> axes = {}, bool keep = false, call_site site = {}) const {
    return reduced<whole_result>(detail::reduction::prod, axes, keep, site);
  }
  auto prod(int axis, bool keep = false, call_site site = {}) const { return prod({axis}, keep, site); }
  auto logsumexp(std::initializer_list<int> axes = {}, bool keep = false, call_site site = {}) const {
    return reduced<float_result>(detail::reduction::logsumexp, axes, keep, site);
  }
  auto logsumexp(int axis, bool keep = false, call_site site = {}) const { return logsumexp({axis}, keep, site); }
  /// The Euclidean norm.
  auto norm(std::initializer_list<int> axes = {}, bool keep = false, call_site site = {}) const {
    return reduced<float_result>(detail::reduction::norm, axes, keep, site);
  }
  auto norm(int axis, bool keep = false, call_site site = {}) const { return norm({axis}, keep, site); }
  auto softmax(int axis, call_site site = {}) const {
    return tensor<float_result>(detail::tensor_softmax(shared_handle(), axis, false, site.where));
  }
  auto log_softmax(int axis, call_site site = {}) const {
    return tensor<float_result>(detail::tensor_softmax(shared_handle(), axis, true, site.where));
  }
  /// The number of the first largest (smallest) element along an axis, or of all elements in order.
  tensor<std::int64_t> argmax(int axis, bool keep = false) const {
    return tensor<std::int64_t>(detail::tensor_where_largest(shared_handle(), axis, keep, false));
  }
  tensor<std::int64_t> argmin(int axis, bool keep = false) const {
    return tensor<std::int64_t>(detail::tensor_where_largest(shared_handle(), axis, keep, true));
  }
  tensor<std::int64_t> argmax() const { return this->flatten().argmax(0); }
  tensor<std::int64_t> argmin() const { return this->flatten().argmin(0); }

  // ---- products and parts

  tensor matmul(tensor const& other, call_site site = {}) const {
    return floating<&detail::tensor_matmul>(other, site);
  }
  tensor mm(tensor const& other, call_site site = {}) const { return floating<&detail::tensor_mm>(other, site); }
  tensor mv(tensor const& other, call_site site = {}) const { return floating<&detail::tensor_mv>(other, site); }
  tensor dot(tensor const& other, call_site site = {}) const { return floating<&detail::tensor_dot>(other, site); }
  tensor gather(int axis, tensor<std::int64_t> const& at) const {
    return tensor(detail::tensor_gather(shared_handle(), axis, at.shared_handle()));
  }
  tensor index_select(int axis, tensor<std::int64_t> const& at) const {
    return tensor(detail::tensor_index_select(shared_handle(), axis, at.shared_handle()));
  }

  // ---- changes in place

  template <class Other>
  tensor& add_(Other const& other, call_site site = {}) {
    return updated<::ddx::add_>(other, "add_", site);
  }
  template <class Other>
  tensor& sub_(Other const& other, call_site site = {}) {
    return updated<subtract_>(other, "sub_", site);
  }
  template <class Other>
  tensor& mul_(Other const& other, call_site site = {}) {
    return updated<multiply_>(other, "mul_", site);
  }
  template <class Other>
  tensor& div_(Other const& other, call_site site = {}) {
    return updated<divide_>(other, "div_", site);
  }
  tensor& copy_(tensor const& values) {
    detail::tensor_copy(shared_handle(), values.shared_handle());
    return *this;
  }
  tensor& fill_(Element value) {
    detail::tensor_fill(shared_handle(), value, "fill_");
    return *this;
  }
  tensor& zero_() {
    detail::tensor_fill(shared_handle(), 0, "zero_");
    return *this;
  }

 private:
  using whole_result = std::conditional_t<std::is_floating_point_v<Element>, Element, std::int64_t>;
  using float_result = std::conditional_t<std::is_floating_point_v<Element>, Element, double>;

  template <class Values>
  static std::ptrdiff_t length(Values const& values) {
    return static_cast<std::ptrdiff_t>(values.size());
  }
  template <class Values>
  static void require_length(Values const& values, std::size_t count) {
    if (values.size() != count) throw error("tensor: rows of one length are required in a nested list");
  }
  template <class Generate>
  void fill(ddx::shape const& sizes, Generate const& generate) {
    handle_ = detail::tensor_filled(kind, sizes, 0);
    Element* to = data();
    generate([&](auto values) {
      for (auto value : values) *to++ = static_cast<Element>(value);
    });
  }

  template <class Result>
  tensor<Result> reduced(detail::reduction which, std::initializer_list<int> axes, bool keep, call_site site) const {
    return tensor<Result>(
        detail::tensor_reduce(which, shared_handle(), std::span(axes.begin(), axes.size()), keep, site.where));
  }
  template <auto Product>
  tensor floating(tensor const& other, call_site site) const {
    static_assert(std::is_floating_point_v<Element>,
                  "ddx::tensor: products of matrices are of floating-point numbers; write to<double>() first");
    return tensor(Product(shared_handle(), other.shared_handle(), site.where));
  }
  template <class Record, class Other>
  tensor& updated(Other const& other, char const* name, call_site const& site) {
    static_assert(std::is_floating_point_v<Element> || std::is_same_v<result_of<Record, tensor, Other>, tensor>,
                  "ddx::tensor: a change in place cannot make a tensor of whole numbers one of floating-point numbers; "
                  "write x = x + y");
    algebra<tensor>::template update<Record>(site, name, *this, other);
    return *this;
  }
  template <class Other>
  friend class tensor;
  friend class detail::operated<tensor>;

  detail::handle handle_;
};

template <Arithmetic Number>
tensor(Number) -> tensor<detail::element_for<Number>>;
template <Arithmetic Number>
tensor(std::initializer_list<Number>) -> tensor<detail::element_for<Number>>;
template <Arithmetic Number>
tensor(std::initializer_list<std::initializer_list<Number>>) -> tensor<detail::element_for<Number>>;
template <Arithmetic Number>
tensor(std::initializer_list<std::initializer_list<std::initializer_list<Number>>>)
    -> tensor<detail::element_for<Number>>;
template <std::ranges::contiguous_range Range>
tensor(Range const&) -> tensor<std::ranges::range_value_t<Range>>;
template <std::ranges::contiguous_range Range>
tensor(Range const&, shape const&) -> tensor<std::ranges::range_value_t<Range>>;

}  // namespace ddx

#pragma GCC diagnostic pop
