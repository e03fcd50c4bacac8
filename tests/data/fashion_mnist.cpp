// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Names of classes and folders enter; numbers, data sets and exact complaints leave.
#include <ddx/data/fashion_mnist.hpp>

#include "idx_file.hpp"

using namespace ddx::data::fashion_mnist;

TEST_CASE("a class is known by its name in any case, or by its number") {
  for (std::size_t i = 0; i < class_names.size(); ++i) {
    CHECK(class_number(class_names[i]) == i);
    CHECK(class_number(std::to_string(i)) == i);
  }
  CHECK(class_number("PULLOVER") == 2);
  CHECK(class_number("ankle-boot") == 9);
  CHECK(class_number("AnkleBoot") == 9);
  CHECK(class_number("t-shirt") == 0);
  CHECK(class_number("top") == 0);
}

TEST_CASE("an unknown class is told with the nearest one") {
  std::string const list =
      " (0 T-shirt/top, 1 trouser, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker, 8 bag, 9 ankle boot)";
  CHECK(complaint([] { class_number("pulover"); }) == "unknown class 'pulover': did you mean pullover?" + list);
  CHECK(complaint([] { class_number("tshirts"); }) == "unknown class 'tshirts': did you mean T-shirt/top?" + list);
  CHECK(complaint([] { class_number("trousers"); }) == "unknown class 'trousers': did you mean trouser?" + list);
  CHECK(complaint([] { class_number("xyzzy"); }) == "unknown class 'xyzzy'" + list);
  for (auto const* text : {"", "10", "-1", "2.0", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK(complaint([&] { class_number(text); }) != "");
  }
}

TEST_CASE("the files are found gzipped or not") {
  temporary_folder const folder;
  write_gzip(folder / "train-images-idx3-ubyte.gz", idx_bytes({4, 2, 3}));
  write_bytes(folder / "train-labels-idx1-ubyte", idx_bytes({4}));
  CHECK(load_train(folder.path()).size() == 4);
  CHECK(complaint([&] { load_test(folder.path()); }) ==
        folder.path().string() +
            ": has no t10k-images-idx3-ubyte.gz, nor without .gz; Debian's package dataset-fashion-mnist puts them in "
            "/usr/share/datasets/fashion-mnist");
  CHECK(complaint([&] { load_train(folder / "none"); }) ==
        (folder / "none").string() +
            ": no such folder; Debian's package dataset-fashion-mnist brings /usr/share/datasets/fashion-mnist");
}
