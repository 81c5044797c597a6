// Following the chain of the audit log from its first line to its last.
#include "scanner/inventory/audit_json.h"
#include "scanner/inventory/audit_log.h"

namespace keytrail::inventory {
namespace {

class Follower {
 public:
  explicit Follower(const std::optional<AuditPosition>& expected) : expected_(expected) {
    check_.last = {0, std::string(64, '0')};
  }

  // false: broken, the rest tells nothing.
  bool line(std::string_view text) {
    ++check_.lines;
    const auto link = parse_link(text);
    if (!link) return broken("it is no line of an audit log");
    if (link->is_cut) return first_cut(link->cut);
    if (link->sequence != check_.last.sequence + 1) {
      return broken("it has number " + std::to_string(link->sequence) + " where " +
                    std::to_string(check_.last.sequence + 1) + " is due: lines were removed, added or moved");
    }
    if (link->previous_hash != check_.last.hash) return broken("the line before it, or its link to it, was changed");
    check_.last = {link->sequence, line_hash(text)};
    note(*link);
    return true;
  }

  AuditCheck finish() {
    if (!check_.problem.empty()) return std::move(check_);
    if (has_cut_ && !cut_confirmed_) check_.problem = "line 1: no later line tells who removed the lines before it";
    if (check_.problem.empty() && expected_ && !expected_met_ && expected_->sequence > cut_.through) {
      check_.problem = check_.last.sequence < expected_->sequence
                           ? "the end is missing: the inventory remembers line number " +
                                 std::to_string(expected_->sequence) + ", the log ends with " +
                                 std::to_string(check_.last.sequence)
                           : "line number " + std::to_string(expected_->sequence) +
                                 " is another one than the inventory remembers: the log was written anew";
    }
    return std::move(check_);
  }

 private:
  bool broken(const std::string& what) {
    check_.problem = "line " + std::to_string(check_.lines) + ": " + what;
    return false;
  }

  bool first_cut(const AuditCut& cut) {
    if (check_.lines != 1) return broken("a cut record stands at the beginning alone");
    has_cut_ = true;
    cut_ = cut;
    check_.last = {cut.through, cut.hash};
    return true;
  }

  void note(const AuditLink& link) {
    if (expected_ && expected_->sequence == link.sequence) expected_met_ = expected_->hash == check_.last.hash;
    if (link.kind == "prune" && link.repeated_cut.through == cut_.through && link.repeated_cut.hash == cut_.hash) {
      cut_confirmed_ = true;
    }
  }

  std::optional<AuditPosition> expected_;
  AuditCheck check_;
  AuditCut cut_;
  bool has_cut_ = false;
  bool cut_confirmed_ = false;
  bool expected_met_ = false;
};

}  // namespace

Result<AuditCheck> AuditLog::verify(const std::optional<AuditPosition>& expected) const {
  Follower follower(expected);
  if (Status read = for_each([&](std::string_view line) { return follower.line(line); }); !read) {
    // No log is no broken one where nothing was ever written to it.
    if (read.error().code != ErrorCode::not_found) return read.error();
  }
  return follower.finish();
}

}  // namespace keytrail::inventory
