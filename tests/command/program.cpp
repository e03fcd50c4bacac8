// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Command lines enter the ddx program of $DDX_BIN; its output, its status and its files leave.
#include <string>

#include "../data/idx_file.hpp"
#include "shell.hpp"

namespace {

// A small set in the files of Fashion-MNIST: images of class c are bright in the pixels c and c + 1 of 4 x 4, with
// noise.
struct small_set {
  small_set() {
    for (auto const* part : {"train", "t10k"}) {
      std::uint32_t const count = part == std::string("train") ? 1000 : 200;
      std::string images = idx_header({count, 4, 4}), labels = idx_header({count});
      std::uint32_t noise = 1;
      for (std::uint32_t i = 0; i < count; ++i) {
        auto const label = i % 10;
        for (std::uint32_t d = 0; d < 16; ++d) {
          noise = noise * 1664525u + 1013904223u;
          images += static_cast<char>((noise >> 25) + (d == label || d == label + 1 ? 120 : 0));
        }
        labels += static_cast<char>(label);
      }
      write_gzip(folder / (std::string(part) + "-images-idx3-ubyte.gz"), images);
      write_gzip(folder / (std::string(part) + "-labels-idx1-ubyte.gz"), labels);
    }
  }

  std::string train(std::string const& options = "") const {
    return "ddx train --data " + folder.path().string() + " --out " + out().string() + " " + options;
  }
  std::string predict(std::string const& options = "") const {
    return "ddx predict --data " + folder.path().string() + " --weights " + (out() / "weights.json").string() + " " +
           options;
  }
  std::filesystem::path out() const { return folder / "out"; }

  temporary_folder folder;
};

// Speeds differ from run to run.
std::string without_speed(std::string text) {
  for (std::size_t at = 0; (at = text.find(" images/s", at)) != std::string::npos; ++at) {
    std::size_t const begin = text.find_last_not_of("0123456789,", at - 1) + 1;
    text.erase(begin, at - begin);
    at = begin;
  }
  return text;
}

// Every digit as #, so that the form of a line is compared.
std::string form(std::string text) {
  for (char& c : text)
    if (c >= '0' && c <= '9') c = '#';
  return text;
}

}  // namespace

TEST_CASE("ddx train tells the seven steps and writes weights and pictures") {
  small_set const set;
  auto const [status, text] = shell(set.train("--batch 64 --epochs 3"));
  INFO(text);
  CHECK(status == 0);
  CHECK(has(text, "pullover (y = 0) or dress (y = 1): 200 training and 40 test images of 4 x 4 bytes\n"));
  CHECK(has(text, "baseline: the class whose mean image is nearest has test accuracy "));
  CHECK(has(text, "\n1 initialise  w and b uniform within 1/sqrt(16) = 0.2500, seed 1\n2 predict     p = sigmoid("));
  CHECK(has(text, "\n3 loss        bce = mean[n]("));
  CHECK(has(text, "\n4 gradient    d bce/dw = mean[n]("));
  CHECK(has(text, "\n              d bce/db = mean[n]("));
  CHECK(has(text, "\n5 step        w -= 0.1 * d bce/dw, b -= 0.1 * d bce/db\n"));
  CHECK(has(text, "\n6 repeat      4 steps an epoch, each one fused pass over a batch of 64 images\n"));
  CHECK(has(form(without_speed(text)),
            "\n              epoch #/#  train loss #.####  test accuracy #.####   images/s\n"));
  CHECK(has(text, " images/s\n7 stop        Stopped after epoch 3: 3 epochs are done.\n"));
  CHECK(!has(text, "\r"));
  CHECK(!has(text, "\033"));
  CHECK(std::filesystem::exists(set.out() / "weights.json"));
  for (auto const* picture : {"history.png", "weights.png"}) {
    if (has(text, "gnuplot is not installed")) {
      CHECK(has(text, "no " + (set.out() / picture).string() + ": gnuplot is not installed (Debian: gnuplot-nox)\n"));
    } else {
      CHECK(read_bytes(set.out() / picture).substr(0, 4) == "\x89PNG");
    }
  }
  for (auto const& entry : std::filesystem::directory_iterator(set.out()))
    CHECK(entry.path().filename().string()[0] != '.');
}

TEST_CASE("ddx train repeats itself for the same seed and not for another") {
  small_set const set;
  auto run = [&](std::string const& options) {
    auto const text = without_speed(shell(set.train(options)).text);
    return std::pair(text, read_bytes(set.out() / "weights.json"));
  };
  auto const first = run("--seed 5");
  CHECK(run("--seed 5") == first);
  CHECK(run("--seed 6").second != first.second);
}

TEST_CASE("ddx train learns two classes with either loss and either engine") {
  small_set const set;
  for (auto const* options :
       {"--classes 'ankle boot,1' --batch 20 --epochs 40", "--classes 5,7 --loss mnist --lr 2 --batch 20 --epochs 40",
        "--classes 5,7 --loss mnist --lr 2 --batch 20 --epochs 40 --engine tape"}) {
    auto const [status, text] = shell(set.train(options));
    INFO(text);
    CHECK(status == 0);
    CHECK(has(text, "\ntest accuracy 1.0000: 0 of 40 images wrong; the baseline has "));
  }
}

TEST_CASE("ddx train holds images out when it stops by the accuracy") {
  small_set const set;
  auto const [status, text] = shell(set.train("--batch 20 --epochs 200 --stop accuracy:0.95"));
  INFO(text);
  CHECK(status == 0);
  CHECK(has(text, "180 training, 20 validation and 40 test images"));
  CHECK(has(text, ": the validation accuracy "));
  CHECK(has(text, " has reached 0.95"));
}

TEST_CASE("ddx train says when the learning rate is too high or too low") {
  small_set const set;
  auto const high = shell(set.train("--lr 1e6"));
  INFO(high.text);
  CHECK(high.status == 1);
  CHECK(has(high.text, "; the initial parameters are put back.\n"));
  CHECK(has(high.text, "The learning rate 1e+06 is too high: try 100000, or scale the inputs to about 1.\n"));
  CHECK(std::filesystem::exists(set.out() / "weights.json"));
  auto const low = shell(set.train("--lr 1e-6"));
  INFO(low.text);
  CHECK(low.status == 0);
  CHECK(has(low.text, "the learning rate 1e-06 is too low: try 1e-05"));
}

TEST_CASE("ddx train succeeds without gnuplot and says so") {
  small_set const set;
  // A PATH that holds the program alone.
  auto const [status, text] =
      shell("mkdir " + (set.folder / "bin").string() + "; ln -s \"$(command -v ddx)\" " +
            (set.folder / "bin").string() + "; PATH=" + (set.folder / "bin").string() + "; " + set.train());
  INFO(text);
  CHECK(status == 0);
  CHECK(has(text, "no " + (set.out() / "history.png").string() + ": gnuplot is not installed (Debian: gnuplot-nox)\n"));
  CHECK(std::filesystem::exists(set.out() / "weights.json"));
  CHECK(!std::filesystem::exists(set.out() / "history.png"));
}

TEST_CASE("an interrupted ddx train finishes the epoch and saves") {
  small_set const set;
  std::string const log = (set.folder / "log").string();
  auto const [status, text] =
      shell(set.train("--epochs 1000000000") + " > " + log + " & job=$!; until grep -q 'epoch .*1/' " + log +
            "; do sleep 0.01; done; kill -INT $job; wait $job; code=$?; tail -n 8 " + log + "; exit $code");
  INFO(text);
  CHECK(status == 0);
  CHECK(has(text, "7 stop        Stopped after epoch "));
  CHECK(has(text, ": interrupted"));
  CHECK(has(text, "wrote " + (set.out() / "weights.json").string() + ", although interrupted\n"));
  CHECK(std::filesystem::exists(set.out() / "weights.json"));
}

TEST_CASE("ddx predict names the class of images and the accuracy") {
  small_set const set;
  REQUIRE(shell(set.train("--batch 20 --epochs 40")).status == 0);
  auto const all = shell(set.predict());
  CHECK(all.status == 0);
  CHECK(all.text ==
        "accuracy 1.0000: 40 of 40 images right\n"
        "  pullover: 20 named pullover, 0 named dress\n"
        "  dress: 0 named pullover, 20 named dress\n");

  auto const some = shell(set.predict("--index 2-3,9"));
  INFO(some.text);
  CHECK(some.status == 0);
  CHECK(has(form(some.text),
            "  image  class        probability  label\n"
            "      #  pullover          #.####  pullover\n"
            "      #  dress             #.####  dress\n"
            "      #  "));
  CHECK(has(some.text, "  ankle boot, neither of the two\naccuracy 1.0000: 2 of 2 images right\n"));

  write_bytes(set.folder / "own", idx_header({1, 4, 4}) + std::string("\0\0\0\xFF\xFF", 5) + std::string(11, '\0'));
  auto const own = shell(set.predict("--images " + (set.folder / "own").string()));
  INFO(own.text);
  CHECK(own.status == 0);
  CHECK(form(own.text) == "  image  class        probability\n      #  dress             #.####\n");

  write_bytes(set.folder / "wide", idx_bytes({1, 4, 5}));
  CHECK(shell(set.predict("--images " + (set.folder / "wide").string())).text ==
        "ddx: " + (set.folder / "wide").string() + ": images of 4 x 5, the weights are for 4 x 4\n");
  auto const beyond = shell(set.predict("--index 200"));
  CHECK(beyond.status == 2);
  CHECK(beyond.text == "ddx predict: --index: there is no image 200; the test set in " + set.folder.path().string() +
                           " has images 0 to 199\n");
}

TEST_CASE("wrong options are told in one line that says what they take") {
  auto check = [](std::string const& options, std::string const& line) {
    auto const [status, text] = shell("ddx " + options);
    CHECK(status == 2);
    CHECK(text == line + "\n");
  };
  check("train --lr abc", "ddx train: --lr: takes a number above 0, not 'abc'");
  check("train --lr -1", "ddx train: --lr: takes a number above 0, not '-1'");
  check("train --lr", "ddx train: --lr takes one NUMBER: learning rate, a number above 0");
  check("train --lr 1 --lr 2", "ddx train: --lr takes one NUMBER: learning rate, a number above 0");
  check("train --batch 0", "ddx train: --batch: takes a whole number from 1 up, not '0'");
  check("train --loss mse", "ddx train: --loss: takes bce or mnist, not 'mse'");
  check("train --engine eager", "ddx train: --engine: takes static or tape, not 'eager'");
  check("train --rate 3",
        "ddx train: '--rate' is not expected; it takes --help, --data, --classes, --loss, --engine, --lr, --batch, "
        "--epochs, "
        "--seed, "
        "--stop, --out");
  check("predict --index x",
        "ddx predict: --index: takes positions from 0 and ranges of them, such as 3,17,40-44, not 'x'");
  std::string const commands =
      "diff, grad, hessian, jacobian, taylor, simplify, expand, factor, collect, substitute, eval, check, print, plot, "
      "train, predict";
  check("trian", "ddx: there is no command 'trian', there are " + commands);
  check("", "ddx: a command is missing, there are " + commands + "; ddx --help says more");
}

TEST_CASE("missing data and weights are told in one line and leave nothing behind") {
  temporary_folder const folder;
  std::string const out = (folder / "out").string();
  auto const data = shell("ddx train --data " + (folder / "none").string() + " --out " + out);
  CHECK(data.status == 1);
  CHECK(data.text ==
        "ddx: " + (folder / "none").string() +
            ": no such folder; Debian's package dataset-fashion-mnist brings /usr/share/datasets/fashion-mnist\n");
  CHECK(!std::filesystem::exists(out));
  auto const weights = shell("ddx predict --weights " + out);
  CHECK(weights.status == 1);
  CHECK(weights.text == "ddx: " + out + ": no such file; ddx train writes one\n");
}

TEST_CASE("help goes to standard output and is no error") {
  for (auto const* command : {"ddx --help", "ddx train --help", "ddx predict --help"}) {
    auto const [status, text] = shell(std::string(command) + " 2>/dev/null");
    CHECK(status == 0);
    CHECK(has(text, "Usage: ddx"));
  }
}
