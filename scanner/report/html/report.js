// The HTML report's page. All of the report stands in two JSON blocks of the file; nothing is fetched. Texts of the
// report reach the page as text nodes alone, so that no path or author can bring markup.
"use strict";
(() => {
const report = JSON.parse(document.getElementById("report").textContent);
const rules = new Map(JSON.parse(document.getElementById("rules").textContent).map((rule) => [rule.id, rule]));
const ROW = 56;  // pixels: the list draws only the rows that are seen, whatever their number
const MOST_PLACES = 200;
const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const at = (id) => document.getElementById(id);

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "class") element.className = value;
    else if (key === "onclick") element.addEventListener("click", value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== "") element.append(child);
  return element;
}
function draw(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
const number = (value) => Number(value || 0).toLocaleString("en");
const plural = (count, one, many) => `${number(count)} ${count === 1 ? one : many || one + "s"}`;
const day = (date) => (date ? String(date).slice(0, 10) : "");
const short = (commit) => (commit ? commit.slice(0, 12) : "");
const list = (values) => (values && values.length ? values.join(", ") : "");
// Links only to the web: a rule of the user's own could name anything.
const link = (text) => (/^https:\/\/\S+$/.test(text) ? make("a", {href: text, rel: "noreferrer noopener"}, text) : text);

// What the filters look at, worked out once.
const tokens = new Map((report.tokens || []).map((token) => [token.id, token]));
const findings = report.findings.map((finding, index) => {
  const token = finding.token ? tokens.get(finding.token.id) || finding.token : null;
  const first = finding.occurrences[0] || {path: ""};
  const words = [finding.rule, finding.rule_name, finding.provider, finding.secret, finding.fingerprint];
  if (token) words.push(token.id, token.service, token.owner);
  for (const place of finding.occurrences) words.push(place.path, place.commit, place.author);
  return {
    finding, index, token, first,
    owner: (token && token.owner) || "",
    verdict: finding.verdict ? finding.verdict.kind : "",
    text: words.filter(Boolean).join("\n").toLowerCase(),
  };
});

const choice = {query: "", severity: "", verdict: "", rule: "", owner: "", path: "", group: "", accepted: false};
let rows = [];
let selected = -1;  // in rows

function place_text(place) {
  const path = place.path || (place.tag ? "tag message" : place.commit ? "commit message" : "unknown path");
  return place.start_line ? `${path}:${place.start_line}:${place.start_column}` : path;
}

function fits(item) {
  const {finding} = item;
  if (finding.suppressed && !choice.accepted) return false;
  if (choice.severity && finding.severity !== choice.severity) return false;
  if (choice.verdict && item.verdict !== choice.verdict) return false;
  if (choice.rule && finding.rule !== choice.rule) return false;
  if (choice.owner && item.owner !== choice.owner) return false;
  if (choice.path && !finding.occurrences.some((place) => place.path.includes(choice.path))) return false;
  return choice.query.toLowerCase().split(/\s+/).every((word) => item.text.includes(word));
}

const GROUPS = {
  "": ["secret", null],
  place: ["place", null],
  rule: ["rule", (item) => item.finding.rule],
  file: ["file", (item) => item.first.path || "(messages)"],
  owner: ["owner", (item) => item.owner || "(no owner known)"],
  verdict: ["verdict", (item) => item.verdict || "(no inventory)"],
};

function make_rows() {
  const kept = findings.filter(fits);
  const key = GROUPS[choice.group][1];
  if (choice.group === "place") {
    rows = kept.flatMap((item) => item.finding.occurrences.map((place) => ({item, place})));
  } else if (key) {
    const groups = new Map();
    for (const item of kept) {
      const name = key(item);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(item);
    }
    rows = [...groups].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
      .flatMap(([name, items]) => [{group: name, count: items.length}, ...items.map((item) => ({item}))]);
  } else {
    rows = kept.map((item) => ({item}));
  }
  const hidden = findings.length - kept.length;
  at("shown").textContent = `${plural(kept.length, "secret")}` +
    (choice.group === "place" ? ` in ${plural(rows.length, "place")}` : "") + (hidden ? `, ${number(hidden)} not shown` : "");
  selected = -1;
  at("room").style.height = `${rows.length * ROW}px`;
  at("list").scrollTop = 0;
  show_rows();
  show_detail(null);
}

function badge(text, kind) { return make("span", {class: `badge ${kind || ""}`}, text); }

function row_element(row, index) {
  if (row.group !== undefined) {
    const head = make("div", {class: "row group", role: "presentation"}, `${row.group} – ${number(row.count)}`);
    return head;
  }
  const {finding} = row.item;
  const place = row.place || row.item.first;
  const more = row.place ? 0 : finding.occurrences.length - 1;
  return make("div", {
    class: `row${finding.suppressed ? " accepted" : ""}`, role: "option", id: `row-${index}`,
    "aria-selected": String(index === selected), onclick: () => select(index, true),
  },
  make("div", {}, badge(finding.severity, finding.severity), row.item.verdict ? badge(row.item.verdict) : null,
    finding.rule_name || finding.rule, " ", make("code", {}, finding.secret)),
  make("div", {class: "quiet mono"}, place_text(place), more > 0 ? ` and ${plural(more, "place")} more` : ""));
}

function show_rows() {
  const box = at("list");
  const begin = Math.max(0, Math.floor(box.scrollTop / ROW) - 5);
  const end = Math.min(rows.length, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + 5);
  const elements = [];
  for (let i = begin; i < end; ++i) {
    const element = row_element(rows[i], i);
    element.style.top = `${i * ROW}px`;
    elements.push(element);
  }
  at("room").replaceChildren(...elements);
  if (selected >= 0) box.setAttribute("aria-activedescendant", `row-${selected}`);
  else box.removeAttribute("aria-activedescendant");
}

function select(index, open) {
  if (index < 0 || index >= rows.length || rows[index].group !== undefined) return;
  selected = index;
  const box = at("list");
  if (index * ROW < box.scrollTop) box.scrollTop = index * ROW;
  if ((index + 1) * ROW > box.scrollTop + box.clientHeight) box.scrollTop = (index + 1) * ROW - box.clientHeight;
  show_rows();
  show_detail(rows[index].item);
  if (open) at("detail").classList.add("open");
}
function step(by) {
  let next = selected < 0 ? (by > 0 ? 0 : rows.length - 1) : selected + by;
  while (next >= 0 && next < rows.length && rows[next].group !== undefined) next += by;
  select(next, false);
}

// The life of a secret: where it came in, where it spread, where it was taken out, when the token was rotated.
function life(item) {
  const events = [];
  const dated = item.finding.occurrences.filter((place) => place.date).sort((a, b) => Date.parse(a.date) - Date.parse(b.date));
  dated.forEach((place, index) => {
    events.push({time: Date.parse(place.date), date: place.date, kind: index === 0 ? "introduced" : "spread",
      text: `${index === 0 ? "introduced" : "spread"} by ${place.author || "unknown"} in ${short(place.commit)}: ${place_text(place)}`});
    if (place.removed_by) {
      const time = place.removed_date ? Date.parse(place.removed_date) : NaN;
      events.push({time, date: place.removed_date, kind: "removed", text: `removed from ${place.path} in ${short(place.removed_by)}; the history still has it`});
    }
  });
  const token = item.token;
  if (token && token.created) events.push({time: Date.parse(token.created), date: token.created, kind: "created", text: "token created"});
  if (token && token.last_rotated) events.push({time: Date.parse(token.last_rotated), date: token.last_rotated, kind: "rotated", text: "token rotated"});
  return events.sort((a, b) => (isNaN(a.time) ? 1 : isNaN(b.time) ? -1 : a.time - b.time));
}
function life_chart(events) {
  const known = events.filter((event) => !isNaN(event.time));
  if (known.length === 0) return null;
  const from = known[0].time;
  const span = Math.max(1, known[known.length - 1].time - from);
  const x = (event) => 10 + (event.time - from) / span * 580;
  const chart = draw("svg", {viewBox: "0 0 600 46", role: "img", "aria-label": "Life of the secret on a time line"});
  chart.append(draw("line", {x1: 10, x2: 590, y1: 16, y2: 16, class: "axis"}));
  for (const event of known.slice(0, 500)) {
    const dot = draw("circle", {cx: x(event), cy: 16, r: 6, class: `dot ${event.kind}`});
    dot.append(draw("title", {}, `${day(event.date)} ${event.text}`));
    chart.append(dot);
  }
  chart.append(draw("text", {x: 4, y: 42}, day(known[0].date)));
  if (known.length > 1) chart.append(draw("text", {x: 596, y: 42, "text-anchor": "end"}, day(known[known.length - 1].date)));
  return chart;
}

function fields(pairs) {
  const known = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return make("dl", {}, known.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

function place_rows(places) {
  return places.map((place) => make("tr", {},
    make("td", {class: "mono"}, place_text(place)),
    make("td", {class: "mono"}, short(place.commit)),
    make("td", {}, place.author || ""),
    make("td", {}, day(place.date)),
    make("td", {}, place.at_tip ? "at the tip" : place.removed_by ? `removed in ${short(place.removed_by)}`
      : place.reachable === false ? `unreachable${place.held_by ? ", held by " + place.held_by : ""}` : "")));
}
function places_table(places) {
  const body = make("tbody", {}, place_rows(places.slice(0, MOST_PLACES)));
  const table = make("div", {class: "scroll"}, make("table", {}, make("thead", {}, make("tr", {},
    ["Place", "Commit", "Author", "Date", "Now"].map((name) => make("th", {scope: "col"}, name)))), body));
  if (places.length <= MOST_PLACES) return [table];
  const more = make("button", {type: "button", onclick: () => {
    body.append(...place_rows(places.slice(MOST_PLACES)));
    more.remove();
  }}, `Show all ${number(places.length)}`);
  return [table, more];
}

function show_detail(item) {
  const box = at("detail");
  if (!item) {
    box.classList.remove("open");
    box.replaceChildren(make("p", {class: "quiet"}, rows.length ? "Choose a finding: click, or j and Enter." : "No finding fits."));
    return;
  }
  const {finding, token} = item;
  const rule = rules.get(finding.rule) || {};
  const verdict = finding.verdict;
  const events = life(item);
  const parts = [
    make("button", {type: "button", class: "close", onclick: () => box.classList.remove("open")}, "Close"),
    make("h2", {}, finding.rule_name || finding.rule),
    make("p", {}, badge(finding.severity, finding.severity), badge(`${finding.confidence} confidence`),
      verdict ? badge(`${verdict.priority || ""} ${verdict.kind}`.trim()) : null, finding.suppressed ? badge("accepted") : null),
    verdict && verdict.reason ? make("p", {}, verdict.reason) : null,
    rule.description ? make("p", {}, rule.description) : null,
    fields([["Secret", make("code", {}, finding.secret)], ["Rule", make("code", {}, finding.rule)],
      ["Provider", finding.provider], ["Fingerprint", make("code", {}, finding.fingerprint)],
      ["Token", token ? token.id : ""], ["Service", token ? token.service : ""], ["Environment", token ? token.environment : ""],
      ["Owner", token ? token.owner : ""], ["Due", verdict && verdict.due ? verdict.due : ""],
      ["Related", list(finding.related)],
      ...Object.entries(finding.facts || {}),
      ["Accepted", finding.suppressed ? [finding.suppressed.kind, finding.suppressed.reason, finding.suppressed.owner].filter(Boolean).join(", ") : ""],
      ["Rotate", rule.rotate ? link(rule.rotate) : ""]]),
  ];
  if (events.length) {
    parts.push(make("h3", {}, "Life"), life_chart(events) || "",
      make("ol", {class: "timeline"}, events.slice(0, 50).map((event) => make("li", {}, `${day(event.date) || "at an unknown date"}  ${event.text}`))));
    if (events.length > 50) parts.push(make("p", {class: "quiet"}, `and ${number(events.length - 50)} more`));
  }
  parts.push(make("h3", {}, plural(finding.occurrences.length, "place")), ...places_table(finding.occurrences));
  box.replaceChildren(...parts.filter(Boolean));
  box.scrollTop = 0;
}

function bars(title, pairs) {
  const most = Math.max(1, ...pairs.map(([, count]) => count));
  const chart = draw("svg", {viewBox: `0 0 400 ${pairs.length * 24}`, role: "img", "aria-label": title});
  pairs.forEach(([name, count], index) => {
    const y = index * 24;
    const label = name.length > 22 ? name.slice(0, 21) + "…" : name;
    chart.append(draw("text", {x: 0, y: y + 15}, label),
      draw("rect", {x: 140, y: y + 4, width: 210 * count / most, height: 14, rx: 3, class: "bar"}),
      draw("text", {x: 356, y: y + 15}, number(count)));
  });
  return make("figure", {}, make("figcaption", {}, make("h3", {}, title)), chart);
}
function count_by(items, key) {
  const counts = new Map();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
function top(pairs, most) {
  if (pairs.length <= most) return pairs;
  return [...pairs.slice(0, most - 1), ["others", pairs.slice(most - 1).reduce((sum, pair) => sum + pair[1], 0)]];
}

function ages(all, now) {
  const edges = [[30, "to 30 days"], [90, "31 to 90"], [180, "91 to 180"], [365, "181 to 365"], [Infinity, "over a year"]];
  const counts = edges.map(([, name]) => [name, 0]);
  let unknown = 0;
  for (const token of all) {
    const from = Date.parse(token.last_rotated || token.created || "");
    if (isNaN(from)) ++unknown;
    else ++counts[edges.findIndex(([edge]) => (now - from) / 864e5 <= edge)][1];
  }
  return unknown ? [...counts, ["unknown", unknown]] : counts;
}
const has = (token, kind) => (token.verdicts || []).some((verdict) => verdict.kind === kind);

function show_inventory() {
  const all = [...tokens.values()];
  if (all.length === 0) {
    at("inventory").append(make("p", {}, report.inventory ? "No token of the inventory has a verdict." :
      "Scanned without an inventory: keytrail scan --inventory FILE tells whose each key is, and whether it was rotated."));
    return;
  }
  const now = Date.parse(report.now || "") || Date.now();
  const overdue = all.filter((token) => has(token, "rotation-overdue") || has(token, "never-rotated"));
  at("inventory").append(make("p", {class: "quiet"}, `${plural(all.length, "token")} with a verdict`),
    make("div", {class: "charts"},
      bars("Age of the value", ages(all, now)),
      bars("Verdicts", top(count_by(all.flatMap((token) => token.verdicts || []), (verdict) => verdict.kind), 12)),
      overdue.length ? bars("Overdue, by owner", top(count_by(overdue, (token) => token.owner || "no owner"), 12)) : null,
      bars("By owner", top(count_by(all, (token) => token.owner || "no owner"), 12))),
    make("div", {class: "scroll"}, make("table", {}, make("thead", {}, make("tr", {},
      ["Token", "Service", "Environment", "Owner", "Tier", "Rotate by", "Verdicts"].map((name) => make("th", {scope: "col"}, name)))),
    make("tbody", {}, all.slice(0, 1000).map((token) => make("tr", {}, make("td", {class: "mono"}, token.id), make("td", {}, token.service || ""),
      make("td", {}, token.environment || ""), make("td", {}, token.owner || ""), make("td", {}, token.tier || ""),
      make("td", {}, day(token.rotate_by)),
      make("td", {}, (token.verdicts || []).map((verdict) => make("div", {}, badge(`${verdict.priority || ""} ${verdict.kind}`.trim()), verdict.reason || "")))))))));
  if (all.length > 1000) at("inventory").append(make("p", {class: "quiet"}, `and ${number(all.length - 1000)} more: the JSON report has all`));
}

function show_skipped() {
  const skips = report.skipped || [];
  if (skips.length === 0) {
    at("skipped").append(make("p", {}, "Nothing was left out."));
    return;
  }
  at("skipped").append(bars("Left out, by reason", top(count_by(skips, (skip) => skip.reason), 12)),
    make("div", {class: "scroll"}, make("table", {}, make("thead", {}, make("tr", {}, ["Reason", "Path", "Detail"].map((name) => make("th", {scope: "col"}, name)))),
      make("tbody", {}, skips.slice(0, 1000).map((skip) => make("tr", {}, make("td", {}, skip.reason), make("td", {class: "mono"}, skip.path), make("td", {}, skip.detail)))))));
  if (skips.length > 1000) at("skipped").append(make("p", {class: "quiet"}, `and ${number(skips.length - 1000)} more: the JSON report has all`));
}

function show_about() {
  const stats = Object.entries(report.stats || {}).map(([name, value]) => [name.replaceAll("_", " "), number(value)]);
  at("about").append(fields([["Program", `keytrail ${report.tool.version}`], ["Rules", report.tool.rules_digest], ["Mode", report.mode],
    ["Targets", list(report.targets)], ["Root", report.root], ["Repository", report.repository], ["Revision", report.revision],
    ["Inventory", report.inventory], ...stats]));
  if ((report.notes || []).length) at("about").append(make("h2", {}, "Notes"), make("ul", {}, report.notes.map((note) => make("li", {}, note))));
  const open = findings.filter((item) => !item.finding.suppressed);
  if (open.length) at("about").append(make("div", {class: "charts"}, bars("Findings by rule", top(count_by(open, (item) => item.finding.rule), 12)),
    bars("Findings by folder", top(count_by(open, (item) => item.first.path.includes("/") ? item.first.path.split("/")[0] + "/" : "(root)"), 12))));
}

function show_tiles() {
  const open = findings.filter((item) => !item.finding.suppressed);
  const tile = (count, name, kind, press) => make("button", {type: "button", class: `tile ${kind}`, "data-severity": kind,
    "aria-pressed": "false", onclick: press}, make("b", {}, number(count)), name);
  at("tiles").append(...SEVERITIES.map((severity) => [severity, open.filter((item) => item.finding.severity === severity).length])
    .filter(([severity, count]) => count > 0 || severity !== "info")
    .map(([severity, count]) => tile(count, severity, severity, () => {
      set("severity", choice.severity === severity ? "" : severity);
      open_tab("findings");
    })));
}

function options(id, all, pairs) {
  at(id).append(make("option", {value: ""}, all), ...pairs.map(([value, count]) =>
    make("option", {value}, count === undefined ? value : `${value} (${number(count)})`)));
  at(id).closest("label").hidden = pairs.length === 0;
}

let waiting = 0;
function set(name, value) {
  choice[name] = value;
  const field = at(name);
  if (field.type === "checkbox") field.checked = value;
  else if (field.value !== value) field.value = value;
  for (const tile of document.querySelectorAll(".tile")) tile.setAttribute("aria-pressed", String(tile.dataset.severity === choice.severity));
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(make_rows);
}

const TABS = ["findings", "inventory", "skipped", "about"];
function open_tab(name) {
  for (const tab of TABS) {
    at(tab).hidden = tab !== name;
    at(`tab-${tab}`).setAttribute("aria-selected", String(tab === name));
    at(`tab-${tab}`).tabIndex = tab === name ? 0 : -1;
  }
  if (name === "findings") show_rows();
}

function turn_theme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

function on_key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || at("keys").open) return;
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "Escape") {
    if (typing) event.target.blur();
    at("detail").classList.remove("open");
    return;
  }
  if (typing) return;
  const acts = {
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    Enter: () => event.target.tagName !== "BUTTON" && selected >= 0 && at("detail").classList.add("open"),
    "/": () => { open_tab("findings"); at("query").focus(); },
    "?": () => at("keys").showModal(), t: turn_theme,
    1: () => open_tab("findings"), 2: () => open_tab("inventory"), 3: () => open_tab("skipped"), 4: () => open_tab("about"),
  };
  const act = acts[event.key];
  if (!act) return;
  act();
  if (event.key !== "Enter") event.preventDefault();
}

function start() {
  at("target").textContent = [list(report.targets), report.repository, report.revision ? `at ${short(report.revision)}` : "", report.mode]
    .filter(Boolean).join(" · ");
  if (report.incomplete || report.interrupted) {
    at("warning").hidden = false;
    at("warning").textContent = (report.interrupted ? "The scan was interrupted. " : "The scan is incomplete. ") +
      "What was not seen is not clean: see “Not scanned”.";
  }
  at("tab-skipped").textContent = `Not scanned (${number((report.skipped || []).length)})`;
  at("tab-inventory").textContent = tokens.size ? `Inventory (${number(tokens.size)})` : "Inventory";
  show_tiles();
  options("severity", "any", SEVERITIES.map((severity) => [severity]));
  options("verdict", "any", count_by(findings.filter((item) => item.verdict), (item) => item.verdict));
  options("rule", "any", count_by(findings, (item) => item.finding.rule));
  options("owner", "any", count_by(findings.filter((item) => item.owner), (item) => item.owner));
  at("group").append(...Object.entries(GROUPS).map(([value, [name]]) => make("option", {value}, name)));
  for (const name of ["query", "path"]) at(name).addEventListener("input", (event) => set(name, event.target.value));
  for (const name of ["severity", "verdict", "rule", "owner", "group"]) at(name).addEventListener("change", (event) => set(name, event.target.value));
  at("accepted").addEventListener("change", (event) => set("accepted", event.target.checked));
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("filters").addEventListener("reset", () => Object.keys(choice).forEach((name) => set(name, name === "accepted" ? false : "")));
  at("list").addEventListener("scroll", show_rows, {passive: true});
  addEventListener("resize", show_rows);
  document.addEventListener("keydown", on_key);
  at("theme").addEventListener("click", turn_theme);
  at("help").addEventListener("click", () => at("keys").showModal());
  for (const tab of TABS) at(`tab-${tab}`).addEventListener("click", () => open_tab(tab));
  show_inventory();
  show_skipped();
  show_about();
  open_tab("findings");
  make_rows();
  document.documentElement.dataset.ready = "true";
}
start();
})();
