// The pack walk and nothing else: every object of the given packs is inflated and expanded once, and counted. What a
// scan takes beyond this is what looking for credentials costs.
//
//   walk [--threads N] [--trees] [--inserted] FILE.idx…
//
// --trees: then the trees as well, in a second walk, as a sweep that found something does. --inserted: counts the bytes
// that no delta copied. Prints one line of JSON.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/pack/pack_file.h"
#include "scanner/pack/pack_walk.h"

namespace {

using keytrail::pack::ObjectState;
using keytrail::pack::PackFile;
using keytrail::pack::WalkedObject;
using keytrail::pack::WalkOptions;

constexpr std::size_t kSha1 = 20;

struct Count {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  std::uint64_t inserted = 0;

  void add(const Count& other) {
    objects += other.objects;
    bytes += other.bytes;
    inserted += other.inserted;
  }
};

constexpr std::array<const char*, 5> kTypes = {"none", "commit", "tree", "blob", "tag"};

// One for each thread, on a cache line of its own.
struct alignas(64) Counts {
  std::array<Count, kTypes.size()> by_type;
  std::uint64_t lost = 0;
};

class CountingVisitor : public keytrail::pack::ObjectVisitor {
 public:
  CountingVisitor(unsigned threads, bool inserted) : counts_(threads), inserted_(inserted) {}

  std::unique_ptr<ObjectState> visit(unsigned worker, const WalkedObject& object) override {
    Count& count = counts_[worker].by_type[static_cast<std::size_t>(object.type)];
    ++count.objects;
    count.bytes += object.bytes.size();
    if (!inserted_) return nullptr;
    count.inserted += object.bytes.size();
    if (object.copies == nullptr) return nullptr;
    for (const auto& copy : *object.copies) count.inserted -= copy.size;
    return nullptr;
  }
  void lost(unsigned worker, std::string_view, bool, const std::string&) override { ++counts_[worker].lost; }
  bool cancelled() const override { return false; }

  Counts total() const {
    Counts sum;
    for (const Counts& counts : counts_) {
      for (std::size_t type = 0; type < kTypes.size(); ++type) sum.by_type[type].add(counts.by_type[type]);
      sum.lost += counts.lost;
    }
    return sum;
  }

 private:
  std::vector<Counts> counts_;
  bool inserted_;
};

struct Arguments {
  unsigned threads = 1;
  bool trees = false;
  bool inserted = false;
  std::vector<std::string> packs;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--threads" && i + 1 < argc) {
      arguments.threads = static_cast<unsigned>(std::strtoul(argv[++i], nullptr, 10));
    } else if (argument == "--trees") {
      arguments.trees = true;
    } else if (argument == "--inserted") {
      arguments.inserted = true;
    } else {
      arguments.packs.emplace_back(argument);
    }
  }
  return arguments;
}

std::string json_of(const Count& count) {
  return "\"objects\": " + std::to_string(count.objects) + ", \"bytes\": " + std::to_string(count.bytes) +
         ", \"inserted\": " + std::to_string(count.inserted);
}

void print(const Counts& counts) {
  Count sum;
  std::string types;
  for (std::size_t type = 1; type < kTypes.size(); ++type) {
    sum.add(counts.by_type[type]);
    types += ", \"" + std::string(kTypes[type]) + "\": {" + json_of(counts.by_type[type]) + "}";
  }
  std::printf("{%s, \"lost\": %s%s}\n", json_of(sum).c_str(), std::to_string(counts.lost).c_str(), types.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  if (arguments.packs.empty() || arguments.threads == 0) {
    std::fputs("usage: walk [--threads N] [--trees] [--inserted] FILE.idx...\n", stderr);
    return 2;
  }
  std::vector<PackFile> packs;
  for (const std::string& path : arguments.packs) {
    auto pack = PackFile::open(path, kSha1);
    if (!pack) {
      std::fprintf(stderr, "walk: %s: %s\n", path.c_str(), pack.error().message.c_str());
      return 4;
    }
    packs.push_back(std::move(*pack));
  }
  CountingVisitor visitor(arguments.threads, arguments.inserted);
  for (const bool trees : {false, true}) {
    if (trees && !arguments.trees) break;
    WalkOptions options;
    options.threads = arguments.threads;
    options.commits = options.blobs = options.tags = !trees;
    options.trees = trees;
    for (const PackFile& pack : packs) walk_pack(pack, options, visitor);
  }
  const Counts total = visitor.total();
  print(total);
  return total.lost == 0 ? 0 : 3;
}
