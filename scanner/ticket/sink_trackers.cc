// GitHub and GitLab issues, Jira, ServiceNow: all the same way. Search for the ticket's id (a label, or the correlation
// id), then create or update, then close or reopen.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "scanner/ticket/sink_kinds.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

using nlohmann::json;

std::string encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("-_.~").find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    out += plain ? std::string(1, c) : std::string("%") + kHex[byte >> 4U] + kHex[byte & 15U];
  }
  return out;
}

std::string dumped(const json& body) { return body.dump(-1, ' ', false, json::error_handler_t::replace); }

// At most so many bytes, cut between lines, with a word about it.
std::string cut_to(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  const std::size_t room = most - 80;
  const std::size_t end = text.rfind('\n', room);
  return text.substr(0, end == std::string::npos ? room : end) + "\n\n(cut here: the whole ticket is in its folder)\n";
}

std::string headline(const Ticket& ticket) {
  constexpr std::size_t kMost = 240;
  return cut_to(std::string(core::to_string(ticket.priority)) + ": " + one_line(ticket.title), kMost + 80);
}

// What all trackers share. A kind says how the four requests look and where the answers have the issue's name.
class Tracker : public Sink {
 public:
  Delivery deliver(Transport& transport, const Ticket& ticket, const std::string& markdown,
                   const std::string& known) final {
    std::string remote = known;
    if (remote.empty()) {
      const auto found = ask(transport, search(ticket), true);
      if (!found) return failed_;
      remote = found_in(*found);
    }
    if (remote.empty()) return create_one(transport, ticket, markdown);
    const auto updated = ask(transport, update(ticket, markdown, remote), true);
    if (!updated) return failed_;
    return settle(transport, ticket, remote);
  }
  bool is_idempotent() const final { return true; }

 protected:
  Tracker(SinkSettings settings, Credentials credentials)
      : settings_(std::move(settings)), credentials_(std::move(credentials)) {
    while (settings_.url.ends_with('/')) settings_.url.pop_back();
  }

  virtual HttpRequest search(const Ticket& ticket) const = 0;
  virtual HttpRequest create(const Ticket& ticket, const std::string& markdown) const = 0;
  virtual HttpRequest update(const Ticket& ticket, const std::string& markdown, const std::string& remote) const = 0;
  virtual std::string found_in(const json& answer) const = 0;
  virtual std::string created_in(const json& answer) const = 0;
  // After an update: closes or reopens where that is a request of its own.
  virtual bool finish(Transport&, const Ticket&, const std::string&) { return true; }

  HttpRequest request(std::string method, const std::string& path, const std::string& body = "") const {
    HttpRequest made;
    made.method = std::move(method);
    made.url = settings_.url + path;
    made.headers = {"Content-Type: application/json", "Accept: application/json"};
    made.body = body;
    authorise(made);
    return made;
  }
  virtual void authorise(HttpRequest& request) const = 0;

  // The answer as JSON; nothing, and failed_, when there is none that is good.
  std::optional<json> ask(Transport& transport, const HttpRequest& request, bool again) {
    std::optional<HttpFailure> failure;
    const HttpResponse response = transport.send(request, again, failure);
    failed_ = {};
    const std::string where = shown_address(request.url) + ": ";
    if (failure) {
      failed_ = {failure->unsure ? Delivery::End::unsure : Delivery::End::failed, "", where + failure->message,
                 !failure->unsure};
      return std::nullopt;
    }
    if (response.status < 200 || response.status > 299) {
      failed_.problem = where + request.method + " answers " + std::to_string(response.status) + hint(response.status);
      return std::nullopt;
    }
    json answer = response.body.empty() ? json::object() : json::parse(response.body, nullptr, false);
    if (answer.is_discarded()) {
      failed_.problem = where + "answers something that is no JSON";
      return std::nullopt;
    }
    return answer;
  }

  // A text or number member.
  static std::string text_of(const json& from, const char* name) {
    if (!from.is_object() || !from.contains(name)) return {};
    const json& member = from[name];
    if (member.is_string()) return member.get<std::string>();
    return member.is_number_integer() ? std::to_string(member.get<std::int64_t>()) : std::string();
  }
  // A member, or null: answers are not trusted to have the form that they should.
  static const json& member(const json& from, const char* name) {
    static const json kNone;
    const auto found = from.is_object() ? from.find(name) : from.end();
    return found == from.end() ? kNone : *found;
  }
  static std::string first_of(const json& list, const char* name) {
    return list.is_array() && !list.empty() ? text_of(list[0], name) : std::string();
  }

  SinkSettings settings_;
  Credentials credentials_;
  Delivery failed_;

 private:
  Delivery create_one(Transport& transport, const Ticket& ticket, const std::string& markdown) {
    // Never sent twice by itself: where it may have arrived, it is looked for first.
    const auto made = ask(transport, create(ticket, markdown), false);
    std::string remote = made ? created_in(*made) : "";
    if (!made && failed_.end == Delivery::End::unsure) {
      Delivery unsure = failed_;
      const auto found = ask(transport, search(ticket), true);
      if (!found) return unsure;
      remote = found_in(*found);
      if (remote.empty()) {
        const auto second = ask(transport, create(ticket, markdown), false);
        if (second) remote = created_in(*second);
      }
    }
    if (remote.empty()) {
      if (failed_.problem.empty())
        failed_.problem = shown_address(settings_.url) + ": the answer does not name the issue";
      return failed_;
    }
    return settle(transport, ticket, remote);
  }

  Delivery settle(Transport& transport, const Ticket& ticket, const std::string& remote) {
    if (finish(transport, ticket, remote)) return {Delivery::End::sent, remote, "", false};
    failed_.remote = remote;
    return failed_;
  }

  static std::string hint(int status) {
    if (status == 401 || status == 403) return ": the credential is refused, or lacks a right";
    if (status == 404) return ": check url and project";
    if (status == 429) return ": too many requests, run sync again later";
    return "";
  }
};

class Forge final : public Tracker {
 public:
  Forge(const SinkSettings& settings, const Credentials& credentials)
      : Tracker(settings, credentials), github_(settings.kind == SinkKind::github) {}

  std::string preview(const Ticket& ticket) const override {
    return "GET then POST or " + std::string(github_ ? "PATCH " : "PUT ") + settings_.url + issues() + ": " +
           headline(ticket);
  }

 protected:
  HttpRequest search(const Ticket& ticket) const override {
    return request("GET", issues() + "?labels=" + ticket.id + "&state=all" + (github_ ? "" : "&scope=all"));
  }
  HttpRequest create(const Ticket& ticket, const std::string& markdown) const override {
    return request("POST", issues(), body(ticket, markdown, false));
  }
  HttpRequest update(const Ticket& ticket, const std::string& markdown, const std::string& remote) const override {
    return request(github_ ? "PATCH" : "PUT", issues() + "/" + encoded(remote), body(ticket, markdown, true));
  }
  std::string found_in(const json& answer) const override { return first_of(answer, github_ ? "number" : "iid"); }
  std::string created_in(const json& answer) const override { return text_of(answer, github_ ? "number" : "iid"); }
  void authorise(HttpRequest& request) const override {
    request.headers.push_back(github_ ? "Authorization: Bearer " + credentials_.secret
                                      : "PRIVATE-TOKEN: " + credentials_.secret);
  }

 private:
  std::string issues() const {
    return github_ ? "/repos/" + settings_.project + "/issues" : "/projects/" + encoded(settings_.project) + "/issues";
  }
  std::string body(const Ticket& ticket, const std::string& markdown, bool exists) const {
    constexpr std::size_t kMostGithub = 65000;
    constexpr std::size_t kMostGitlab = 1000000;
    json out;
    out["title"] = headline(ticket);
    const std::string text = cut_to(markdown, github_ ? kMostGithub : kMostGitlab);
    const std::string priority(core::to_string(ticket.priority));
    if (github_) {
      out["body"] = text;
      out["labels"] = {"keytrail", ticket.id, priority};
      if (exists) out["state"] = ticket.open ? "open" : "closed";
    } else {
      out["description"] = text;
      out["labels"] = "keytrail," + ticket.id + "," + priority;
      out["confidential"] = true;
      if (ticket.due) out["due_date"] = day_text(*ticket.due);
      if (exists) out["state_event"] = ticket.open ? "reopen" : "close";
    }
    return dumped(out);
  }

  bool github_;
};

class Jira final : public Tracker {
 public:
  Jira(const SinkSettings& settings, const Credentials& credentials)
      : Tracker(settings, credentials), cloud_(settings.kind == SinkKind::jira_cloud) {}

  std::string preview(const Ticket& ticket) const override {
    return "GET then POST or PUT " + settings_.url + "/rest/api/2/issue in " + settings_.project + ": " +
           headline(ticket);
  }

 protected:
  HttpRequest search(const Ticket& ticket) const override {
    const std::string query = "labels = \"" + ticket.id + "\"";
    return request("GET", std::string(cloud_ ? "/rest/api/3/search/jql" : "/rest/api/2/search") +
                              "?fields=key&maxResults=1&jql=" + encoded(query));
  }
  HttpRequest create(const Ticket& ticket, const std::string& markdown) const override {
    json fields = fields_of(ticket, markdown);
    fields["project"] = {{"key", settings_.project}};
    fields["issuetype"] = {{"name", settings_.issue_type}};
    return request("POST", "/rest/api/2/issue", dumped({{"fields", fields}}));
  }
  HttpRequest update(const Ticket& ticket, const std::string& markdown, const std::string& remote) const override {
    return request("PUT", "/rest/api/2/issue/" + encoded(remote), dumped({{"fields", fields_of(ticket, markdown)}}));
  }
  std::string found_in(const json& answer) const override { return first_of(member(answer, "issues"), "key"); }
  std::string created_in(const json& answer) const override { return text_of(answer, "key"); }
  void authorise(HttpRequest& request) const override {
    if (cloud_)
      request.user = credentials_.user + ":" + credentials_.secret;
    else
      request.headers.push_back("Authorization: Bearer " + credentials_.secret);
  }
  // A workflow's own names do not matter: what leads to a status of the category is taken.
  bool finish(Transport& transport, const Ticket& ticket, const std::string& remote) override {
    const std::string path = "/rest/api/2/issue/" + encoded(remote);
    const auto issue = ask(transport, request("GET", path + "?fields=status"), true);
    if (!issue) return false;
    const bool done = category(member(member(*issue, "fields"), "status")) == "done";
    if (done == !ticket.open) return true;
    const auto ways = ask(transport, request("GET", path + "/transitions"), true);
    if (!ways) return false;
    for (const json& way : member(*ways, "transitions")) {
      const bool to_done = category(member(way, "to")) == "done";
      if (to_done != !ticket.open) continue;
      const std::string body = dumped({{"transition", {{"id", text_of(way, "id")}}}});
      return ask(transport, request("POST", path + "/transitions", body), true).has_value();
    }
    failed_.problem = shown_address(settings_.url) + ": the workflow has no way to " +
                      (ticket.open ? "reopen" : "close") + " " + one_line(remote);
    return false;
  }

 private:
  static std::string category(const json& status) { return text_of(member(status, "statusCategory"), "key"); }
  static json fields_of(const Ticket& ticket, const std::string& markdown) {
    constexpr std::size_t kMost = 32000;
    json fields;
    fields["summary"] = headline(ticket);
    fields["description"] = cut_to(markdown, kMost);
    fields["labels"] = {"keytrail", ticket.id, std::string(core::to_string(ticket.priority))};
    return fields;
  }

  bool cloud_;
};

class ServiceNow final : public Tracker {
 public:
  ServiceNow(const SinkSettings& settings, const Credentials& credentials) : Tracker(settings, credentials) {}

  std::string preview(const Ticket& ticket) const override {
    return "GET then POST or PATCH " + settings_.url + table() + ": " + headline(ticket);
  }

 protected:
  HttpRequest search(const Ticket& ticket) const override {
    return request("GET", table() + "?sysparm_query=" + encoded("correlation_id=" + ticket.id) +
                              "&sysparm_limit=1&sysparm_fields=sys_id");
  }
  HttpRequest create(const Ticket& ticket, const std::string& markdown) const override {
    return request("POST", table(), body(ticket, markdown));
  }
  HttpRequest update(const Ticket& ticket, const std::string& markdown, const std::string& remote) const override {
    return request("PATCH", table() + "/" + encoded(remote), body(ticket, markdown));
  }
  std::string found_in(const json& answer) const override { return first_of(member(answer, "result"), "sys_id"); }
  std::string created_in(const json& answer) const override { return text_of(member(answer, "result"), "sys_id"); }
  void authorise(HttpRequest& request) const override { request.user = credentials_.user + ":" + credentials_.secret; }

 private:
  std::string table() const { return "/api/now/table/" + encoded(settings_.project); }
  static std::string body(const Ticket& ticket, const std::string& markdown) {
    constexpr std::size_t kMost = 60000;
    const std::string urgency = ticket.priority <= core::Priority::p1   ? "1"
                                : ticket.priority == core::Priority::p2 ? "2"
                                                                        : "3";
    json out = {{"short_description", headline(ticket)},
                {"description", cut_to(markdown, kMost)},
                {"correlation_id", ticket.id},
                {"correlation_display", "keytrail"},
                {"urgency", urgency},
                {"impact", urgency}};
    out["state"] = ticket.open ? "2" : "6";
    if (!ticket.open) {
      out["close_code"] = "Solution provided";
      out["close_notes"] = ticket.close_reason;
    }
    return dumped(out);
  }
};

}  // namespace

std::unique_ptr<Sink> make_forge_sink(const SinkSettings& settings, const Credentials& credentials) {
  return std::make_unique<Forge>(settings, credentials);
}
std::unique_ptr<Sink> make_jira_sink(const SinkSettings& settings, const Credentials& credentials) {
  return std::make_unique<Jira>(settings, credentials);
}
std::unique_ptr<Sink> make_servicenow_sink(const SinkSettings& settings, const Credentials& credentials) {
  return std::make_unique<ServiceNow>(settings, credentials);
}

}  // namespace keytrail::ticket
