// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// import_threads PARENT_DIR (TAR LAYER_DIR)...: imports every tar on top of one parent, each in a
// thread of its own, all at once.

#include <atomic>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/layer.h"

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.size() < 3 || words.size() % 2 == 0) {
    std::cerr << "usage: import_threads PARENT_DIR (TAR LAYER_DIR)...\n";
    return 2;
  }
  std::atomic<bool> all_good = true;
  std::mutex telling;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < words.size(); i += 2) {
      threads.emplace_back([&, i] {
        try {
          cim::layer::import_tar(words[i], words[i + 1], {words[0]});
        } catch (const cim::Error& error) {
          const std::lock_guard lock(telling);
          std::cerr << words[i + 1] << ": " << error.what() << '\n';
          all_good = false;
        }
      });
    }
  }
  return all_good ? 0 : 1;
}
