#include "scanner/ruleset/rule_derive.h"

#include <algorithm>
#include <utility>

#include "scanner/base/text.h"
#include "scanner/ruleset/checks.h"
#include "scanner/ruleset/pattern.h"

namespace keytrail::ruleset {
namespace {

// Shorter literals stand everywhere. Of those that a rule names itself two bytes must do.
constexpr std::size_t kMinFoundAnchor = 3;
constexpr std::size_t kMinNamedAnchor = 2;

Error wrong(std::string_view key, std::string message) {
  return make_error(ErrorCode::invalid_argument, std::move(message), std::string(key));
}

Error bad_pattern(std::string_view key, std::string_view what, const Error& error) {
  return wrong(key,
               std::string(what) + ": " + error.message + (error.subject.empty() ? "" : " (" + error.subject + ")"));
}

bool is_id(std::string_view id) {
  bool hyphen = false;
  char previous = '-';
  for (const char c : id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!plain && (c != '-' || previous == '-')) return false;
    hyphen = hyphen || c == '-';
    previous = c;
  }
  return hyphen && previous != '-';
}

Anchor literal_anchor(const Pattern::Literal& literal) {
  Anchor anchor;
  anchor.text = literal.text;
  anchor.caseless = literal.caseless;
  anchor.min_width = anchor.max_width = static_cast<std::uint32_t>(literal.text.size());
  anchor.min_before = literal.min_before;
  anchor.max_before = literal.max_before;
  return anchor;
}

Anchor context_anchor(std::string_view word) {
  Anchor anchor;
  anchor.text = lower(word);
  anchor.caseless = true;
  anchor.place = AnchorPlace::context;
  anchor.min_width = anchor.max_width = static_cast<std::uint32_t>(word.size());
  return anchor;
}

Status check_lengths(std::string_view key, const std::vector<std::string>& anchors, std::size_t min_bytes) {
  for (const std::string& anchor : anchors) {
    if (anchor.size() >= min_bytes) continue;
    return wrong(key, "`" + anchor + "` is too short to look for: it needs " + std::to_string(min_bytes) + " bytes");
  }
  return {};
}

// Each name with each word that makes a credential of it, joined in the ways that code and prose join words.
void add_names(const std::vector<std::string>& names, Rule& rule) {
  for (const std::string& name : names) {
    for (const std::string_view word : {"api", "key", "token", "secret", "access"}) {
      for (const std::string_view joint : {"", "_", "-", " "}) {
        std::string made = name;
        made.append(joint).append(word);
        if (std::find(rule.context.begin(), rule.context.end(), made) == rule.context.end()) {
          rule.context.push_back(std::move(made));
        }
      }
    }
  }
}

// Whether each context word contains one of the anchors: then no match near a word lacks one.
bool cover_context(const std::vector<std::string>& anchors, const std::vector<std::string>& words) {
  const auto covered = [&](const std::string& word) {
    return std::any_of(anchors.begin(), anchors.end(),
                       [&](const std::string& anchor) { return word.find(lower(anchor)) != std::string::npos; });
  };
  return !words.empty() && std::all_of(words.begin(), words.end(), covered);
}

Status add_named_anchors(const RuleDraft& draft, const Pattern& pattern, Rule& rule) {
  const std::vector<std::string>& texts = *draft.anchors;
  if (Status status = check_lengths("anchors", texts, kMinNamedAnchor); !status) return status;
  if (const auto places = pattern.places_of(texts, draft.anchors_caseless)) {
    for (const Pattern::Literal& literal : *places) rule.anchors.push_back(literal_anchor(literal));
  } else if (cover_context(texts, rule.context)) {
    for (const std::string& text : texts) rule.anchors.push_back(context_anchor(text));
  } else if (!draft.anchor_patterns.empty()) {
    // Together with the anchor patterns they may be enough; nobody knows where they stand.
    for (const std::string& text : texts) {
      const Pattern::Literal literal{text, draft.anchors_caseless, 0, rule.max_width};
      rule.anchors.push_back(literal_anchor(literal));
    }
  } else {
    return wrong("anchors",
                 !rule.context.empty()
                     ? "a match can lack all of these anchors: they must stand in every match or every context word"
                     : "a match can lack all of these anchors: one of them must stand in every match");
  }
  return {};
}

// Whether both patterns begin with the same elements, so that the anchor stands at the begin of the match.
bool begins_like(std::string_view anchor, std::string_view pattern) {
  constexpr std::size_t kEnough = 12;
  const std::size_t size = std::min(anchor.size(), pattern.size());
  const auto [a, b] =
      std::mismatch(anchor.begin(), anchor.begin() + static_cast<std::ptrdiff_t>(size), pattern.begin());
  // The common part must hold a whole element: it ends outside of any bracket at least once.
  int depth = 0;
  std::size_t whole = 0;
  for (const char* at = anchor.data(); at != &*a; ++at) {
    if (*at == '\\' && at + 1 != &*a) {
      ++at;
    } else if (*at == '(' || *at == '[') {
      ++depth;
    } else if (*at == ')' || *at == ']') {
      --depth;
    }
    if (depth == 0) whole = static_cast<std::size_t>(at - anchor.data()) + 1;
  }
  return whole >= kEnough;
}

// Those that a pattern anchor is looked for by. One byte alone stands everywhere, and a set of hundreds is no help.
std::vector<AnchorLiteral> literals_of(const Pattern& pattern) {
  constexpr std::size_t kMinBytes = 2;
  constexpr std::size_t kMaxLiterals = 64;
  std::vector<AnchorLiteral> literals = pattern.guarded_literals(kMinBytes);
  if (literals.size() > kMaxLiterals) literals.clear();
  return literals;
}

Status add_anchor_patterns(const std::vector<std::string>& patterns, Rule& rule) {
  for (const std::string& text : patterns) {
    const Result<Pattern> pattern = Pattern::parse(text);
    if (!pattern) return bad_pattern("anchor_patterns", "bad anchor pattern", pattern.error());
    if (pattern->min_width() < kMinNamedAnchor) {
      return wrong("anchor_patterns", "an anchor pattern must match at least 2 bytes");
    }
    Anchor anchor;
    anchor.text = text;
    anchor.is_pattern = true;
    anchor.min_width = pattern->min_width();
    anchor.max_width = pattern->max_width();
    anchor.max_before = begins_like(text, rule.pattern) ? 0 : rule.max_width;
    anchor.literals = literals_of(*pattern);
    rule.anchors.push_back(std::move(anchor));
  }
  return {};
}

Status add_anchors(const RuleDraft& draft, const Pattern& pattern, Rule& rule) {
  if (draft.anchors && !draft.anchors->empty()) {
    if (Status status = add_named_anchors(draft, pattern, rule); !status) return status;
  } else if (draft.anchor_patterns.empty() && rule.kind == RuleKind::context) {
    if (Status status = check_lengths("context", rule.context, kMinFoundAnchor); !status) return status;
    for (const std::string& word : rule.context) rule.anchors.push_back(context_anchor(word));
  } else if (draft.anchor_patterns.empty()) {
    for (const Pattern::Literal& literal : pattern.required_literals(kMinFoundAnchor)) {
      rule.anchors.push_back(literal_anchor(literal));
    }
  }
  if (Status status = add_anchor_patterns(draft.anchor_patterns, rule); !status) return status;
  if (!rule.anchors.empty()) return {};
  return wrong("pattern", "no literal of 3 bytes stands in every match: give `anchors` or `anchor_patterns`");
}

Status set_block(const std::string& block, Rule& rule) {
  if (rule.kind != RuleKind::block) {
    if (block.empty()) return {};
    return wrong("block", "only rules of the kind `block` have a block");
  }
  const std::optional<CheckId> check = parse_check(block);
  if (check != CheckId::pem && check != CheckId::ppk) {
    return wrong("block", "a rule of the kind `block` needs block = \"pem\" or \"ppk\"");
  }
  if (rule.check != CheckId::none && rule.check != *check) {
    return wrong("check", "the check of this block is `" + block + "`: leave the key out");
  }
  rule.check = *check;
  rule.block_bytes = kBlockBytes;
  return {};
}

Status set_run(const RuleDraft& draft, Rule& rule) {
  if (draft.run.empty()) {
    if (draft.run_bytes) return wrong("run_bytes", "there is no run that it could limit");
    return {};
  }
  if (rule.kind == RuleKind::block) return wrong("run", "a block has no run");
  // A class that repeats must not border its match: these are its members.
  const Result<Pattern> pattern = Pattern::parse(draft.run + "{1,2}");
  if (!pattern || draft.run.front() != '[' || pattern->max_width() != 2) {
    return wrong("run", "a run is one class of bytes, such as [0-9a-z]");
  }
  rule.run = pattern->border_behind();
  rule.has_run = true;
  rule.block_bytes = draft.run_bytes.value_or(kRunBytes);
  return {};
}

Status check_written(const Rule& rule) {
  if (!is_id(rule.id)) {
    return wrong("id",
                 "`" + rule.id + "` is no rule id: it must be like provider-kind, in lower case letters and digits");
  }
  for (const std::string& alias : rule.aliases) {
    if (!is_id(alias)) return wrong("aliases", "`" + alias + "` is no rule id");
  }
  if (rule.name.empty()) return wrong("name", "a rule needs a name");
  if (rule.provider.empty()) return wrong("provider", "a rule needs a provider");
  if (rule.negative_examples.empty()) return wrong("negative", "a rule needs a text that it must not match");
  if (rule.kind == RuleKind::context && rule.context.empty()) {
    return wrong("context", "a rule of the kind `context` needs context words: `context` or `names`");
  }
  if (rule.check_decides && rule.check == CheckId::none) {
    return wrong("check_decides", "there is no check that could decide");
  }
  for (const std::string& text : rule.allow) {
    const Result<Pattern> pattern = Pattern::parse(text);
    if (!pattern) return bad_pattern("allow", "bad allow pattern", pattern.error());
  }
  return {};
}

// What ends in letters or digits of some sort is a piece of something longer where any letter or digit follows, and
// where a name goes on with an underscore.
void close_word(ByteSet& border) {
  const ByteSet word = Pattern::parse("[0-9A-Za-z_]{1,2}")->border_behind();
  bool any = false;
  for (std::size_t i = 0; i < border.size(); ++i) any = any || (border[i] & word[i]) != 0;
  for (std::size_t i = 0; any && i < border.size(); ++i) border[i] |= word[i];
}

Status derive_shape(const RuleDraft& draft, const Pattern& pattern, Rule& rule) {
  rule.min_width = pattern.min_width();
  rule.max_width = pattern.max_width();
  if (rule.min_width == 0) return wrong("pattern", "the pattern matches the empty text");
  const std::uint32_t groups = pattern.groups();
  rule.secret_group = draft.secret_group.value_or(groups > 0 ? 1 : 0);
  if (rule.secret_group > groups) {
    return wrong("secret_group", "the pattern has " + std::to_string(groups) + " groups");
  }
  if (draft.wants_borders) {
    rule.border_before = pattern.border_before();
    rule.border_behind = pattern.border_behind();
    if (rule.kind == RuleKind::token || rule.kind == RuleKind::context) close_word(rule.border_behind);
  }
  if (rule.kind == RuleKind::token || rule.kind == RuleKind::context || rule.kind == RuleKind::block) {
    rule.public_prefix = static_cast<std::uint32_t>(pattern.literal_prefix(rule.secret_group).size());
  }
  return {};
}

}  // namespace

Result<Rule> derive_rule(RuleDraft draft) {
  Rule rule = std::move(draft.rule);
  add_names(draft.names, rule);
  for (std::string& word : rule.context) word = lower(word);
  if (Status status = set_block(draft.block, rule); !status) return status.error();
  if (Status status = set_run(draft, rule); !status) return status.error();
  if (Status status = check_written(rule); !status) return status.error();
  const Result<Pattern> pattern = Pattern::parse(rule.pattern);
  if (!pattern) return bad_pattern("pattern", "bad pattern", pattern.error());
  if (Status status = derive_shape(draft, *pattern, rule); !status) return status.error();
  if (Status status = add_anchors(draft, *pattern, rule); !status) return status.error();
  if (rule.window() > kMaxWindow) {
    return wrong("pattern", "the window of this rule is " + std::to_string(rule.window()) +
                                " bytes, over the limit of " + std::to_string(kMaxWindow) +
                                ": bound its repetitions lower");
  }
  return rule;
}

}  // namespace keytrail::ruleset
