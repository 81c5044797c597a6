// The words that the filters look for, in values and in the names beside them. Private to filters_samples.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace keytrail::engine {

template <std::size_t kCount>
constexpr std::array<std::string_view, kCount> sorted(const std::string_view (&words)[kCount]) {
  std::array<std::string_view, kCount> out{};
  std::copy(std::begin(words), std::end(words), out.begin());
  std::sort(out.begin(), out.end());
  return out;
}

// Words of five letters and more: a random base62 body of 64 characters holds one of them in less than three of a
// million cases each.
inline constexpr std::string_view kStrongWords[] = {
    "example",
    "sample",
    "dummy",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "changeit",
    "replaceme",
    "replace_me",
    "replace-me",
    "redacted",
    "insert_token",
    "not_a_real",
    "not-a-real",
    "notareal",
    "notreal",
    "not-a-",
    "not_a_",
    "too-short",
    "too_short",
    "tooshort",
    "invalid",
    "not-real",
    "fake_key",
    "fakekey",
    "fake-key",
    "fake_token",
    "faketoken",
    "fake-token",
    "dummykey",
    "test_key",
    "testkey",
    "test-key",
    "test_token",
    "testtoken",
    "test-token",
    "mysecret",
    "mytoken",
    "mypassword",
    "yoursecret",
    "yourtoken",
    "yourkey",
    "yourpass",
    "yourapi",
    "your_",
    "your-",
    "enter_",
    "enter-",
    "insert_",
    "insert-",
    "my_secret",
    "my-secret",
    "supersecret",
    "some_",
    "fixme",
    "foobar",
    "foo_bar",
    "foo-bar",
    "lorem",
    "ipsum",
    "username",
    "password123",
    "thisisnot",
    "notasecret",
    "not-a-secret",
    "not_a_secret",
    "beispiel",
    "ejemplo",
    "exemple",
    "exemplo",
    "esempio",
    "voorbeeld",
    "przyklad",
    "musterm",
    "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80",
    "\xe7\xa4\xba\xe4\xbe\x8b",
    "\xec\x98\x88\xec\x8b\x9c",
};

inline constexpr std::string_view kShortWords[] = {"xxx",  "tbd",   "foo",   "bar",   "baz",    "test",
                                                   "fake", "mock",  "temp",  "demo",  "none",   "null",
                                                   "todo", "dummy", "bogus", "hello", "secret", "password"};

inline constexpr std::string_view kKnownRuns[] = {"qwerty",   "asdfgh",   "zxcvbn",   "1q2w3e",   "1qaz2w",
                                                  "deadbeef", "cafebabe", "baadf00d", "feedface", "facefeed",
                                                  "0badcafe", "c0ffee",   "badc0de",  "a1b2c3d4"};

// Words that a value made of nothing else is no secret with. Sorted.
inline constexpr std::string_view kPlaceholderWords[] = {
    "a",           "access",      "account",    "admin",       "administrator",
    "an",          "and",         "another",    "any",         "anything",
    "api",         "apikey",      "app",        "ask",         "askpass",
    "auth",        "auto",        "bad",        "basic",       "bearer",
    "bind",        "blah",        "cat",        "change",      "client",
    "cmdline",     "code",        "correct",    "cred",        "credential",
    "credentials", "current",     "custom",     "data",        "db",
    "default",     "demo",        "dev",        "development", "disabled",
    "dummy",       "easy",        "else",       "empty",       "enabled",
    "enter",       "example",     "expected",   "fake",        "false",
    "first",       "foo",         "for",        "four",        "from",
    "git",         "github",      "good",       "guest",       "here",
    "hidden",      "home",        "host",       "http",        "https",
    "hunter",      "id",          "ignored",    "in",          "incorrect",
    "insert",      "invalid",     "is",         "it",          "key",
    "keyboard",    "legit",       "let",        "letmein",     "local",
    "localhost",   "login",       "long",       "masked",      "me",
    "missing",     "my",          "mypass",     "mysql",       "n",
    "na",          "name",        "nan",        "new",         "nil",
    "no",          "none",        "nope",       "not",         "nothing",
    "null",        "number",      "oauth",      "of",          "off",
    "old",         "on",          "one",        "open",        "or",
    "other",       "pass",        "passphrase", "passw",       "passwd",
    "password",    "placeholder", "postgres",   "private",     "prod",
    "production",  "proxy",       "public",     "pw",          "pwd",
    "random",      "real",        "redacted",   "removed",     "repl",
    "replace",     "required",    "root",       "sa",          "safe",
    "sample",      "second",      "secret",     "secrets",     "secure",
    "sekret",      "server",      "service",    "sesame",      "set",
    "short",       "some",        "something",  "staging",     "store",
    "string",      "strong",      "super",      "swordfish",   "temp",
    "test",        "testing",     "text",       "that",        "the",
    "third",       "this",        "three",      "to",          "todo",
    "token",       "true",        "two",        "undefined",   "unknown",
    "unset",       "use",         "user",       "username",    "valid",
    "value",       "very",        "weak",       "whatever",    "with",
    "wrong",       "yes",         "you",        "your",
};

inline constexpr std::array kHashWords = sorted({
    "md5",        "sha",  "sha1",   "sha2",      "sha224",  "sha256",   "sha384",  "sha512", "blake2",    "blake2b",
    "blake3",     "xxh",  "murmur", "crc",       "crc32",   "checksum", "digest",  "hash",   "integrity", "fingerprint",
    "thumbprint", "etag", "commit", "revision",  "rev",     "ref",      "tree",    "blob",   "parent",    "base",
    "head",       "oid",  "object", "cid",       "tx",      "txid",     "block",   "merkle", "signature", "sig",
    "hmac",       "sri",  "lock",   "resolved",  "version", "build",    "buildid", "cache",  "dedup",     "snapshot",
    "nonce",      "salt", "iv",     "challenge", "uuid",    "guid",
});

// The last word of names that only speak of a secret.
inline constexpr std::array kOtherLast = sorted({
    "id",          "ids",           "name",       "names",      "size",
    "length",      "len",           "alias",      "ring",       "path",
    "file",        "filename",      "url",        "uri",        "endpoint",
    "type",        "types",         "count",      "field",      "fields",
    "policy",      "hint",          "label",      "title",      "description",
    "desc",        "format",        "prefix",     "suffix",     "algorithm",
    "alg",         "algo",          "ttl",        "expiry",     "expires",
    "expiration",  "timeout",       "date",       "time",       "at",
    "scope",       "scopes",        "class",      "column",     "header",
    "headers",     "param",         "parameter",  "parameters", "regex",
    "pattern",     "index",         "status",     "state",      "error",
    "message",     "msg",           "mode",       "method",     "provider",
    "enabled",     "required",      "host",       "port",       "user",
    "username",    "email",         "arn",        "var",        "variable",
    "placeholder", "location",      "dir",        "directory",  "folder",
    "usage",       "store",         "manager",    "handler",    "factory",
    "builder",     "generator",     "validator",  "request",    "response",
    "callback",    "service",       "server",     "client",     "group",
    "role",        "kind",          "tag",        "tags",       "encoding",
    "curve",       "keyboard",      "keycode",    "keypress",   "keyframe",
    "keyframes",   "keystone",      "keyword",    "keywords",   "keystore",
    "keytab",      "keyring",       "tokenizer",  "tokenize",   "passwordless",
    "author",      "authors",       "monkey",     "turkey",     "accessor",
    "version",     "accessibility", "authority",  "audience",   "issuer",
    "realm",       "charset",       "locale",     "help",       "text",
    "example",     "results",       "domain",     "origin",     "credentials-mode",
    "icon",        "color",         "spec",       "encryption", "iterations",
    "modes",       "module",        "extension",  "style",      "position",
    "offset",      "limit",         "max",        "min",        "helper",
    "helpers",     "encode",        "decode",     "getbytes",   "split",
    "replace",     "strip",         "startswith", "equals",     "contains",
    "gain",        "bit",           "func",       "function",   "test",
});

inline constexpr std::string_view kOtherAnywhere[] = {
    "csrf",        "xsrf",     "publickeytoken", "usersecretsid", "encrypted",   "crypted",     "hashed",
    "resourcekey", "existing", "antiforgery",    "matching",      "nonmatching", "mismatched",  "unmatched",
    "malformed",   "invalid",  "bogus",          "fake",          "dummy",       "placeholder", "nonexistent"};

struct WordPair {
  std::string_view first;
  std::string_view last;
};

inline constexpr WordPair kOtherPairs[] = {
    {"primary", "key"},      {"foreign", "key"},   {"natural", "key"},        {"sort", "key"},
    {"partition", "key"},    {"cache", "key"},     {"idempotency", "key"},    {"row", "key"},
    {"hash", "key"},         {"object", "key"},    {"i18n", "key"},           {"loc", "key"},
    {"page", "token"},       {"next", "token"},    {"continuation", "token"}, {"cancellation", "token"},
    {"csrf", "token"},       {"xsrf", "token"},    {"max", "tokens"},         {"stop", "token"},
    {"eos", "token"},        {"bos", "token"},     {"pad", "token"},          {"unk", "token"},
    {"with", "credentials"}, {"random", "access"}, {"key", "token"},          {"site", "key"},
    {"from", "secret"},      {"value", "from"},
};

inline constexpr WordPair kSecretPairs[] = {
    {"api", "token"},      {"access", "token"},  {"auth", "token"},  {"refresh", "token"}, {"bearer", "token"},
    {"api", "key"},        {"client", "secret"}, {"secret", "key"},  {"app", "secret"},    {"private", "key"},
    {"personal", "token"}, {"access", "key"},    {"license", "key"}, {"deploy", "token"},  {"bot", "token"},
    {"user", "token"},     {"codecov", "token"},
};

inline constexpr std::string_view kSecretLast[] = {"apikey",       "apitoken",  "secret",       "accesstoken",
                                                   "authtoken",    "appsecret", "clientsecret", "secretkey",
                                                   "refreshtoken", "privatekey"};

}  // namespace keytrail::engine
