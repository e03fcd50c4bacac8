// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Words of options enter; values and exact complaints leave.
#include "command/option.hpp"

#include "../data/idx_file.hpp"

using namespace ddx::command;

TEST_CASE("numbers are read whole or refused") {
  CHECK(positive_number("0.1") == 0.1);
  CHECK(positive_number("1e-3") == 1e-3);
  for (auto const* text : {"", "0", "-1", "nan", "inf", "1x", " 1", "1e999", "+1"}) {
    CAPTURE(text);
    CHECK(complaint([&] { positive_number(text); }) == "takes a number above 0, not '" + std::string(text) + "'");
  }
  CHECK(whole_number("0", 0) == 0);
  CHECK(whole_number("18446744073709551615", 0) == 18446744073709551615u);
  for (auto const* text : {"", "0", "-1", "1.5", "18446744073709551616", "1 "}) {
    CAPTURE(text);
    CHECK(complaint([&] { whole_number(text, 1); }) ==
          "takes a whole number from 1 up, not '" + std::string(text) + "'");
  }
}

TEST_CASE("two classes are read by name or number") {
  CHECK(two_classes("pullover,dress") == std::vector<std::uint8_t>{2, 3});
  CHECK(two_classes("9,Bag") == std::vector<std::uint8_t>{9, 8});
  CHECK(complaint([] { two_classes("bag"); }) == "takes two classes, such as pullover,dress, not 'bag'");
  CHECK(complaint([] { two_classes("1,2,3"); }) == "takes two classes, such as pullover,dress, not '1,2,3'");
  CHECK(complaint([] { two_classes("bag,8"); }) == "takes two different classes, not bag twice");
}

TEST_CASE("positions are read as numbers and ranges") {
  CHECK(positions("7") == std::vector<std::size_t>{7});
  CHECK(positions("3,17,40-44") == std::vector<std::size_t>{3, 17, 40, 41, 42, 43, 44});
  CHECK(positions("5-5") == std::vector<std::size_t>{5});
  for (auto const* text : {"", "a", "1,", "5-3", "-3", "3-", "1-2-3", "1 2"}) {
    CAPTURE(text);
    CHECK(complaint([&] { positions(text); }) ==
          "takes positions from 0 and ranges of them, such as 3,17,40-44, not '" + std::string(text) + "'");
  }
  CHECK(complaint([] { positions("0-18446744073709551615"); }) == "takes at most 1000000 positions");
}

TEST_CASE("stopping rules are read with both binding tighter than either") {
  auto rules = parse_stop_rules("loss:0.5+accuracy:0.9,worse:2");
  CHECK(rules.uses_accuracy);
  CHECK(!rules.rule({.epoch = 1, .loss = 0.4, .metric = 0.8}));
  CHECK(!rules.rule({.epoch = 2, .loss = 0.6, .metric = 0.95}));
  CHECK(rules.rule({.epoch = 3, .loss = 0.45, .metric = 0.95, .metric_name = "accuracy"}) ==
        "the loss 0.45 has reached 0.5, and the accuracy 0.95 has reached 0.9, and the loss has not fallen for 2 "
        "epochs (best "
        "0.4, epoch 1)");
  CHECK(!parse_stop_rules("time:3,loss:1,worse:2").uses_accuracy);
  CHECK(parse_stop_rules("accuracy-worse:2").uses_accuracy);
}

TEST_CASE("stopping rules that make no sense are refused") {
  std::string const kinds =
      "takes loss:NUMBER, accuracy:NUMBER, time:SECONDS, worse:EPOCHS or accuracy-worse:EPOCHS, joined by , (either) "
      "or + "
      "(both), not ";
  CHECK(complaint([] { parse_stop_rules("los:1"); }) == kinds + "'los:1'");
  CHECK(complaint([] { parse_stop_rules(""); }) == kinds + "''");
  CHECK(complaint([] { parse_stop_rules("loss:1,"); }) == kinds + "''");
  CHECK(complaint([] { parse_stop_rules("loss"); }) == "loss: takes a number above 0, not ''");
  CHECK(complaint([] { parse_stop_rules("worse:0"); }) == "worse: takes a whole number from 1 up, not '0'");
  CHECK(complaint([] { parse_stop_rules("accuracy:97"); }) ==
        "accuracy: takes a share up to 1, such as 0.97, not '97'");
}
