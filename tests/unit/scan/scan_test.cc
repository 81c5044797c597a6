#include "scanner/scan/scan.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

#include "scanner/base/thread.h"
#include "scanner/engine/text.h"
#include "tests/support/catch.h"
#include "tests/support/made_text.h"

using namespace keytrail;
using namespace keytrail::scan;
using tests::made_body;

namespace {

constexpr std::string_view kRules = R"(
[[rule]]
id = "key-token"
name = "Key"
provider = "Test"
pattern = 'kk_[0-9a-z]{20}'
negative = ["kk_short"]
[[rule]]
id = "key-in-docs"
name = "Key that counts in docs only"
provider = "Test"
confidence = "medium"
pattern = 'dd_[0-9a-z]{20}'
paths = ["docs/**"]
negative = ["dd_short"]
)";

struct Input {
  core::BlobOrigin origin;
  std::string bytes;
  bool as_stream = false;
};

// A source over a list, dealt to the threads in turn.
class ListSource : public core::HistorySource {
 public:
  explicit ListSource(std::vector<Input> inputs) : inputs_(std::move(inputs)) {}
  Status run(core::Sink& sink, unsigned threads) override {
    std::vector<Status> results(threads);
    run_workers(threads, [&](unsigned worker) {
      for (std::size_t i = worker; i < inputs_.size(); i += threads) {
        const Input& input = inputs_[i];
        if (input.as_stream) {
          core::MemoryStream stream(input.bytes);
          sink.stream(worker, input.origin, stream);
        } else {
          sink.blob(worker, {input.bytes, &input.origin});
        }
      }
    });
    return {};
  }
  Result<core::Homes> locate(const std::vector<core::ObjectId>& wanted, core::Sink&) override {
    wanted_ = wanted;
    return homes_;
  }
  std::uint64_t commit_count() const override { return 3; }
  std::string tip() const override { return {}; }
  std::string remote_uri() const override { return {}; }

  core::Homes homes_;
  std::vector<core::ObjectId> wanted_;

 private:
  std::vector<Input> inputs_;
};

class FailingStream : public core::ByteStream {
 public:
  Result<std::size_t> read(char*, std::size_t) override { return make_error(ErrorCode::permission_denied, "no", "x"); }
};

struct Fixture {
  ruleset::RuleSet rules;
  engine::Engine engine;

  static Fixture make() {
    auto rules = ruleset::RuleSet::parse(kRules, "test.toml");
    REQUIRE(rules);
    return Fixture(std::move(*rules));
  }
  explicit Fixture(ruleset::RuleSet set) : rules(std::move(set)), engine(build(rules)) {}
  static engine::Engine build(const ruleset::RuleSet& rules) {
    auto engine = engine::Engine::build(rules, {});
    REQUIRE(engine);
    return std::move(*engine);
  }

  core::ScanReport scan(ListSource& source, unsigned threads = 1, bool history = false,
                        std::size_t window_bytes = 8U << 20) const {
    ScanOptions options;
    options.threads = threads;
    options.limits.window_bytes = window_bytes;
    options.min_confidence = core::Confidence::low;
    Suppressions none({}, {}, "2026-11-20");
    auto report = run_scan(source, history ? &source : nullptr, nullptr, engine, none, options);
    REQUIRE(report);
    return std::move(*report);
  }
};

using Place = std::pair<std::uint64_t, std::uint64_t>;

std::set<Place> places(const core::ScanReport& report) {
  std::set<Place> places;
  for (const core::Finding& finding : report.findings) {
    for (const core::Occurrence& o : finding.occurrences)
      places.insert({o.position.start_line, o.position.start_column});
  }
  return places;
}

Input file(std::string path, std::string bytes, bool as_stream = false) {
  return {{core::BlobKind::file, std::move(path), std::nullopt}, std::move(bytes), as_stream};
}

}  // namespace

TEST_CASE("a stream in windows finds what the whole text finds, at the same places") {
  const Fixture fixture = Fixture::make();
  std::mt19937 random(11);
  for (int round = 0; round < 30; ++round) {
    std::string text;
    while (text.size() < 60'000) {
      switch (random() % 6) {
        case 0:
          text += " kk_" + made_body(random) + " ";
          break;
        case 1:
          text += "\n";
          break;
        case 2:
          text += "\xC3\xA9\xF0\x9F\x94\x91";
          break;
        default:
          text += std::string(random() % 300, 'x');
      }
    }
    ListSource whole({file("a", text)});
    ListSource windows({file("a", text, true)});
    const auto expected = places(fixture.scan(whole));
    REQUIRE(expected.size() > 10);
    CHECK(places(fixture.scan(windows, 1, false, 16'000)) == expected);
  }
}

TEST_CASE("a secret across every window border is found once") {
  const Fixture fixture = Fixture::make();
  std::mt19937 random(12);
  // Windows of a size that does not divide the distance of the secrets: borders fall on every part of one.
  for (std::size_t shift = 0; shift < 40; ++shift) {
    std::string text(shift, '.');
    while (text.size() < 200'000) text += ' ' + ("kk_" + made_body(random)) + ' ' + std::string(12, '.');
    ListSource whole({file("a", text)});
    ListSource source({file("a", text, true)});
    const auto report = fixture.scan(source, 1, false, 16'000);
    CHECK(report.findings.size() == fixture.scan(whole).findings.size());
    CHECK(report.findings.size() > 5000);
    for (const auto& finding : report.findings) REQUIRE(finding.occurrences.size() == 1);
  }
}

TEST_CASE("UTF-16 is read with or without a mark, whole and in windows, and columns count characters") {
  const Fixture fixture = Fixture::make();
  std::mt19937 random(13);
  const std::string secret = "kk_" + made_body(random);
  const std::u16string text = u"first line\r\n" + std::u16string(300'000, u'.') + u" \U0001F511" +
                              std::u16string(secret.begin(), secret.end()) + u" ";
  for (const bool big : {false, true}) {
    for (const bool mark : {false, true}) {
      for (const bool as_stream : {false, true}) {
        std::string bytes;
        if (mark) bytes = big ? "\xFE\xFF" : "\xFF\xFE";
        for (const char16_t unit : text) {
          const char low = static_cast<char>(unit & 0xFF);
          const char high = static_cast<char>(unit >> 8);
          bytes += big ? high : low;
          bytes += big ? low : high;
        }
        ListSource source({file("a", bytes, as_stream)});
        const auto report = fixture.scan(source, 1, false, 16'000);
        CHECK(places(report) == std::set<Place>{{2, 300'003}});
      }
    }
  }
}

TEST_CASE("half a surrogate pair becomes one replacement character") {
  std::string out;
  engine::append_utf8(std::string_view("\x00\xD8\x41\x00", 4), false, out);
  CHECK(out == "\xEF\xBF\xBD\x41");
}

TEST_CASE("one, two and eight threads give the same report") {
  const Fixture fixture = Fixture::make();
  std::mt19937 random(14);
  std::vector<Input> inputs;
  const std::string shared = "kk_" + made_body(random);
  for (int i = 0; i < 200; ++i) {
    inputs.push_back(
        file("dir/" + std::to_string(i), "x = kk_" + made_body(random) + "\ny = " + shared + "\n", i % 3 == 0));
  }
  ListSource source(inputs);
  const auto one = fixture.scan(source, 1);
  REQUIRE(one.findings.size() == 201);
  for (const unsigned threads : {2U, 8U}) {
    const auto other = fixture.scan(source, threads);
    REQUIRE(other.findings.size() == one.findings.size());
    for (std::size_t i = 0; i < one.findings.size(); ++i) {
      CHECK(other.findings[i].fingerprint == one.findings[i].fingerprint);
      REQUIRE(other.findings[i].occurrences.size() == one.findings[i].occurrences.size());
      for (std::size_t k = 0; k < one.findings[i].occurrences.size(); ++k) {
        CHECK(other.findings[i].occurrences[k].path == one.findings[i].occurrences[k].path);
      }
    }
  }
}

TEST_CASE("a fingerprint follows rule and value, and holds neither") {
  const std::string secret = "a value";
  CHECK(fingerprint_of("r-a", secret) == fingerprint_of("r-a", secret));
  CHECK(fingerprint_of("r-a", secret) != fingerprint_of("r-b", secret));
  CHECK(fingerprint_of("r-a", secret) != fingerprint_of("r-a", "another value"));
  CHECK(fingerprint_of("r", "-ax") != fingerprint_of("r-a", "x"));
  CHECK(fingerprint_of("r-a", secret).size() == 32);
}

TEST_CASE("a blob becomes an occurrence at each of its homes, and path filters look at those") {
  const Fixture fixture = Fixture::make();
  std::mt19937 random(15);
  const auto id = *core::ObjectId::from_hex(std::string(40, '1'));
  const auto commit = *core::ObjectId::from_hex(std::string(40, '2'));
  ListSource source(
      {{{core::BlobKind::git_blob, "", id}, "kk_" + made_body(random) + "\ndd_" + made_body(random), false}});
  core::Home in_docs;
  in_docs.path = "docs/a.md";
  in_docs.commit = commit;
  core::Home elsewhere = in_docs;
  elsewhere.path = "src/a.c";
  source.homes_[id] = {in_docs, elsewhere};
  const auto report = fixture.scan(source, 1, true);
  CHECK(source.wanted_ == std::vector<core::ObjectId>{id});
  std::map<std::string, std::size_t> count;
  for (const auto& finding : report.findings) count[finding.rule] = finding.occurrences.size();
  CHECK(count == std::map<std::string, std::size_t>{{"key-in-docs", 1}, {"key-token", 2}});
  CHECK(report.stats.commits == 3);
}

TEST_CASE("a stream that cannot be read is a skip, and seen is scanned and skipped") {
  const Fixture fixture = Fixture::make();
  class Source : public core::Source {
   public:
    Status run(core::Sink& sink, unsigned) override {
      const core::BlobOrigin origin{core::BlobKind::file, "bad", std::nullopt};
      FailingStream stream;
      sink.stream(0, origin, stream);
      const core::BlobOrigin good{core::BlobKind::file, "good", std::nullopt};
      sink.blob(0, {"text", &good});
      sink.skip(0, core::SkipReason::ignored, "left/", "");
      return {};
    }
  } source;
  Suppressions none({}, {}, "2026-11-20");
  const auto report = run_scan(source, nullptr, nullptr, fixture.engine, none, {});
  REQUIRE(report);
  CHECK(report->incomplete());
  CHECK(report->stats.blobs_scanned == 1);
  CHECK(report->stats.blobs_skipped == 2);
  CHECK(report->stats.blobs_seen == 3);
  REQUIRE(report->skips.size() == 2);
  CHECK(report->skips[1].path == "bad");
}

TEST_CASE("an allow comment suppresses its occurrence and leaves the others") {
  const Fixture fixture = Fixture::make();
  std::mt19937 random(16);
  const std::string secret = "kk_" + made_body(random);
  ListSource source({file("a", secret + " # keytrail:allow -- made up\n" + secret + "\n")});
  const auto report = fixture.scan(source);
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings[0].fingerprint == report.findings[1].fingerprint);
  const auto& allowed = report.findings[0].suppressed ? report.findings[0] : report.findings[1];
  REQUIRE(allowed.suppressed);
  CHECK(allowed.suppressed->reason == "made up");
  CHECK(allowed.occurrences.front().position.start_line == 1);
}

TEST_CASE("secrets are kept only when asked for") {
  const Fixture fixture = Fixture::make();
  std::mt19937 random(17);
  const std::string secret = "kk_" + made_body(random);
  ListSource source({file("a", secret)});
  CHECK(fixture.scan(source).findings.at(0).secret.empty());
  ScanOptions options;
  options.limits.keep_secrets = true;
  Suppressions none({}, {}, "2026-11-20");
  CHECK(run_scan(source, nullptr, nullptr, fixture.engine, none, options).value().findings.at(0).secret == secret);
}
