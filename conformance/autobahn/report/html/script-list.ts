// The page's script, last part: search, filters, keys, links and theme. Text for a script element; starts everything.
// Cases are links (#6.4.1/agent), so that opening one is following a link and the browser's back button closes it. Next file: page.ts.

/** JavaScript. */
export const listScript: string = String.raw`
const find = (id) => document.getElementById(id);
const app = find("app");
const list = find("list");
const panel = find("case");
const search = find("search");
const section = find("section");
const count = find("count");
const rows = [...document.querySelectorAll("#matrix tr[data-id]")];
const groups = [...document.querySelectorAll("#matrix tr[data-group]")];
const chips = [...document.querySelectorAll(".chip")];
let current = null;
let origin = 0;

app.classList.add("script");
new ResizeObserver(([entry]) => list.style.setProperty("--tools", entry.target.offsetHeight + "px")).observe(find("tools"));

/** A query that begins with a digit is an id, with * for anything: 6.2 finds 6.2 and 6.2.x, 6.2* finds 6.20 too. Else all its words count. */
function matcher(query) {
  const text = query.trim().toLowerCase();
  if (text === "") return () => true;
  const ids = rows.map((row) => row.dataset.id.toLowerCase());
  const inside = (id) => id === text || id.startsWith(text + ".");
  const pattern = new RegExp("^" + text.split("*").map((part) => part.replace(/[^0-9a-z]/g, "\\$&")).join(".*") + "$");
  if (text.includes("*")) return (row) => pattern.test(row.dataset.id.toLowerCase());
  if (ids.some(inside)) return (row) => inside(row.dataset.id.toLowerCase());
  if (/^[0-9.]+$/.test(text)) return (row) => row.dataset.id.startsWith(text);
  const words = text.split(/\s+/);
  return (row) => words.every((word) => haystack(row.dataset.id).includes(word));
}

const haystacks = new Map();

function haystack(id) {
  if (!haystacks.has(id)) {
    const { cases, results } = data();
    const about = cases[id];
    const found = results.map((own) => own[id]).filter((result) => result !== undefined);
    const texts = found.flatMap((one) => [one.behavior[2], one.close[2], one.result, one.resultClose, one.note, one.difference]);
    haystacks.set(id, [id, about.title, about.description, about.expectation, texts].flat(2).filter(Boolean).join(" ").toLowerCase());
  }
  return haystacks.get(id);
}

function filter() {
  const fits = matcher(search.value);
  const keys = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.key);
  const under = (id, group) => id === group || id.startsWith(group + ".");
  let shown = 0;
  for (const row of rows) {
    const { id, keys: own } = row.dataset;
    const wanted = keys.length === 0 || keys.some((key) => own.split(" ").includes(key));
    row.hidden = !(wanted && (section.value === "" || under(id, section.value)) && fits(row));
    if (!row.hidden) shown++;
  }
  const visible = new Set(rows.filter((row) => !row.hidden).flatMap(({ dataset: { id } }) => {
    const parts = id.split(".");
    return [parts[0], parts.slice(0, 2).join(".")];
  }));
  for (const group of groups) group.hidden = !visible.has(group.dataset.group);
  count.textContent = shown === rows.length ? rows.length + " cases" : shown + " of " + rows.length + " cases";
  find("nothing").hidden = shown > 0;
  hold(current !== null && !current.closest("tr").hidden ? current : cells()[0] || null);
}

/** The cells that are shown, in reading order. */
function cells() {
  return [...document.querySelectorAll("#matrix tr[data-id]:not([hidden]) a.cell")];
}

/** One cell at a time is in the order of Tab; arrow keys move it. */
function hold(cell) {
  if (current !== null) current.tabIndex = -1;
  current = cell;
  if (cell !== null) cell.tabIndex = 0;
}

function move(down, right) {
  if (current === null) return;
  const agent = Number(current.dataset.agent);
  if (right !== 0) return focusCell(current.closest("tr").querySelector('a.cell[data-agent="' + (agent + right) + '"]'));
  focusCell(neighbour(current, down));
}

/** The next cell of the same agent, up or down. */
function neighbour(cell, down) {
  const own = cells().filter((one) => one.dataset.agent === cell.dataset.agent);
  const place = own.indexOf(cell);
  if (place !== -1) return own[place + down] || null;
  // The open case is filtered out: go on from where it stands among all rows.
  const after = own.filter((one) => (cell.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);
  return down > 0 ? after[0] || null : own[own.length - after.length - 1] || null;
}

function focusCell(cell) {
  if (cell === null) return;
  hold(cell);
  cell.focus();
  reveal(cell);
}

/** Scrolls the list so that the cell is free of the sticky rows above. */
function reveal(cell) {
  const top = find("tools").offsetHeight + document.querySelector("#matrix thead").offsetHeight;
  const box = cell.getBoundingClientRect();
  const frame = list.getBoundingClientRect();
  if (box.top < frame.top + top) list.scrollTop -= frame.top + top - box.top + 40;
  else if (box.bottom > frame.bottom) list.scrollTop += box.bottom - frame.bottom + 40;
}

function opened() {
  return document.querySelector("#matrix a.cell[aria-current]");
}

function step(by) {
  const cell = opened() || current;
  const next = cell === null ? null : opened() === null ? cell : neighbour(cell, by);
  if (next !== null) location.replace(next.getAttribute("href"));
}

/** Opens what the address names, or closes the panel. */
function route() {
  const before = opened();
  if (before !== null) before.removeAttribute("aria-current");
  const cell = location.hash.length < 2 ? null : document.querySelector('#matrix a.cell[href="' + CSS.escape(location.hash) + '"]');
  if (cell === null || !drawCase(panel, cell.closest("tr").dataset.id, Number(cell.dataset.agent), step, shut)) {
    app.classList.remove("open");
    panel.hidden = true;
    document.title = title;
    if (before === null) return;
    list.scrollTop = origin;
    focusCell(before);
    return;
  }
  cell.setAttribute("aria-current", "true");
  hold(cell);
  document.title = "Case " + cell.closest("tr").dataset.id + ", " + title;
  if (!app.classList.contains("open")) origin = list.scrollTop;
  app.classList.add("open");
  panel.hidden = false;
  panel.setAttribute("aria-labelledby", "case-title");
  panel.focus({ preventScroll: true });
  reveal(cell);
}

const title = document.title;

function shut() {
  history.replaceState(null, "", location.pathname + location.search);
  route();
}

const keys = {
  "/": () => search.select(),
  ArrowDown: () => move(1, 0),
  ArrowUp: () => move(-1, 0),
  ArrowLeft: () => move(0, -1),
  ArrowRight: () => move(0, 1),
  j: () => move(1, 0),
  k: () => move(-1, 0),
  n: () => step(1),
  p: () => step(-1),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "Escape") {
    if (event.target === search && search.value !== "") {
      search.value = "";
      filter();
    } else if (!panel.hidden) shut();
    else event.target.blur();
    return;
  }
  const arrows = event.key.startsWith("Arrow");
  if (event.target === search && event.key === "ArrowDown") return void (event.preventDefault(), focusCell(cells()[0] || null));
  // In the open report arrow keys scroll.
  if (typing || !Object.hasOwn(keys, event.key) || (arrows && !event.target.matches("a.cell, body"))) return;
  event.preventDefault();
  keys[event.key]();
});

function reset() {
  search.value = "";
  section.value = "";
  for (const chip of chips) chip.setAttribute("aria-pressed", "false");
  filter();
}

let waiting = 0;
search.addEventListener("input", () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(filter);
});
section.addEventListener("change", filter);
find("reset").addEventListener("click", reset);
for (const chip of chips) {
  chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    filter();
  });
}

/** Remembered if the browser lets a page from disk remember anything. */
function storage(use) {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
}

function setTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  find("theme").textContent = "Theme: " + theme;
  storage((store) => store.setItem("sansws-report-theme", theme));
}

const themes = ["system", "light", "dark"];
find("theme").addEventListener("click", () => {
  setTheme(themes[(themes.indexOf(document.documentElement.dataset.theme || "system") + 1) % themes.length]);
});
const stored = storage((store) => store.getItem("sansws-report-theme"));
if (themes.includes(stored)) setTheme(stored);

addEventListener("hashchange", route);
filter();
route();
`;
