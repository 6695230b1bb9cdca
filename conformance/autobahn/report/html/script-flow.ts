// The page's script, first part: making elements, and the drawing of a connection. Text for a script element; all three parts share one scope.
// Texts become text nodes and attributes only, never HTML. No template strings, so that this file reads as what the browser gets.
// Next file: script-case.ts.

/** JavaScript. */
export const flowScript: string = String.raw`
const SVG = "http://www.w3.org/2000/svg";

/** An element: el("p", { class: "note", onclick: f }, "text", child, null). Strings are set as text; attributes of null are left out. */
function el(tag, attributes, ...children) {
  const svg = tag === "svg" || tag === "line";
  const element = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
}

function badge(word, tag) {
  return el(tag || "span", { class: "badge " + word[0] }, el("span", { "aria-hidden": "true" }, word[1]), " " + word[2]);
}

function clock(at) {
  if (at === null) return "";
  if (at < 10 && !Number.isInteger(at)) return at.toFixed(2) + " ms";
  if (at < 1000) return String(Math.round(at)) + " ms";
  return (at / 1000).toFixed(at < 10000 ? 3 : 1) + " s";
}

/** Long lists begin with their first rows; a button adds the others. */
function longList(list, items, make) {
  const first = 300;
  list.append(...items.slice(0, first).map(make));
  if (items.length <= first) return [list];
  const button = el("button", {
    type: "button",
    class: "more",
    onclick: () => {
      list.append(...items.slice(first).map((item, index) => make(item, index + first)));
      button.remove();
    },
  }, "Show " + (items.length - first) + " more rows");
  return [list, button];
}

/** The times to scale: sent above the line, received below it. */
function scale(marks) {
  const timed = marks.filter((mark) => mark.at !== null);
  const last = Math.max(0, ...timed.map((mark) => mark.at));
  if (last === 0) return [];
  const reach = { sent: [4, 22], received: [22, 40], timer: [16, 28], end: [2, 42] };
  const x = (at) => 4 + 992 * at / last;
  const ticks = timed.map((mark) =>
    el("line", {
      class: "tick " + mark.way + (mark.differs === null ? "" : " differs"),
      x1: x(mark.at),
      x2: x(mark.at),
      y1: reach[mark.way][0],
      y2: reach[mark.way][1],
    })
  );
  const axis = el("line", { x1: 0, x2: 1000, y1: 22, y2: 22 });
  return [
    el("svg", { class: "scale", viewBox: "0 0 1000 44", preserveAspectRatio: "none", "aria-hidden": "true" }, axis, ticks),
    el("div", { class: "scale-labels" }, el("span", null, "0"), el("span", null, "to scale; up: sent, down: received"), el("span", null, clock(last))),
  ];
}

/** Who said what when: an arrow per frame, with the pauses between them. */
function flow(marks, isServer) {
  const names = isServer ? ["Fuzzer (server)", "Peer (client)"] : ["Fuzzer (client)", "Peer (server)"];
  const list = el("ol", { class: "flow" });
  list.append(el("li", { class: "ends" }, el("span", { class: "at" }), el("div", { class: "lane" }, ...names.map((name) => el("b", null, name)))));
  const rows = [];
  marks.forEach((mark, index) => {
    const before = index === 0 ? null : marks[index - 1].at;
    const pause = mark.at === null || before === null ? 0 : mark.at - before;
    if (pause >= 20) rows.push({ pause });
    rows.push({ mark, shown: index === 0 || pause > 0 || mark.way === "end" });
  });
  return longList(list, rows, ({ pause, mark, shown }) => pause === undefined ? line(mark, shown) : gap(pause));
}

function gap(pause) {
  const size = Math.min(4, Math.max(1, Math.floor(Math.log10(pause))));
  return el("li", { class: "gap wait-" + size }, el("span", { class: "at" }), el("div", { class: "lane" }, clock(pause) + " later"));
}

function line(mark, shown) {
  const arrow = mark.way === "sent" || mark.way === "received";
  const payload = mark.preview === "" ? null : el("div", { class: "payload" }, el("bdi", null, mark.preview));
  const way = arrow ? el("span", { class: "hidden" }, mark.way === "sent" ? "sent: " : "received: ") : null;
  return el(
    "li",
    { class: mark.way + " kind-" + mark.kind + (mark.differs === null ? "" : " differs") },
    el("span", { class: "at" }, shown ? clock(mark.at) : null),
    el(
      "div",
      { class: "lane" },
      mark.differs === null ? null : el("div", { class: "why" }, mark.differs),
      el("div", { class: arrow ? "arrow" : "" }, el("div", { class: "label" }, way, mark.label), payload),
    ),
  );
}
`;
