#include "scanner/ticket/sync.h"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "scanner/base/hash.h"
#include "scanner/ticket/text.h"
#include "scanner/ticket/ticket_json.h"

namespace keytrail::ticket {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxOutboxBytes = std::size_t{1} << 30;
constexpr std::array<std::string_view, 4> kStates = {"sending", "sent", "failed", "unsure"};

std::string line_of(const std::string& sink, const std::string& ticket, const Outbox::Entry& entry) {
  json out = {{"sink", sink},
              {"ticket", ticket},
              {"state", std::string(kStates[static_cast<std::size_t>(entry.state)])},
              {"digest", entry.digest},
              {"sent", entry.sent_digest},
              {"remote", entry.remote}};
  return out.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

// Nothing for a line that is not whole.
std::optional<std::pair<std::pair<std::string, std::string>, Outbox::Entry>> read_line(const std::string& line) {
  const json from = json::parse(line, nullptr, false);
  if (!from.is_object()) return std::nullopt;
  const auto text = [&](const char* name) {
    return from.contains(name) && from[name].is_string() ? from[name].get<std::string>() : std::string();
  };
  const auto state = std::find(kStates.begin(), kStates.end(), text("state"));
  if (state == kStates.end() || text("sink").empty() || text("ticket").empty()) return std::nullopt;
  Outbox::Entry entry{static_cast<Outbox::State>(state - kStates.begin()), text("digest"), text("sent"),
                      text("remote")};
  return std::pair(std::pair(text("sink"), text("ticket")), std::move(entry));
}

Status write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno_error(errno, "write", path);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::fdatasync(fd) != 0) return errno_error(errno, "write", path);
  return {};
}

}  // namespace

Result<Outbox> Outbox::open(const std::string& folder, bool write) {
  Outbox outbox;
  const std::string path = folder + "/.outbox.jsonl";
  const auto text = read_file(path, kMaxOutboxBytes);
  if (!text && text.error().code != ErrorCode::not_found) return text.error();
  std::size_t lines = 0;
  if (text) {
    for (const std::string& line : split_lines(*text)) {
      ++lines;
      if (auto read = read_line(line)) outbox.entries_[read->first] = std::move(read->second);
    }
  }
  if (!write) return outbox;
  const bool torn = text && !text->empty() && text->back() != '\n';
  constexpr std::size_t kSlack = 1000;
  if (torn || lines > outbox.entries_.size() * 3 + kSlack) {
    if (Status done = outbox.compact(path); !done) return done.error();
  }
  outbox.file_ = FileDescriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!outbox.file_.is_open()) return errno_error(errno, "open", path);
  return outbox;
}

Status Outbox::compact(const std::string& path) const {
  std::string text;
  for (const auto& [key, entry] : entries_) text += line_of(key.first, key.second, entry);
  return write_file_atomically(path, text, 0600);
}

Outbox::Entry Outbox::find(const std::string& sink, const std::string& ticket) const {
  const auto found = entries_.find({sink, ticket});
  return found == entries_.end() ? Entry{} : found->second;
}

Status Outbox::record(const std::string& sink, const std::string& ticket, const Entry& entry) {
  entries_[{sink, ticket}] = entry;
  return write_all(file_.get(), line_of(sink, ticket, entry), ".outbox.jsonl");
}

namespace {

std::vector<const Ticket*> by_urgency(const Store& store) {
  std::vector<const Ticket*> out;
  for (const auto& [id, ticket] : store.tickets()) out.push_back(&ticket);
  std::sort(out.begin(), out.end(), [](const Ticket* a, const Ticket* b) {
    return std::tie(a->priority, a->due, a->id) < std::tie(b->priority, b->due, b->id);
  });
  return out;
}

class Run {
 public:
  Run(Outbox& outbox, const Composer& composer, Transport* transport, bool resend, std::vector<std::string>* preview)
      : outbox_(outbox), composer_(composer), transport_(transport), resend_(resend), preview_(preview) {}

  Status one(const NamedSink& to, const Ticket& ticket) {
    constexpr std::size_t kDigestBytes = 16;
    const Sha256Digest digest = sha256(to_json(ticket));
    const std::string state = to_hex(digest.data(), kDigestBytes);
    Outbox::Entry entry = outbox_.find(to.name, ticket.id);
    const bool never_told = entry.digest.empty();
    if (entry.sent_digest == state || (never_told && !ticket.open)) {
      ++synced.unchanged;
      return {};
    }
    const bool maybe_there =
        entry.digest == state && (entry.state == Outbox::State::sending || entry.state == Outbox::State::unsure);
    if (maybe_there && !to.sink->is_idempotent() && !resend_) {
      left(to, ticket, "may have arrived; look, then keytrail tickets sync --resend");
      return {};
    }
    if (preview_ != nullptr) {
      preview_->push_back(ticket.id + " to " + to.name + ": " + to.sink->preview(ticket));
      return {};
    }
    if (down_ >= kMostDown) {
      left(to, ticket, "not tried: the system cannot be reached");
      return {};
    }
    entry.digest = state;
    entry.state = Outbox::State::sending;
    if (Status done = outbox_.record(to.name, ticket.id, entry); !done) return done;
    const Delivery delivery = to.sink->deliver(*transport_, ticket, composer_.markdown(ticket), entry.remote);
    if (!delivery.remote.empty()) entry.remote = delivery.remote;
    down_ = delivery.down ? down_ + 1 : 0;
    if (delivery.end == Delivery::End::sent) {
      entry.state = Outbox::State::sent;
      entry.sent_digest = state;
      ++synced.sent;
    } else {
      const bool unsure = delivery.end == Delivery::End::unsure;
      entry.state = unsure ? Outbox::State::unsure : Outbox::State::failed;
      left(to, ticket, delivery.problem + (unsure && !to.sink->is_idempotent() ? "; it may have arrived" : ""));
    }
    return outbox_.record(to.name, ticket.id, entry);
  }
  void next_sink() { down_ = 0; }

  Synced synced;

 private:
  static constexpr int kMostDown = 3;
  void left(const NamedSink& to, const Ticket& ticket, const std::string& why) {
    synced.left.push_back(ticket.id + " to " + to.name + ": " + one_line(why));
  }

  Outbox& outbox_;
  const Composer& composer_;
  Transport* transport_;
  bool resend_;
  std::vector<std::string>* preview_;
  int down_ = 0;
};

}  // namespace

Result<Synced> sync(const Store& store, const Composer& composer, const std::vector<NamedSink>& sinks,
                    Transport* transport, bool resend, std::vector<std::string>* preview) {
  auto outbox = Outbox::open(store.directory(), preview == nullptr);
  if (!outbox) return outbox.error();
  Run run(*outbox, composer, transport, resend, preview);
  const std::vector<const Ticket*> tickets = by_urgency(store);
  for (const NamedSink& sink : sinks) {
    run.next_sink();
    for (const Ticket* ticket : tickets) {
      if (Status done = run.one(sink, *ticket); !done) return done.error();
    }
  }
  return std::move(run.synced);
}

}  // namespace keytrail::ticket
