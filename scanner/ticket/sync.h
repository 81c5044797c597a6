// Brings the tickets of a folder to their sinks, and keeps what was delivered.
//
// FOLDER/.outbox.jsonl has a line before each try and one after it, on the disk before the next step: after kill -9
// the next run knows what was on its way and asks the tracker instead of making a twin. What could not be sent stays to
// be sent: the difference between a ticket and its last delivered state is the outbox. A line that a crash cut is not
// read. The caller holds the folder's lock (Store::open with write).
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "scanner/base/file.h"
#include "scanner/base/result.h"
#include "scanner/ticket/composer.h"
#include "scanner/ticket/sink.h"
#include "scanner/ticket/store.h"

namespace keytrail::ticket {

class Outbox {
 public:
  enum class State { sending, sent, failed, unsure };
  struct Entry {
    State state = State::failed;
    std::string digest;       // of the state that was tried
    std::string sent_digest;  // of the last that arrived
    std::string remote;
  };

  static Result<Outbox> open(const std::string& folder, bool write);
  // Empty where nothing was tried.
  Entry find(const std::string& sink, const std::string& ticket) const;
  // Durable when it returns.
  Status record(const std::string& sink, const std::string& ticket, const Entry& entry);

 private:
  Status compact(const std::string& path) const;
  FileDescriptor file_;
  std::map<std::pair<std::string, std::string>, Entry> entries_;
};

struct NamedSink {
  std::string name;
  Sink* sink = nullptr;
};

struct Synced {
  std::size_t sent = 0;
  std::size_t unchanged = 0;
  std::vector<std::string> left;  // "kt-… to github: why": what is still to be sent
};

// `resend`: also what may have arrived at a sink that cannot tell. `transport` is not used when `preview` is there:
// then lines of what would be sent are put into it.
Result<Synced> sync(const Store& store, const Composer& composer, const std::vector<NamedSink>& sinks,
                    Transport* transport, bool resend, std::vector<std::string>* preview);

}  // namespace keytrail::ticket
