#include "scanner/lsp/language.h"

#include <algorithm>
#include <array>

#include "scanner/base/text.h"

namespace keytrail::lsp {
namespace {

struct Row {
  std::string_view ids;    // of the protocol, and of editors that have their own
  std::string_view names;  // ends of file names
  Language language;
};

constexpr std::string_view kSlashes = "//";
constexpr std::string_view kDashes = "--";
constexpr std::string_view kHash = "#";

// Not there, because what stands behind a value on its line is part of it: Dockerfile, .properties, .ini, JSON.
constexpr std::array kRows = {
    Row{"python", ".py .pyi .pyw", {kHash, "", true, Environment::expression, "os.environ[\"NAME\"]", "rRuU"}},
    Row{"javascript typescript javascriptreact typescriptreact",
        ".js .mjs .cjs .jsx .ts .mts .cts .tsx",
        {kSlashes, "", true, Environment::expression, "process.env.NAME", ""}},
    Row{"go", ".go", {kSlashes, "", true, Environment::expression, "os.Getenv(\"NAME\")", ""}},
    Row{"ruby", ".rb .rake gemfile rakefile", {kHash, "", true, Environment::expression, "ENV.fetch(\"NAME\")", ""}},
    Row{"java kotlin groovy",
        ".java .kt .kts .groovy .gradle",
        {kSlashes, "", true, Environment::expression, "System.getenv(\"NAME\")", ""}},
    Row{"csharp cs",
        ".cs",
        {kSlashes, "", true, Environment::expression, "Environment.GetEnvironmentVariable(\"NAME\")", "@$"}},
    Row{"php", ".php", {kSlashes, "", true, Environment::expression, "getenv('NAME')", ""}},
    Row{"rust",
        ".rs",
        {kSlashes, "", true, Environment::expression, "std::env::var(\"NAME\").expect(\"NAME is not set\")", ""}},
    Row{"scala", ".scala .sbt", {kSlashes, "", true, Environment::expression, "sys.env(\"NAME\")", ""}},
    Row{"swift",
        ".swift",
        {kSlashes, "", true, Environment::expression, "ProcessInfo.processInfo.environment[\"NAME\"]", ""}},
    Row{"dart", ".dart", {kSlashes, "", true, Environment::expression, "Platform.environment[\"NAME\"]", ""}},
    Row{"c", ".c .h", {kSlashes, "", true, Environment::expression, "getenv(\"NAME\")", ""}},
    Row{"cpp objective-c objective-cpp",
        ".cc .cpp .cxx .hh .hpp .m .mm",
        {kSlashes, "", true, Environment::expression, "std::getenv(\"NAME\")", ""}},
    Row{"perl", ".pl .pm", {kHash, "", true, Environment::expression, "$ENV{NAME}", ""}},
    Row{"powershell ps1", ".ps1 .psm1", {kHash, "", true, Environment::expression, "$env:NAME", ""}},
    Row{"lua", ".lua", {kDashes, "", true, Environment::expression, "os.getenv(\"NAME\")", ""}},
    Row{"elixir", ".ex .exs", {kHash, "", true, Environment::expression, "System.fetch_env!(\"NAME\")", ""}},
    Row{"r", ".r", {kHash, "", true, Environment::expression, "Sys.getenv(\"NAME\")", ""}},
    Row{"shellscript sh bash zsh",
        ".sh .bash .zsh .bashrc .zshrc .profile",
        {kHash, "", true, Environment::shell, "", ""}},
    Row{"yaml docker-compose dockercompose", ".yml .yaml", {kHash, "", true, Environment::inside, "${NAME}", ""}},
    Row{"dockerfile", "dockerfile .dockerfile", {"", "", false, Environment::inside, "${NAME}", ""}},
    Row{"properties java-properties", ".properties", {"", "", false, Environment::inside, "${NAME}", ""}},
    Row{"toml", ".toml", {kHash, "", true, Environment::none, "", ""}},
    Row{"dotenv", ".env", {kHash, "", true, Environment::none, "", ""}},
    Row{"makefile cmake terraform hcl nix julia coffeescript graphql tcl",
        ".mk makefile cmakelists.txt .cmake .tf .tfvars .hcl .nix .jl .coffee .graphql .tcl",
        {kHash, "", true, Environment::none, "", ""}},
    Row{"jsonc json5 fsharp proto proto3 scss less zig solidity",
        ".jsonc .json5 .fs .proto .scss .less .zig .sol",
        {kSlashes, "", true, Environment::none, "", ""}},
    Row{"sql haskell ada elm", ".sql .hs .adb .ads .elm", {kDashes, "", true, Environment::none, "", ""}},
    Row{"css", ".css", {"/*", "*/", true, Environment::none, "", ""}},
    // A comment of XML may hold no "--".
    Row{"html xml xsl markdown svg",
        ".html .htm .xml .xsl .svg .md .csproj .config .plist",
        {"<!--", "-->", false, Environment::none, "", ""}},
    Row{"latex tex erlang matlab", ".tex .erl .hrl", {"%", "", true, Environment::none, "", ""}},
    Row{"clojure lisp scheme", ".clj .cljs .lisp .el .scm", {";;", "", true, Environment::none, "", ""}},
};

template <typename Holds>
bool any_word(std::string_view words, Holds holds) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (holds(words.substr(0, end))) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

bool is_workflow(std::string_view path) { return path.find("/.github/workflows/") != std::string_view::npos; }

}  // namespace

Language language_of(std::string_view id, std::string_view path) {
  const std::string name = lower(base_name(path));
  const Row* found = nullptr;
  for (const Row& row : kRows) {
    if (any_word(row.ids, [&](std::string_view word) { return word == id; })) found = &row;
  }
  for (const Row& row : kRows) {
    if (found == nullptr && any_word(row.names, [&](std::string_view end) { return name.ends_with(end); }))
      found = &row;
  }
  // Editors that know no .env take it for a shell's or a plain text.
  if (name == ".env" || name.starts_with(".env.")) {
    return {kHash, "", true, Environment::none, "", ""};
  }
  if (found == nullptr) return {"", "", false, Environment::none, "", ""};
  Language language = found->language;
  if (language.environment == Environment::inside && is_workflow(path)) language.form = "${{ secrets.NAME }}";
  return language;
}

}  // namespace keytrail::lsp
