#include "scanner/git/missing.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "tests/support/catch.h"

namespace keytrail::git {
namespace {

ObjectName name(char digit) { return *parse_object_name(std::string(40, digit)); }

TEST_CASE("the first place that names a missing object is that of the smallest id and text, in whatever order") {
  using Named = std::pair<char, const char*>;
  std::array<Named, 4> named = {{{'1', "b"}, {'1', "c"}, {'2', "a"}, {'3', "a"}}};
  std::sort(named.begin(), named.end());
  do {
    MissingObjects one;
    MissingObjects other;
    for (std::size_t i = 0; i < named.size(); ++i) {
      (i < 2 ? one : other).add(name('f'), name(named[i].first), named[i].second);
    }
    one.merge(std::move(other));
    REQUIRE(one.size() == 1);
    const MissingObjects::Place& first = one.places().at(name('f'));
    CHECK((first.namer == name('1')));
    CHECK(first.as == "b");
  } while (std::next_permutation(named.begin(), named.end()));
}

}  // namespace
}  // namespace keytrail::git
