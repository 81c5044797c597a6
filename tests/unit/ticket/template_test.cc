#include "scanner/ticket/template.h"

#include "tests/support/catch.h"

namespace keytrail::ticket {
namespace {

Value data() {
  Value out = Value::object();
  out.set("name", "a*b");
  out.set("empty", "");
  out.set("on", Value::flag(true));
  out.set("off", Value::flag(false));
  out.set("words", Value::texts({"one", "two"}));
  out.set("none", Value::list());
  Value item = Value::object();
  item.set("path", "src/a.c");
  item.set("inner", "yes");
  out.set("items", Value::list({item, item}));
  return out;
}

Value shape() {
  Value out = data();
  out.set("none", Value::texts({"x"}));
  return out;
}

std::string rendered(std::string_view text, Escape escape = Escape::plain) {
  const auto made = Template::parse(text, "t", escape, shape());
  REQUIRE(made);
  return made->render(data());
}

TEST_CASE("templates show what the data holds") {
  struct Row {
    const char* text;
    const char* want;
  };
  const Row rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"{{name}}", "a*b"},
      {"{{ name }}!", "a*b!"},
      {"{{#on}}x{{/on}}{{^on}}y{{/on}}", "x"},
      {"{{#off}}x{{/off}}{{^off}}y{{/off}}", "y"},
      {"{{#empty}}x{{/empty}}{{^empty}}y{{/empty}}", "y"},
      {"{{#words}}[{{.}}]{{/words}}", "[one][two]"},
      {"{{#words}}{{#name}}{{.}} {{name}};{{/name}}{{/words}}", "one a*b;two a*b;"},
      {"{{#none}}x{{/none}}{{^none}}nothing{{/none}}", "nothing"},
      {"{{#items}}{{path}}{{#inner}}+{{/inner}}{{/items}}", "src/a.c+src/a.c+"},
      {"a\n{{#on}}\nb\n{{/on}}\nc\n", "a\nb\nc\n"},
      {"a\n  {{#off}}\nb\n  {{/off}}\nc", "a\nc"},
      {"a {{! remark }}b", "a b"},
      {"{{! remark }}\nb", "b"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.text) {
      CHECK(rendered(row.text) == row.want);
    }
}

TEST_CASE("a template is refused with file and line") {
  struct Row {
    const char* text;
    const char* place;
    const char* says;
  };
  const Row rows[] = {
      {"a\n{{nmae}}", "t:2", "no field 'nmae'"},
      {"{{#items}}\n{{paht}}{{/items}}", "t:2", "'paht'"},
      {"{{#on}}", "t:1", "not closed"},
      {"\n\n{{/on}}", "t:3", "no open section"},
      {"{{#on}}{{#off}}{{/on}}{{/off}}", "t:1", "no open section"},
      {"x\n{{name", "t:2", "not closed"},
      {"{{}}", "t:1", "one field"},
      {"{{a b}}", "t:1", "one field"},
      {"{{items}}", "t:1", "is no text"},
      {"{{on}}", "t:1", "is no text"},
      {"{{items.path}}", "t:1", "no field"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.text) {
      const auto made = Template::parse(row.text, "t", Escape::plain, shape());
      REQUIRE_FALSE(made);
      CHECK(made.error().subject == row.place);
      CHECK(made.error().message.find(row.says) != std::string::npos);
    }
  }
}

TEST_CASE("sections nest to a limit") {
  std::string deep;
  for (int i = 0; i < 33; ++i) deep += "{{#on}}";
  for (int i = 0; i < 33; ++i) deep += "{{/on}}";
  CHECK_FALSE(Template::parse(deep, "t", Escape::plain, shape()));
}

TEST_CASE("a value is escaped for the place where it stands") {
  Value hostile = Value::object();
  hostile.set("v", "<b>|`x`\n# _y_ [l](u)");
  const auto show = [&](std::string_view text, Escape escape) {
    return Template::parse(text, "t", escape, hostile)->render(hostile);
  };
  CHECK(show("{{v}}", Escape::markdown) == "\\<b\\>\\|\\`x\\` # \\_y\\_ \\[l\\](u)");
  CHECK(show("{{code v}}", Escape::markdown) == "`` <b>|`x` # _y_ [l](u) ``");
  CHECK(show("{{v}}", Escape::html) == "&lt;b&gt;|`x` # _y_ [l](u)");
  CHECK(show("{{link v}}", Escape::html) == "&lt;b&gt;|`x` # _y_ [l](u)");
  CHECK(show("{{sh v}}", Escape::plain) == "'<b>|`x` # _y_ [l](u)'");
  hostile.set("v", "it's");
  CHECK(show("{{sh v}}", Escape::plain) == "'it'\\''s'");
  hostile.set("v", "https://example.org/a?b=c&d");
  CHECK(show("{{link v}}", Escape::markdown) == "<https://example.org/a?b=c&d>");
  CHECK(show("{{link v}}", Escape::html) ==
        "<a href=\"https://example.org/a?b=c&amp;d\">https://example.org/a?b=c&amp;d</a>");
}

TEST_CASE("a block keeps its indentation and outlasts fences within") {
  Value data = Value::object();
  data.set("v", "a\n```\nb");
  const auto made = Template::parse("1. x\n   {{block v}}\n2. y\n", "t", Escape::markdown, data);
  REQUIRE(made);
  CHECK(made->render(data) == "1. x\n   ````sh\n   a\n   ```\n   b\n   ````\n2. y\n");
  data.set("v", "");
  CHECK(made->render(data) == "1. x\n2. y\n");
}

TEST_CASE("sh is refused where it would be no shell's word") {
  CHECK_FALSE(Template::parse("{{sh name}}", "t", Escape::markdown, shape()));
}

}  // namespace
}  // namespace keytrail::ticket
