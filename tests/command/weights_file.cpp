// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Models and texts that are none enter; the same models and exact complaints leave.
#include "command/weights_file.hpp"

#include <cmath>
#include <limits>

#include "../data/idx_file.hpp"

using namespace ddx::command;

namespace {

saved_model example() {
  return {.trained = {{0.1f, -1.0f / 3, 1e-30f, std::numeric_limits<float>::max(),
                       std::numeric_limits<float>::denorm_min(), 0},
                      -0.75f},
          .classes = {9, 0},
          .class_names = {"ankle boot", "T-shirt/top"},
          .image_shape = {2, 3},
          .prediction = "sigmoid(\"x\")",
          .loss = loss_kind::mnist,
          .lr = 0.1,
          .batch = 256,
          .epochs = 10,
          .seed = 18446744073709551615u};
}

// The complaint about the example with one part of its text replaced.
std::string complaint_with(std::string const& part, std::string const& other) {
  temporary_folder const folder;
  auto const path = folder / "weights.json";
  write_weights(path, example());
  std::string text = read_bytes(path);
  auto const at = text.find(part);
  REQUIRE(at != std::string::npos);
  write_bytes(path, text.replace(at, part.size(), other));
  std::string const words = complaint([&] { read_weights(path); });
  REQUIRE(words.substr(0, path.string().size()) == path.string());
  CHECK(words.find('\n') == words.npos);
  return words.substr(path.string().size());
}

}  // namespace

TEST_CASE("weights come back as they were written") {
  temporary_folder const folder;
  auto const model = example();
  write_weights(folder / "weights.json", model);
  auto const back = read_weights(folder / "weights.json");
  CHECK(back.trained.w == model.trained.w);
  CHECK(back.trained.b == model.trained.b);
  CHECK(back.classes == model.classes);
  CHECK(back.class_names == model.class_names);
  CHECK(back.image_shape == model.image_shape);
  CHECK(back.prediction == model.prediction);
  CHECK(back.loss == model.loss);
  CHECK(back.lr == model.lr);
  CHECK(back.batch == model.batch);
  CHECK(back.epochs == model.epochs);
  CHECK(back.seed == model.seed);
  // Nothing else is left in the folder.
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("every float comes back from nine digits") {
  temporary_folder const folder;
  auto model = example();
  model.image_shape = {4096};
  model.trained.w.clear();
  float value = 1e-38f;
  for (int i = 0; i < 4096; ++i) model.trained.w.push_back((i % 2 ? -1.0f : 1.0f) * (value *= 1.0411f));
  write_weights(folder / "weights.json", model);
  CHECK(read_weights(folder / "weights.json").trained.w == model.trained.w);
}

TEST_CASE("what is no file of weights is refused") {
  temporary_folder const folder;
  auto const path = folder / "weights.json";
  std::string const name = path.string();
  CHECK(complaint([&] { read_weights(path); }) == name + ": no such file; ddx train writes one");
  CHECK(complaint([&] { read_weights(folder.path()); }) == folder.path().string() + ": is not a file");
  write_bytes(path, "");
  CHECK(complaint([&] { read_weights(path); }) == name + ":1:1: is not JSON: it breaks off");
  write_bytes(path, "{\"format\":\n  oops}");
  CHECK(complaint([&] { read_weights(path); }) == name + ":2:3: is not JSON");
  std::string const other = name + ": is JSON, but no weights of ddx (\"format\" must be \"ddx weights\")";
  for (auto const* text : {"[]", "{}", "3", "null", "{\"format\": 3}", "{\"format\": \"other\"}"}) {
    write_bytes(path, text);
    CHECK(complaint([&] { read_weights(path); }) == other);
  }
  write_bytes(path, std::string(200000, '['));
  CHECK(complaint([&] { read_weights(path); }) == name + ":1:200001: is not JSON: it breaks off");
}

TEST_CASE("a truncated file of weights is refused wherever it breaks off") {
  temporary_folder const folder;
  auto const path = folder / "weights.json";
  write_weights(path, example());
  std::string const text = read_bytes(path);
  for (std::size_t length = 0; length + 1 < text.size(); ++length) {
    CAPTURE(length);
    write_bytes(path, text.substr(0, length));
    CHECK(complaint([&] { read_weights(path); }) != "");
  }
}

TEST_CASE("a field of the wrong kind is named") {
  CHECK(complaint_with("\"version\": 1", "\"version\": 2") == ": \"version\" must be 1, it is 2");
  CHECK(complaint_with("\"version\": 1", "\"version\": 1.5") == ": \"version\" must be a whole number from 0 up");
  CHECK(complaint_with("\"lr\"", "\"lrr\"") == ": \"lr\" is missing");
  CHECK(complaint_with("\"lr\": 0.1", "\"lr\": \"0.1\"") == ": \"lr\" must be a number");
  CHECK(complaint_with("\"loss\": \"mnist\"", "\"loss\": \"mse\"") == ": \"loss\" takes bce or mnist, not 'mse'");
  CHECK(complaint_with("[9,0]", "[9]") == ": \"classes\" must be a list of two class numbers");
  CHECK(complaint_with("[9,0]", "[9,256]") == ": \"classes\" must be a list of two class numbers, element 1 is not");
  CHECK(complaint_with("[9,0]", "[9,-1]") == ": \"classes\" must be a list of two class numbers, element 1 is not");
  CHECK(complaint_with("\"ankle boot\"", "7") == ": \"class_names\" must be a list of two names, element 0 is not");
  CHECK(complaint_with("[2,3]", "[2,0]") == ": \"image_shape\" must be a list of extents, element 1 is not");
  CHECK(complaint_with("[2,3]", "[]") == ": \"image_shape\" must be a list of 1 to 3 extents");
  CHECK(complaint_with("[2,3]", "[65535,65535,65535]") ==
        ": \"w\" has 6 numbers, images of 65535 x 65535 x 65535 need 281462092005375");
  CHECK(complaint_with("[2,3]", "[28,28]") == ": \"w\" has 6 numbers, images of 28 x 28 need 784");
  CHECK(complaint_with("\"b\": -0.75", "\"b\": null") == ": \"b\" must be a finite number");
  CHECK(complaint_with("0.100000001", "1e300") == ": \"w\" must be a list of finite numbers, element 0 is not");
  CHECK(complaint_with("0.100000001", "1e999") == ": holds a number that is too large");
  CHECK(complaint_with("0.100000001", "\"a\"") == ": \"w\" must be a list of finite numbers, element 0 is not");
  CHECK(complaint_with("0.100000001", "nan").find("is not JSON") != std::string::npos);
}

TEST_CASE("weights that cannot be written leave the old file") {
  temporary_folder const folder;
  auto const path = folder / "none" / "weights.json";
  CHECK(complaint([&] { write_weights(path, example()); }) ==
        path.string() + ": cannot be written: No such file or directory");
}
