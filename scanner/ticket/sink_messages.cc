// Webhook, Slack, Teams, mail: one message for each state of a ticket.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "scanner/base/dates.h"
#include "scanner/base/hash.h"
#include "scanner/base/text.h"
#include "scanner/ticket/sink_kinds.h"
#include "scanner/ticket/text.h"
#include "scanner/ticket/ticket_json.h"

namespace keytrail::ticket {
namespace {

using nlohmann::json;

std::string short_text(const Ticket& ticket) {
  std::string text = std::string(core::to_string(ticket.priority)) + (ticket.open ? ": " : " closed: ") +
                     one_line(ticket.title) + "\n" + one_line(ticket.summary) +
                     "\nOwner: " + (ticket.owner.empty() ? "not known" : one_line(ticket.owner));
  if (ticket.due) text += "\nDeadline: " + time_text(*ticket.due);
  return text + "\nTicket: " + ticket.id;
}

// Slack reads & < > as its own.
std::string for_slack(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return out;
}

std::string state_key(const Ticket& ticket) {
  constexpr std::size_t kBytes = 8;
  const Sha256Digest digest = sha256(to_json(ticket));
  return ticket.id + "-" + to_hex(digest.data(), kBytes);
}

class Message final : public Sink {
 public:
  Message(SinkSettings settings, Credentials credentials)
      : settings_(std::move(settings)), credentials_(std::move(credentials)) {}

  Delivery deliver(Transport& transport, const Ticket& ticket, const std::string& markdown,
                   const std::string&) override {
    const HttpRequest request = message(ticket, markdown);
    std::optional<HttpFailure> failure;
    const HttpResponse response = transport.send(request, is_idempotent(), failure);
    const std::string where = shown_address(request.url) + ": ";
    if (failure)
      return {failure->unsure ? Delivery::End::unsure : Delivery::End::failed, "", where + failure->message,
              !failure->unsure};
    const bool taken = settings_.kind == SinkKind::smtp || (response.status >= 200 && response.status <= 299);
    if (taken) return {Delivery::End::sent, state_key(ticket), "", false};
    return {Delivery::End::failed, "", where + "answers " + std::to_string(response.status), false};
  }
  bool is_idempotent() const override {
    return settings_.kind == SinkKind::webhook || settings_.kind == SinkKind::smtp;
  }
  std::string preview(const Ticket& ticket) const override {
    const std::string to = settings_.kind == SinkKind::smtp ? joined(settings_.to, ", ")
                           : settings_.url.empty()          ? "the address in " + settings_.secret
                                                            : settings_.url;
    return "send to " + to + ": " + std::string(core::to_string(ticket.priority)) + ": " + one_line(ticket.title);
  }

 private:
  HttpRequest message(const Ticket& ticket, const std::string& markdown) const {
    HttpRequest made;
    made.method = "POST";
    made.url = settings_.url;
    made.headers = {"Content-Type: application/json"};
    switch (settings_.kind) {
      case SinkKind::slack:
        made.url = credentials_.secret;
        made.body =
            json({{"text", for_slack(short_text(ticket))}}).dump(-1, ' ', false, json::error_handler_t::replace);
        break;
      case SinkKind::teams:
        made.url = credentials_.secret;
        made.body = json({{"type", "message"}, {"text", escaped_lines(short_text(ticket))}})
                        .dump(-1, ' ', false, json::error_handler_t::replace);
        break;
      case SinkKind::smtp:
        mail(made, ticket, markdown);
        break;
      default:
        made.body = to_json(ticket);
        // Over the key as well, so that it cannot be taken for another message.
        const std::string key = state_key(ticket);
        const Sha256Digest signature = hmac_sha256(credentials_.secret, key + "." + made.body);
        made.headers.push_back("Idempotency-Key: " + key);
        made.headers.push_back("X-Keytrail-Signature: sha256=" + to_hex(signature.data(), signature.size()));
    }
    return made;
  }

  static std::string escaped_lines(const std::string& text) {
    std::string out;
    for (const std::string& line : split_lines(text)) out += escape_markdown(line) + "\n\n";
    return out;
  }

  static std::string header_text(const std::string& text) {
    std::string out = one_line(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    return out;
  }

  // Of the state, not of the try: the same message is the same text. RFC 5322, 3.3.
  static std::string mail_date(const Ticket& ticket) {
    constexpr std::array<std::string_view, 7> kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    constexpr core::Instant kDay = 86400;
    constexpr core::Instant kLast = 253402300799;  // 9999-12-31T23:59:59Z: behind it no date is written
    const core::Instant last = ticket.history.empty() ? 0 : ticket.history.back().at;
    const core::Instant at = std::clamp<core::Instant>(last, 0, kLast);
    const std::string text = utc_time(at);  // 2026-11-20T10:00:00Z
    const auto digit = [&](std::size_t i) { return static_cast<std::size_t>(text[i] - '0'); };
    const std::size_t month = digit(5) * 10 + digit(6) - 1;
    return std::string(kDays[static_cast<std::size_t>(at / kDay % 7)]) + ", " + text.substr(8, 2) + " " +
           std::string(kMonths[month % kMonths.size()]) + " " + text.substr(0, 4) + " " + text.substr(11, 8) + " +0000";
  }

  void mail(HttpRequest& made, const Ticket& ticket, const std::string& markdown) const {
    made.mail_from = settings_.from;
    made.mail_to = settings_.to;
    if (!credentials_.user.empty()) made.user = credentials_.user + ":" + credentials_.secret;
    made.body =
        "From: " + header_text(settings_.from) + "\r\nTo: " + header_text(joined(settings_.to, ", ")) +
        "\r\nSubject: [" + ticket.id + "] " +
        header_text(std::string(core::to_string(ticket.priority)) + (ticket.open ? ": " : " closed: ") + ticket.title) +
        "\r\nMessage-ID: <" + state_key(ticket) + "@keytrail>\r\nDate: " + mail_date(ticket) +
        "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n\r\n";
    for (const std::string& line : split_lines(markdown)) made.body += line + "\r\n";
  }

  SinkSettings settings_;
  Credentials credentials_;
};

}  // namespace

std::unique_ptr<Sink> make_message_sink(const SinkSettings& settings, const Credentials& credentials) {
  return std::make_unique<Message>(settings, credentials);
}

}  // namespace keytrail::ticket
