// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// damaged_hives DIR: writes a sound hive and one for each kind of damage that the tests know, and
// prints the name and the severity of each.

#include <filesystem>
#include <iostream>
#include <string>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "os/file.h"
#include "registry/damage_cases.h"

namespace {

using cim::test::DamageCase;
using cim::test::HiveFile;

void write(const std::filesystem::path& path, const HiveFile& hive) {
  cim::File::create_new(path).write_at(0, hive.bytes());
}

void write_cases(const std::filesystem::path& directory, const std::vector<DamageCase>& cases,
                 HiveFile (*sound)()) {
  for (const DamageCase& damage_case : cases) {
    HiveFile hive = sound();
    damage_case.damage(hive);
    write(directory / (damage_case.name + ".hive"), hive);
    std::cout << damage_case.name << ' ' << to_string(damage_case.severity) << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: damaged_hives DIR\n";
    return 2;
  }
  try {
    const std::filesystem::path directory = argv[1];
    write(directory / "sound.hive", cim::test::sample_hive());
    write(directory / "sound-delta.hive", cim::test::sample_delta());
    write_cases(directory, cim::test::damage_cases(), cim::test::sample_hive);
    write_cases(directory, cim::test::delta_damage_cases(), cim::test::sample_delta);
  } catch (const cim::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
