#include "scanner/scan/worker.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "scanner/base/hash.h"
#include "scanner/core/known_values.h"
#include "scanner/core/masked.h"
#include "scanner/scan/allow_comment.h"

namespace keytrail::scan {
namespace {

constexpr std::string_view kFingerprintSalt = "keytrail finding 1";
constexpr std::size_t kFingerprintBytes = 16;

// UTF-16 read as UTF-8.
class Utf8Stream : public core::ByteStream {
 public:
  Utf8Stream(core::ByteStream& inner, bool big_endian) : inner_(inner), big_endian_(big_endian) {}

  Result<std::size_t> read(char* buffer, std::size_t capacity) override {
    while (utf8_.size() - given_ < capacity && !at_end_) {
      if (Status filled = fill(); !filled) return filled.error();
    }
    const std::size_t count = std::min(capacity, utf8_.size() - given_);
    std::memcpy(buffer, utf8_.data() + given_, count);
    given_ += count;
    if (given_ == utf8_.size()) {
      utf8_.clear();
      given_ = 0;
    }
    return count;
  }

 private:
  Status fill() {
    constexpr std::size_t kStep = std::size_t{256} << 10;
    const std::size_t before = raw_.size();
    raw_.resize(before + kStep);
    const auto got = inner_.read(raw_.data() + before, kStep);
    raw_.resize(before + (got ? *got : 0));
    if (!got) return got.error();
    at_end_ = *got < kStep;
    // Units are whole and a high surrogate waits for its other half, unless nothing more comes.
    std::size_t usable = raw_.size() & ~std::size_t{1};
    if (!at_end_ && usable >= 2) {
      const char high = raw_[usable - (big_endian_ ? 2 : 1)];
      if ((static_cast<unsigned char>(high) & 0xFCU) == 0xD8U) usable -= 2;
    }
    engine::append_utf8(std::string_view(raw_).substr(0, usable), big_endian_, utf8_);
    raw_.erase(0, usable);
    return {};
  }

  core::ByteStream& inner_;
  std::string raw_;
  bool big_endian_;
  std::string utf8_;
  std::size_t given_ = 0;
  bool at_end_ = false;
};

// What derived blobs inherit.
struct ScannedText : core::BlobState {
  engine::TextState text;
};

// Skips that say something of a blob which was scanned all the same.
bool is_partial(core::SkipReason reason) {
  switch (reason) {
    case core::SkipReason::encoded_rest:
    case core::SkipReason::binary_rest:
    case core::SkipReason::archive_limit:
    case core::SkipReason::archive_corrupt:
    case core::SkipReason::archive_encrypted:
    case core::SkipReason::shallow:
    case core::SkipReason::budget:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string display_name(const core::BlobOrigin& origin) {
  if (!origin.object) return origin.path;
  return std::string(core::to_string(origin.kind)) + " " + origin.object->hex() + origin.path;
}

std::string fingerprint_of(std::string_view rule, std::string_view secret) {
  std::string text(kFingerprintSalt);
  text += '\0';
  text += rule;
  text += '\0';
  text += secret;
  return to_hex(sha256(text).data(), kFingerprintBytes);
}

Worker::Worker(const engine::Engine& engine, engine::Scratch scratch, const WorkerLimits& limits)
    : engine_(engine),
      scratch_(std::move(scratch)),
      limits_(limits),
      known_rule_(engine.rules().index_of(core::kKnownRule)) {}

void Worker::count(std::uint64_t bytes) {
  // No other thread writes: a plain add, published for the progress display.
  bytes_.store(bytes_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
}

void Worker::skip(core::SkipReason reason, std::string path, std::string detail) {
  if (!is_partial(reason)) ++whole_skips_;
  skips_.push_back({reason, std::move(path), std::move(detail)});
}

void Worker::add_earlier(std::vector<Record> records, std::vector<core::Skip> skips, std::vector<std::string> notes) {
  std::move(records.begin(), records.end(), std::back_inserter(records_));
  for (core::Skip& skip : skips) this->skip(skip.reason, std::move(skip.path), std::move(skip.detail));
  std::move(notes.begin(), notes.end(), std::back_inserter(notes_));
}

bool Worker::only_corrupt_since(const Mark& mark) const {
  const auto is_corrupt = [](const core::Skip& skip) { return skip.reason == core::SkipReason::archive_corrupt; };
  return blobs_done() == mark.blobs &&
         std::any_of(skips_.begin() + static_cast<std::ptrdiff_t>(mark.skips), skips_.end(), is_corrupt);
}

void Worker::count_blob() { blobs_.store(blobs_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }

std::unique_ptr<core::BlobState> Worker::scan_bytes(std::string_view bytes, const core::BlobOrigin& origin,
                                                    const core::Derivation* derivation) {
  count_blob();
  count(bytes.size());
  Piece piece{bytes, 0, UINT64_MAX, {}, false};
  const engine::Encoding encoding = engine::detect_encoding(bytes);
  const bool is_utf16 = encoding == engine::Encoding::utf16_little || encoding == engine::Encoding::utf16_big;
  piece.binary = encoding == engine::Encoding::binary;
  const bool cut = piece.binary && bytes.size() > limits_.max_binary_bytes;
  if (is_utf16) {
    utf8_.clear();
    engine::append_utf8(bytes, encoding == engine::Encoding::utf16_big, utf8_);
    piece.text = utf8_;
  } else if (cut) {
    piece.text = bytes.substr(0, limits_.max_binary_bytes);
    skip(core::SkipReason::binary_rest, display_name(origin),
         "only the first " + std::to_string(limits_.max_binary_bytes >> 20) + " MiB of this binary were scanned");
  }
  // What was scanned is not what runs are copied from: neither give nor take.
  if (is_utf16 || cut || derivation == nullptr) {
    scan_piece(piece, origin);
    return nullptr;
  }
  if (!derivation->keep) {
    scan_piece(piece, origin, derivation);
    return nullptr;
  }
  auto state = std::make_unique<ScannedText>();
  scan_piece(piece, origin, derivation, &state->text);
  return state;
}

// Windows overlap by twice what a rule can look at, and the border between two of them is in the middle of the overlap:
// a match that begins before it is seen whole by the first window, one behind it by the second.
Status Worker::scan_stream(const core::BlobOrigin& origin, core::ByteStream& bytes) {
  std::string head(engine::kEncodingHeadBytes, '\0');
  const auto peeked = bytes.read(head.data(), head.size());
  if (!peeked) return peeked.error();
  head.resize(*peeked);
  const engine::Encoding encoding = engine::detect_encoding(head);
  core::PrefixedStream whole(head, bytes);
  Utf8Stream utf8(whole, encoding == engine::Encoding::utf16_big);
  const bool is_utf16 = encoding == engine::Encoding::utf16_little || encoding == engine::Encoding::utf16_big;
  core::ByteStream& text = is_utf16 ? static_cast<core::ByteStream&>(utf8) : whole;

  const std::size_t overlap = 2 * (std::size_t{engine_.max_window()} + kCommentReach);
  const std::size_t capacity = std::max(limits_.window_bytes, 4 * overlap);
  window_.resize(capacity);
  Piece piece;
  piece.binary = encoding == engine::Encoding::binary;
  undecoded_named_ = false;
  std::size_t kept = 0;
  std::uint64_t total = 0;
  while (true) {
    const auto got = text.read(window_.data() + kept, capacity - kept);
    if (!got) return got.error();
    count(*got);
    total += *got;
    const bool last = *got < capacity - kept;
    piece.text = std::string_view(window_).substr(0, kept + *got);
    piece.high = last ? UINT64_MAX : piece.text.size() - overlap / 2;
    scan_piece(piece, origin);
    const bool enough = piece.binary && total > limits_.max_binary_bytes;
    if (enough && !last) {
      skip(core::SkipReason::binary_rest, display_name(origin),
           "only the first " + std::to_string(total >> 20) + " MiB of this binary were scanned");
    }
    if (last || enough) {
      count_blob();
      return {};
    }
    const std::size_t moved = piece.text.size() - overlap;
    piece.start = PositionCounter(piece.text, piece.start).at(moved);
    std::memmove(window_.data(), window_.data() + moved, overlap);
    kept = overlap;
    piece.low = overlap / 2;
  }
}

void Worker::budget_skip(const core::BlobOrigin& origin, const Status& scanned, std::uint64_t cut) {
  if (!scanned) {
    skip(core::SkipReason::budget, display_name(origin), scanned.error().message);
  } else if (cut > 0) {
    skip(core::SkipReason::budget, display_name(origin), "matches over the limit of one blob were left out");
  }
}

void Worker::scan_piece(const Piece& piece, const core::BlobOrigin& origin, const core::Derivation* derivation,
                        engine::TextState* keep) {
  matches_.clear();
  const std::uint64_t cut_before = scratch_.counts().cut;
  const std::uint64_t undecoded_before = scratch_.counts().undecoded;
  const auto* base = derivation == nullptr ? nullptr : static_cast<const ScannedText*>(derivation->base);
  const bool copied = base != nullptr && derivation->copies != nullptr;
  const Status scanned = copied ? engine_.scan_copied(piece.text, base->text, derivation->base_size,
                                                      *derivation->copies, scratch_, matches_, keep)
                                : engine_.scan(piece.text, scratch_, matches_, keep);
  budget_skip(origin, scanned, scratch_.counts().cut - cut_before);
  // Of a stream once, whatever its windows are.
  if (scratch_.counts().undecoded > undecoded_before && !(piece.low > 0 && undecoded_named_)) {
    skip(core::SkipReason::encoded_rest, display_name(origin), "of long encoded text only the first part was decoded");
    undecoded_named_ = true;
  }
  if (matches_.empty()) return;
  // Secrets do not overlap and are sorted, so begins and ends ascend together.
  PositionCounter counter(piece.text, piece.start);
  for (const core::Match& match : matches_) {
    if (match.secret.begin < piece.low || match.secret.begin >= piece.high) continue;
    if (piece.binary && engine_.rules().rules()[match.rule].kind == ruleset::RuleKind::generic && !is_known(match)) {
      continue;
    }
    const auto start = counter.at(match.secret.begin);
    const auto end = counter.at(match.secret.end);
    record(match, {start.line, start.column, end.line, end.column}, piece, origin);
  }
}

bool Worker::is_known(const core::Match& match) const {
  return known_rule_ && std::binary_search(match.related.begin(), match.related.end(), *known_rule_);
}

void Worker::record(const core::Match& match, const core::Position& position, const Piece& piece,
                    const core::BlobOrigin& origin) {
  const ruleset::Rule& rule = engine_.rules().rules()[match.rule];
  const std::string_view secret = core::secret_of(match, piece.text);
  Record record;
  record.rule = match.rule;
  record.severity = match.severity;
  record.confidence = match.confidence;
  record.fingerprint = fingerprint_of(rule.first_id(), secret);
  record.masked = core::mask(secret, rule.public_prefix);
  if (limits_.keep_secrets) record.secret = std::string(secret);
  record.related = match.related;
  record.facts = match.facts;
  if (limits_.probe != nullptr) record.token = limits_.probe->identify({secret, rule.id, match.facts});
  record.occurrence = {origin.kind, origin.path, position, origin.object, std::nullopt};
  AllowComment comment = find_allow_comment(piece.text, match.secret, engine_.rules(), match.rule);
  if (comment.allowed) {
    record.comment = core::Suppression{core::Suppression::Kind::comment, std::move(comment.reason), {}};
  } else if (!comment.unknown_rule.empty()) {
    notes_.push_back(display_name(origin) + ":" + std::to_string(position.start_line) + ": keytrail:allow names \"" +
                     comment.unknown_rule + "\", which is no rule (keytrail rules list); it allows nothing");
  }
  if (limits_.imported != nullptr) record.marks = limits_.imported->marks(match, engine_.rules(), piece.text);
  records_.push_back(std::move(record));
}

void Worker::add_to(core::Stats& stats) const {
  stats.blobs_scanned += blobs_done() + archives_;
  stats.bytes_scanned += bytes_done();
  stats.blobs_skipped += whole_skips_;
  stats.blobs_seen += blobs_done() + archives_ + whole_skips_;
  stats.archives_opened += archives_;
  stats.fresh_bytes += scratch_.counts().fresh_bytes;
  stats.candidates += scratch_.counts().candidates;
  stats.pattern_matches += scratch_.counts().pattern_matches;
  stats.matches += scratch_.counts().matches;
}

}  // namespace keytrail::scan
