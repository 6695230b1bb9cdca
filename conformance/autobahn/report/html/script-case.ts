// The page's script, second part: the report of one case, drawn into the side panel when it is opened. Text for a script element.
// Uses el, badge, clock, longList, scale and flow of script-flow.ts, and the data block (model.ts). Next file: script-list.ts.

/** JavaScript. */
export const caseScript: string = String.raw`
let parsed = null;

/** The data block, read when it is first needed. */
function data() {
  if (parsed === null) parsed = JSON.parse(document.getElementById("data").textContent);
  return parsed;
}

/** Draws a case; false if there is no such result. step(by) opens the next case shown, shut() closes the panel. */
function drawCase(panel, id, agent, step, shut) {
  const { agents, cases, results, closing } = data();
  const result = (results[agent] || {})[id];
  if (result === undefined) return false;
  const about = cases[id];
  const isServer = result.closing[0] === "True";
  panel.replaceChildren(
    el(
      "header",
      null,
      el(
        "div",
        { class: "row" },
        el("h2", { id: "case-title" }, "Case " + id, el("small", null, about.title)),
        el("button", { type: "button", title: "Previous case shown (p)", "aria-label": "Previous case", onclick: () => step(-1) }, "←"),
        el("button", { type: "button", title: "Next case shown (n)", "aria-label": "Next case", onclick: () => step(1) }, "→"),
        el("button", { type: "button", title: "Close (Esc)", "aria-label": "Close the report", onclick: shut }, "✕"),
      ),
      el("nav", { class: "agents", "aria-label": "Agents" }, agents.map(({ name, stem }, index) => tab(id, name, stem, results[index][id], index === agent))),
    ),
    el(
      "div",
      { class: "body" },
      verdicts(result),
      el("section", { class: "texts" }, prose("Case description", about.description), prose("Case expectation", about.expectation)),
      events(result),
      ending(result),
      el("section", null, el("h3", null, "Timeline"), result.gaps.map((text) => el("p", { class: "soft" }, text)), scale(result.marks), flow(result.marks, isServer)),
      el("section", null, el("h3", null, "Opening handshake"), head(result.request), head(result.response)),
      closingTable(result, closing),
      statistics(result),
      el("section", null, el("h3", null, "Wire log"), wireLog(result)),
      result.files.length === 0 ? null : el("p", { class: "soft" }, "Files: ", result.files.flatMap((file) => [el("a", { href: file }, file), " "])),
    ),
  );
  panel.scrollTop = 0;
  return true;
}

function tab(id, name, stem, result, current) {
  const mark = result === undefined ? null : el("span", { class: result.behavior[0], "aria-hidden": "true" }, result.behavior[1] + " ");
  if (result === undefined) return el("span", { class: "soft" }, name + " (no result)");
  return el("a", { href: "#" + encodeURIComponent(id) + "/" + stem, "aria-current": current ? "true" : null }, mark, el("bdi", null, name));
}

function verdicts(result) {
  return el(
    "div",
    null,
    el(
      "div",
      { class: "verdicts" },
      badge(result.behavior),
      el("p", null, result.result),
      badge(result.close),
      el("p", null, result.resultClose + "."),
    ),
    el("p", { class: "soft" }, result.when),
    result.note === null ? null : el("p", { class: "note" }, result.note),
  );
}

function prose(title, paragraphs) {
  return el("div", null, el("h3", null, title), paragraphs.map((text) => el("p", null, text)));
}

/** Expected beside observed, event by event. */
function events(result) {
  const names = { OK: "Expected for a pass", "NON-STRICT": "Expected for non-strict" };
  const many = result.sets.length > 1;
  const judged = result.sets.length > 0;
  return el(
    "section",
    null,
    el("h3", null, "Outcome"),
    result.difference === null ? null : el("p", { class: "difference" }, result.difference),
    result.sets.map((set) => [
      el("h4", null, (names[set.name] || set.name) + (set.equal ? ": this is what came" : many ? ": not what came" : "")),
      set.rows.length === 0 ? el("p", { class: "soft" }, "No event at all, and none came.") : table(result.difference === null ? "events" : "events wrong", set),
    ]),
    judged ? null : el("p", null, "This case has a rule of its own; no list of events is compared."),
    judged || result.observed.length === 0 ? null : el("p", { class: "soft" }, "Observed: " + result.observed.join(", ")),
  );

  function table(name, set) {
    const signs = { same: ["=", "the same"], first: ["≠", "the first difference"], after: ["", ""] };
    const rows = set.rows.map(([expected, observed, state], index) =>
      el(
        "tr",
        { class: state },
        el("td", { class: "place" }, String(index + 1)),
        el("td", null, expected === null ? "nothing more" : expected),
        el("td", { class: "sign", title: signs[state][1] }, signs[state][0]),
        el("td", null, observed === null ? "nothing more" : observed),
      )
    );
    const titles = [["place", "#"], [null, "Expected"], ["sign", ""], [null, "Observed"]];
    return el("table", { class: name }, el("thead", null, el("tr", null, titles.map(([kind, text]) => el("th", { class: kind }, text)))), el("tbody", null, rows));
  }
}

/** What was demanded of the end of the connection. */
function ending(result) {
  if (result.wanted.length === 0) return null;
  const rows = result.wanted.map(({ what, wanted, found, good }) =>
    el("tr", null, el("th", { scope: "row" }, what), el("td", null, wanted), el("td", null, found), el("td", null, badge(good ? ["pass", "✓", "good"] : ["fail", "✗", "not so"])))
  );
  const titles = ["", "Expected", "Observed", ""].map((text) => el("th", null, text));
  return el("section", null, el("h3", null, "How it had to close"), el("table", null, el("thead", null, el("tr", null, titles)), el("tbody", null, rows)));
}

function head(lines) {
  return el("pre", { class: "head" }, lines.join("\n"));
}

function closingTable(result, closing) {
  const rows = closing.map(([key, description], index) =>
    el("tr", null, el("th", { scope: "row" }, key), el("td", null, result.closing[index]), el("td", null, description))
  );
  return el("section", null, el("h3", null, "Closing behavior"), el("table", { class: "closing" }, el("tbody", null, rows)));
}

function statistics(result) {
  const boxes = result.stats.map(({ title, head: titles, rows }) =>
    el(
      "div",
      null,
      el("h4", null, title),
      el(
        "div",
        { class: rows.length > 9 ? "scroll" : null, tabindex: rows.length > 9 ? "0" : null },
        el(
          "table",
          { class: titles[0] === "" ? "plain" : null },
          el("thead", null, el("tr", null, titles.map((text, column) => el("th", { class: column > 0 ? "number" : null }, text)))),
          el("tbody", null, rows.map((cells) => el("tr", null, cells.map((cell, column) => el("td", { class: column > 0 ? "number" : null }, String(cell)))))),
        ),
      ),
    )
  );
  return el("section", null, el("h3", null, "Wire statistics"), el("div", { class: "stats" }, boxes));
}

function wireLog(result) {
  return longList(el("ol", { class: "wire" }), result.wire, ([at, kind, text], index) => {
    const same = index > 0 && result.wire[index - 1][0] === at;
    return el("li", { class: kind }, el("span", { class: "at" }, same ? null : clock(at)), el("pre", null, text));
  });
}
`;
