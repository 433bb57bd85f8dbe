// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Defines a verb of the program: its help, its parameters, and its action; then the table of all
// verbs. Help, manual and completion are generated from this, so they cannot differ from what is
// parsed.
//
//   struct Options { std::string image; bool all = false; };
//
//   int run(const Options& options, Console& console);
//
//   Action prepare(Parameters& parameters) {
//     auto options = std::make_shared<Options>();
//     parameters.required("IMAGE", "the image", options->image);
//     parameters.flag("-a,--all", "everything", options->all);
//     return [options](Console& console) { return run(*options, console); };
//   }
//
// Parameters keep references to their targets, which must live as long as the action, as above.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/console.h"

namespace cim::cli {

/// The kind of words that a shell offers for the value of a parameter.
enum class Completes { kNothing, kFiles, kDirectories, kImages, kVerbs };

/// One positional argument, flag or option.
struct Parameter {
  using Target = std::variant<bool*, std::string*, std::optional<std::string>*,
                              std::optional<std::uint64_t>*, std::vector<std::string>*>;

  std::string_view names;    ///< "-l,--long"; "IMAGE" for a positional argument
  std::string_view value{};  ///< "DIR"; empty for flags and positional arguments
  std::string_view help;     ///< a phrase: lower case, no full stop
  Target target;
  bool is_required = false;
  Completes completes = Completes::kNothing;
  std::vector<std::string_view> choices{};  ///< the only values allowed; empty allows any

  bool is_positional() const noexcept { return !names.starts_with('-'); }
  bool is_flag() const noexcept { return std::holds_alternative<bool*>(target); }
  bool may_repeat() const noexcept {
    return std::holds_alternative<std::vector<std::string>*>(target);
  }
};

/// The parameters of a verb, in the order of its help.
class Parameters {
 public:
  /// Adds a required or optional positional argument. An optional one may precede others: required
  /// ones are assigned first.
  void required(std::string_view name, std::string_view help, std::string& into,
                Completes completes = Completes::kNothing);
  void optional(std::string_view name, std::string_view help, std::optional<std::string>& into,
                Completes completes = Completes::kNothing);

  /// Adds a positional argument that takes all words but those of required ones; there may be none.
  /// No optional argument can follow.
  void repeated(std::string_view name, std::string_view help, std::vector<std::string>& into,
                Completes completes = Completes::kNothing);

  void flag(std::string_view names, std::string_view help, bool& into);

  /// Adds an option with a value; with a vector as its target, it can be repeated.
  void option(std::string_view names, std::string_view value, std::string_view help,
              Parameter::Target into, Completes completes = Completes::kNothing,
              std::vector<std::string_view> choices = {});

  const std::vector<Parameter>& all() const noexcept { return parameters_; }

 private:
  std::vector<Parameter> parameters_;
};

/// Does the work; returns the exit status. Throws cim::Error and UsageError.
using Action = std::function<int(Console&)>;

/// An example in the manual: a command line and what it does.
struct Example {
  std::string_view command;  ///< as typed
  std::string_view meaning;  ///< a phrase
};

enum class JsonOutput { kNone, kSupported };

/// The meaning of the exit status: whether the work is done (0, 1), or, as for diff(1), whether
/// anything was found (0, 1), with 2 for failure.
enum class StatusMeaning { kDone, kFindings };

/// A row of the table of verbs. All texts have static storage duration.
struct Verb {
  std::string_view name;         ///< one word, or a group and a word: "layer import"
  std::string_view summary;      ///< a phrase: lower case, no full stop
  std::string_view description;  ///< sentences; an empty line separates paragraphs
  std::span<const Example> examples;
  JsonOutput json = JsonOutput::kNone;
  StatusMeaning status = StatusMeaning::kDone;
  Action (*prepare)(Parameters&) = nullptr;
};

// The verbs, each defined in the file of verbs/ that bears its name.
extern const Verb kCatVerb;
extern const Verb kCheckVerb;
extern const Verb kCpVerb;
extern const Verb kCreateVerb;
extern const Verb kDiffVerb;
extern const Verb kExportVerb;
extern const Verb kExtractVerb;
extern const Verb kFilesVerb;
extern const Verb kFindVerb;
extern const Verb kGcVerb;
extern const Verb kHelpVerb;
extern const Verb kHiveCheckVerb;
extern const Verb kHiveDiffVerb;
extern const Verb kHiveDumpVerb;
extern const Verb kHiveFindVerb;
extern const Verb kHiveGetVerb;
extern const Verb kHiveLsVerb;
extern const Verb kHiveMergeVerb;
extern const Verb kInfoVerb;
extern const Verb kLayerCommitVerb;
extern const Verb kLayerDestroyVerb;
extern const Verb kLayerExportVerb;
extern const Verb kLayerImportVerb;
extern const Verb kLayerPathVerb;
extern const Verb kLayerUsageVerb;
extern const Verb kLsVerb;
extern const Verb kMvVerb;
extern const Verb kOciExportVerb;
extern const Verb kOciImportVerb;
extern const Verb kOciPullVerb;
extern const Verb kOciPushVerb;
extern const Verb kOciTagsVerb;
extern const Verb kReportVerb;
extern const Verb kStatVerb;
extern const Verb kStoreCheckVerb;
extern const Verb kStoreGcVerb;
extern const Verb kStoreInspectVerb;
extern const Verb kStoreLsVerb;
extern const Verb kStoreRmVerb;
extern const Verb kStoreUsageVerb;
extern const Verb kTreeVerb;

/// The verbs that mount; none where cimlib is built without the mount server.
std::span<const Verb* const> mount_verbs();

/// Returns all verbs, in the order in which help shows them.
const std::vector<const Verb*>& all_verbs();

/// Returns the verb of that name, or null.
const Verb* find_verb(std::string_view name);

/// The first word of several verbs, as in "layer import".
struct VerbGroup {
  std::string_view name;
  std::string_view summary;
};
std::span<const VerbGroup> verb_groups();

/// Options that can be given with every verb, before or after it.
struct GlobalOptions {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};
void declare_global_options(Parameters& parameters, GlobalOptions& options);

/// Options that can be given instead of a verb; --help also after one.
struct HelpFlag {
  std::string_view names;
  std::string_view help;
};
inline constexpr HelpFlag kHelp = {"-h,--help", "show help and exit"};
inline constexpr HelpFlag kVersionFlag = {"--version", "show the version and features, and exit"};

}  // namespace cim::cli
