#include "scanner/cli/hook_message.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <set>
#include <string_view>

#include "scanner/cli/exit_code.h"
#include "scanner/report/unicode.h"

namespace keytrail::cli {
namespace {

using report::visible;

constexpr std::size_t kFindingsShown = 10;
constexpr std::size_t kPlacesShown = 3;
constexpr std::size_t kSkipsShown = 5;

// How a language writes a comment, and how it reads a variable of its environment.
struct Language {
  std::string_view extensions;  // " py pyi "
  std::string_view comment;     // "%" stands for its text
  std::string_view variable;
};
constexpr std::array kLanguages = {
    Language{" py pyi ", "# %", "os.environ[\"NAME\"]"},
    Language{" js jsx ts tsx mjs cjs vue ", "// %", "process.env.NAME"},
    Language{" go ", "// %", "os.Getenv(\"NAME\")"},
    Language{" java kt kts scala groovy gradle ", "// %", "System.getenv(\"NAME\")"},
    Language{" c h cc cpp hpp m swift rs dart php ", "// %", "getenv(\"NAME\")"},
    Language{" cs ", "// %", "Environment.GetEnvironmentVariable(\"NAME\")"},
    Language{" rb ", "# %", "ENV.fetch(\"NAME\")"},
    Language{" pl pm ", "# %", "$ENV{NAME}"},
    Language{" sql lua hs ", "-- %", ""},
    Language{" html htm xml xhtml md svg ", "<!-- % -->", ""},
    Language{" css scss less ", "/* % */", ""},
    Language{" ini ", "; %", ""},
    Language{" tf tfvars hcl ", "# %", "var.NAME"},
    Language{" sh bash zsh fish env yml yaml toml conf cfg properties dockerfile makefile mk r jl ps1 ", "# %",
             "$NAME"},
};
constexpr std::string_view kWithoutComments = " json ipynb csv tsv txt log pem key zip gz tar jar ";

// "py" of "a/b.py", "dockerfile" of "x/Dockerfile", "env" of ".env".
std::string kind_of(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  if (const std::size_t dot = name.rfind('.'); dot != std::string::npos) name = name.substr(dot + 1);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  return name;
}

const Language* language_of(const std::string& path) {
  const std::string word = " " + kind_of(path) + " ";
  for (const Language& language : kLanguages) {
    if (language.extensions.find(word) != std::string_view::npos) return &language;
  }
  return nullptr;
}

std::string short_id(const core::ObjectId& id) { return id.hex().substr(0, 10); }

std::string place_of(const core::Occurrence& occurrence) {
  std::string place;
  if (occurrence.kind == core::BlobKind::commit_message && occurrence.object) {
    place = "the message of commit " + short_id(*occurrence.object);
  } else if (occurrence.kind == core::BlobKind::tag_message && occurrence.object) {
    place = "the message of tag " + short_id(*occurrence.object);
  } else if (occurrence.path.empty() || occurrence.path.starts_with("!/")) {
    place = "blob " + (occurrence.object ? short_id(*occurrence.object) : "?") + visible(occurrence.path);
  } else {
    place = visible(occurrence.path);
  }
  place +=
      ":" + std::to_string(occurrence.position.start_line) + ":" + std::to_string(occurrence.position.start_column);
  if (occurrence.kind == core::BlobKind::git_blob && occurrence.home && occurrence.home->has_commit()) {
    place += "  in commit " + short_id(occurrence.home->commit);
    if (occurrence.home->removed_by) place += ", taken out again by " + short_id(*occurrence.home->removed_by);
  }
  return place;
}

class Message {
 public:
  Message(const Stopped& stopped, std::ostream& out)
      : stopped_(stopped), report_(stopped.outcome.report), what_(what_is_stopped(stopped.type)), out_(out) {
    for (const core::Finding& finding : report_.findings) {
      if (!finding.suppressed) findings_.push_back(&finding);
    }
  }

  void write() {
    if (findings_.empty() || stopped_.exit_code != kFindings) return write_incomplete();
    out_ << "keytrail: this " << what_ << " was stopped: it brings " << findings_.size()
         << (findings_.size() == 1 ? " secret.\n" : " secrets.\n");
    for (std::size_t i = 0; i < std::min(findings_.size(), kFindingsShown); ++i) write_finding(*findings_[i]);
    if (findings_.size() > kFindingsShown) out_ << "\n  and " << findings_.size() - kFindingsShown << " more\n";
    write_reason();
    write_ways_out();
    if (report_.incomplete()) write_skips();
  }

 private:
  void write_finding(const core::Finding& finding) {
    const ruleset::Rule* rule = stopped_.outcome.rules.find(finding.rule);
    out_ << '\n';
    const auto& places = finding.occurrences;
    for (std::size_t i = 0; i < std::min(places.size(), kPlacesShown); ++i) out_ << "  " << place_of(places[i]) << '\n';
    if (places.size() > kPlacesShown) out_ << "  and " << places.size() - kPlacesShown << " more places\n";
    const bool named = rule != nullptr && !rule->name.empty();
    out_ << "    " << (named ? visible(rule->name) + " (" + visible(finding.rule) + ")" : visible(finding.rule)) << ", "
         << core::to_string(finding.severity) << ": " << visible(finding.masked) << '\n';
    if (rule != nullptr && !rule->description.empty()) out_ << "    " << visible(rule->description) << '\n';
  }

  void write_reason() const {
    out_ << "\nWhy it matters: what is in a history is in every clone, fork and backup of it, for good; taking it out\n"
            "later does not bring it back. "
         << (stopped_.type == HookType::pre_commit ? "Now nobody else has seen it.\n"
             : is_server_hook(stopped_.type)       ? "The server has not kept this push.\n"
                                                   : "It has not left this machine yet.\n");
  }

  const core::Occurrence* first_place() const {
    return findings_.front()->occurrences.empty() ? nullptr : &findings_.front()->occurrences.front();
  }

  void write_ways_out() {
    const core::Occurrence* place = first_place();
    const std::string path = place != nullptr ? place->path : std::string();
    const std::string file = path.empty() ? std::string("the file") : visible(path.substr(0, path.find("!/")));
    out_ << "\nWays out:\n";
    write_remove(file, place);
    const Language* language = language_of(path);
    const std::string read = language != nullptr && !language->variable.empty()
                                 ? "read it from the environment: " + std::string(language->variable)
                                 : "read it when the program runs";
    out_ << "  2. It is needed: put it into the vault (secret store), and " << read << ".\n";
    write_allow(path);
    write_rotation();
  }

  void write_remove(const std::string& file, const core::Occurrence* place) {
    out_ << "  1. Take it out";
    if (stopped_.type == HookType::pre_commit) {
      out_ << " of " << file << ", `git add` the file, and commit again.\n";
      return;
    }
    const bool known = place != nullptr && place->home && place->home->has_commit();
    const bool message = place != nullptr && place->kind == core::BlobKind::commit_message && place->object;
    const std::string commit = known     ? short_id(place->home->commit)
                               : message ? short_id(*place->object)
                                         : std::string("COMMIT");
    out_ << " of the commit that brings it: `git rebase -i " << commit << "^`, mark " << commit
         << " as edit, mend it,\n     `git commit --amend`, `git rebase --continue`, and push again. A later commit "
            "that "
            "deletes it is not enough.\n";
  }

  void write_allow(const std::string& path) {
    const core::Finding& finding = *findings_.front();
    const std::string comment = path.find("!/") == std::string::npos ? allow_comment(path, finding.rule) : "";
    out_ << "  3. It is no secret: allow it, and say why.";
    if (!comment.empty()) out_ << " On its line:\n         " << comment << "\n     or";
    if (is_server_hook(stopped_.type)) {
      out_ << " ask those who run the server to allow fingerprint\n         " << finding.fingerprint << '\n';
      return;
    }
    out_ << " in .keytrail.toml:\n         [[allow]]\n         fingerprints = [\"" << finding.fingerprint
         << "\"]\n         reason = \"why it is none\"\n";
  }

  void write_rotation() {
    std::set<std::string_view> told;
    for (const core::Finding* finding : findings_) {
      const ruleset::Rule* rule = stopped_.outcome.rules.find(finding->rule);
      if (rule == nullptr || rule->rotate.empty() || told.size() == 3 || !told.insert(rule->rotate).second) continue;
      if (told.size() == 1) out_ << "If anybody else may have seen it, rotate it as well:\n";
      out_ << "     " << visible(rule->rotate) << '\n';
    }
  }

  void write_incomplete() {
    out_ << "keytrail: this " << what_ << " was stopped: "
         << (report_.interrupted ? "the scan was interrupted.\n" : "not all of it could be looked at.\n");
    write_skips();
  }

  void write_skips() {
    std::size_t shown = 0;
    std::size_t all = 0;
    for (const core::Skip& skip : report_.skips) {
      if (!core::is_incomplete(skip.reason) || ++all > kSkipsShown) continue;
      if (++shown == 1) out_ << "\nNot looked at:\n";
      out_ << "  " << visible(skip.path) << "  (" << core::to_string(skip.reason)
           << (skip.detail.empty() ? "" : ": " + visible(skip.detail)) << ")\n";
    }
    if (all > shown) out_ << "  and " << all - shown << " more\n";
  }

  const Stopped& stopped_;
  const core::ScanReport& report_;
  const std::string what_;
  std::ostream& out_;
  std::vector<const core::Finding*> findings_;
};

}  // namespace

std::string what_is_stopped(HookType type) { return type == HookType::pre_commit ? "commit" : "push"; }

std::string allow_comment(const std::string& path, const std::string& rule) {
  if (path.empty() || kWithoutComments.find(" " + kind_of(path) + " ") != std::string_view::npos) return {};
  const Language* language = language_of(path);
  std::string comment(language != nullptr ? language->comment : std::string_view("# %"));
  const std::string allow = std::string("keytrail:") + "allow " + rule + " -- why it is none";
  return comment.replace(comment.find('%'), 1, allow);
}

void write_hook_message(const Stopped& stopped, std::ostream& out) {
  Message(stopped, out).write();
  out.flush();
}

}  // namespace keytrail::cli
