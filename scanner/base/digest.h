// SHA-1 and SHA-256 of bytes that come in pieces, as git names objects and seals its files. One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace keytrail {

class Digest {
 public:
  // `size` of the result: 20 for SHA-1, 32 for SHA-256.
  explicit Digest(std::size_t size);
  Digest(Digest&&) noexcept;
  ~Digest();

  void add(std::string_view bytes);
  // The raw digest of all that was added; what is added afterwards begins a new one.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace keytrail
