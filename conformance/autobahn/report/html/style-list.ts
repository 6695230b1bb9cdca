// The look of the page: colours, the header, the tools and the matrix. Text for a style element. Every colour is given for light and dark at
// once; verdicts have a mark and a word besides their colour, and every text keeps a contrast of 4.5:1 or more (WCAG 2.2, 1.4.3; the
// browser test measures it). Next file: style-case.ts.

/** CSS. */
export const listStyle: string = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f5f6f8, #15181c);
  --paper: light-dark(#ffffff, #1c2025);
  --raised: light-dark(#eef0f3, #262b31);
  --ink: light-dark(#1a1f26, #e6e9ed);
  --soft: light-dark(#566070, #a3adb9);
  --line: light-dark(#dde1e7, #323840);
  --accent: light-dark(#1f5fbf, #8ab8ff);
  --pass: light-dark(#17663a, #86d6a6);      --pass-ground: light-dark(#e6f3ea, #193226);
  --non-strict: light-dark(#765000, #ebc66f); --non-strict-ground: light-dark(#faf0d6, #372c12);
  --info: light-dark(#1c548f, #93c3f5);      --info-ground: light-dark(#e5eef8, #1a2d43);
  --fail: light-dark(#a1201a, #ffa198);      --fail-ground: light-dark(#fbe9e7, #42201d);
  --unimplemented: light-dark(#5b5470, #c0b8d8); --unimplemented-ground: light-dark(#eeebf4, #2c2838);
  --missing: light-dark(#566070, #a3adb9);   --missing-ground: light-dark(#eef0f3, #262b31);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
a { color: var(--accent); }
bdi { overflow-wrap: anywhere; }

#app { display: grid; grid-template-columns: minmax(0, 1fr); height: 100vh; height: 100dvh; }
#app.open { grid-template-columns: minmax(0, 1fr) min(46rem, 55%); }
main { overflow: auto; position: relative; container-type: inline-size; }
.top, .legend { position: sticky; left: 0; max-width: 72rem; padding: 0 1.5rem; }
.top { padding-top: 1.75rem; }
.kicker { color: var(--soft); font-size: .8125rem; }
h1 { font-size: 1.75rem; line-height: 1.2; font-weight: 650; letter-spacing: -.015em; }
.conclusion { margin-top: .5rem; font-weight: 600; }
.facts { display: flex; flex-wrap: wrap; gap: .75rem 2rem; margin-top: 1rem; font-size: .875rem; }
.facts dt { color: var(--soft); font-size: .75rem; }
.facts dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: .75rem; margin-top: 1.25rem; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .875rem 1rem 1rem; min-width: 0; }
.card { display: flex; flex-wrap: wrap; align-items: baseline; align-content: flex-start; column-gap: 1rem; }
.card > * { flex: 1 1 100%; min-width: 0; }
.card h2 { flex: 1 1 0; font-size: .9375rem; font-weight: 600; line-height: 1.35; }
.card .score { flex: none; }
.card .url { color: var(--soft); font-size: .8125rem; overflow-wrap: anywhere; }
.score { color: var(--soft); font-size: .875rem; font-variant-numeric: tabular-nums; }
.score b { color: var(--ink); font-size: 1.375rem; font-weight: 650; letter-spacing: -.01em; }
.bar { display: block; width: 100%; height: 6px; margin: .5rem 0 .75rem; border-radius: 3px; background: var(--raised); }
.badges { display: flex; flex-wrap: wrap; gap: .375rem; font-size: .8125rem; color: var(--soft); }
.silent { margin-top: .75rem; padding-left: .75rem; border-left: 3px solid var(--fail); font-size: .8125rem; overflow-wrap: anywhere; }

.badge, .cell { display: inline-block; padding: 0 .5rem; border-radius: 4px; font-size: .8125rem; line-height: 1.5rem; white-space: nowrap; }
.badge { line-height: 1.375rem; }
.pass { --own: var(--pass); --own-ground: var(--pass-ground); }
.non-strict { --own: var(--non-strict); --own-ground: var(--non-strict-ground); }
.info { --own: var(--info); --own-ground: var(--info-ground); }
.fail { --own: var(--fail); --own-ground: var(--fail-ground); }
.unimplemented { --own: var(--unimplemented); --own-ground: var(--unimplemented-ground); }
.missing { --own: var(--missing); --own-ground: var(--missing-ground); }
.badge, .cell, .conclusion, .close { color: var(--own, var(--soft)); }
.badge, .cell { background: var(--own-ground); }
rect { fill: var(--own); }

.legend { margin-top: 1rem; font-size: .875rem; }
.legend summary { color: var(--soft); cursor: pointer; width: max-content; max-width: 100%; }
.legend h2 { font-size: .875rem; font-weight: 600; margin: .75rem 0 .375rem; }
.legend dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: .375rem 1.5rem; }
.legend dl div { display: grid; grid-template-columns: 9rem 1fr; gap: .5rem; align-items: baseline; }
kbd { font: .8125rem var(--mono); background: var(--raised); border: 1px solid var(--line); border-radius: 4px; padding: 0 .375rem; white-space: nowrap; }

.tools { position: sticky; top: 0; left: 0; z-index: 3; margin-top: 1rem; padding: .625rem 1.5rem;
  background: var(--ground); border-bottom: 1px solid var(--line); }
.line { display: flex; gap: .5rem; align-items: center; }
.search { flex: 0 1 24rem; min-width: 0; }
.sections { flex: 0 1 20rem; min-width: 0; }
input, select, button { font: inherit; font-size: .875rem; color: var(--ink); background: var(--paper); border: 1px solid var(--line);
  border-radius: 6px; min-height: 2.25rem; padding: 0 .625rem; }
input, select { width: 100%; min-width: 0; }
input::placeholder { color: var(--soft); opacity: 1; }
button { cursor: pointer; white-space: nowrap; }
button:hover { border-color: var(--soft); }
.plain { background: none; color: var(--soft); }
.line .plain { margin-left: auto; }
.chips { display: flex; flex-wrap: wrap; gap: .375rem; align-items: center; margin-top: .5rem; }
.chip { min-height: 1.875rem; padding: 0 .625rem; border-radius: 1rem; font-size: .8125rem; color: var(--own); }
.chip b { font-variant-numeric: tabular-nums; font-weight: 600; }
.chip[aria-pressed="true"] { background: var(--own); border-color: var(--own); color: var(--paper); }
#count { color: var(--soft); font-size: .8125rem; margin-left: .375rem; white-space: nowrap; font-variant-numeric: tabular-nums; }

#matrix { border-collapse: separate; border-spacing: 0; width: 100%; background: var(--paper); }
#matrix thead th { position: sticky; top: var(--tools, 0px); z-index: 2; background: var(--paper); border-bottom: 1px solid var(--line);
  padding: .5rem .75rem; text-align: left; vertical-align: bottom; font-size: .8125rem; font-weight: 600; }
#matrix thead th:first-child { z-index: 3; }
#matrix tr > :first-child { padding-left: 1.5rem; }
#matrix tbody th, #matrix tbody td { padding: .3125rem .75rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: baseline; }
#matrix th[scope="row"], #matrix thead th:first-child { position: sticky; left: 0; background: var(--paper); }
#matrix th[scope="row"] { z-index: 1; width: 6rem; font-weight: 500; font-variant-numeric: tabular-nums; font-size: .875rem; }
.about { width: 100%; max-width: 0; color: var(--soft); font-size: .875rem; }
.about span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#matrix td:not(.about), #matrix thead .agent { white-space: nowrap; }
#matrix thead .agent { white-space: normal; min-width: 10rem; max-width: 14rem; }
#matrix .group th { position: sticky; left: 0; z-index: 1; }
.group th, .group td { font-size: .875rem; background: var(--paper); font-variant-numeric: tabular-nums; }
.group th span { color: var(--soft); font-weight: 400; display: inline-block; min-width: 2rem; }
.group.section th, .group.section td { padding-top: 1.5rem !important; font-weight: 650; font-size: .9375rem; }
.group.subsection th { font-weight: 500; }
.group.subsection td { font-weight: 400; color: var(--soft); }
.cell { text-decoration: none; min-width: 4.5rem; }
.several .cell { min-width: 0; }
a.cell:hover { text-decoration: underline; }
.cell[aria-current] { outline: 2px solid var(--accent); outline-offset: 1px; }
.close { margin-left: .625rem; font-size: .8125rem; font-variant-numeric: tabular-nums; }
.time { margin-left: .625rem; font-size: .8125rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.nothing { padding: 2rem 1.5rem; }
#matrix tr[data-id]:hover > * { background: var(--raised); }
#app:not(.script) .tools { display: none; }
noscript p { padding: 1rem 1.5rem; }

@media (max-width: 60rem) {
  #app.open { grid-template-columns: minmax(0, 1fr); }
  #app.open main { display: none; }
}
/* Of the list's own width, not the window's: the same when the report of a case stands beside it. */
@container (max-width: 46rem) {
  .top, .legend, .tools { padding-left: 1rem; padding-right: 1rem; }
  .top { padding-top: 1.25rem; }
  h1 { font-size: 1.375rem; }
  .facts { gap: .5rem 1.5rem; font-size: .8125rem; }
  .cards { gap: .5rem; }
  .card { padding: .625rem .75rem; }
  .card .bar { margin: .25rem 0 .5rem; }
  .line { flex-wrap: wrap; }
  .search { flex: 1 1 14rem; }
  .sections { flex: 1 1 8rem; }
  /* The column stays, without width: rows of sections span it. */
  #matrix .about { width: 0; padding-left: 0; padding-right: 0; font-size: 0; }
  #matrix tr > :first-child { padding-left: 1rem; }
  #matrix tbody th, #matrix tbody td { padding-right: .25rem; }
  #matrix thead .agent { min-width: 0; max-width: none; font-size: .75rem; line-height: 1.25; padding-right: .25rem; }
  /* A title takes the whole width, above the counts of its row. */
  .group div { position: absolute; left: 1rem; top: .3125rem; width: calc(100cqw - 2rem); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .group.section div { top: 1.25rem; }
  #matrix .group td { padding-top: 1.75rem; }
  #matrix .group.section td { padding-top: 2.75rem !important; }
}
@container (max-width: 30rem) {
  .chips { flex-wrap: nowrap; overflow-x: auto; margin: .5rem -1rem 0; padding: 2px 1rem; scrollbar-width: none; }
  .chip { flex: none; }
  #count { order: -1; margin: 0 .25rem 0 0; }
  #matrix tbody td, #matrix thead .agent { padding-left: .375rem; }
  .several .label { display: none; }
  .several .cell { min-width: 2rem; text-align: center; }
  .several .close, .several .time { display: inline-block; margin-left: .25rem; font-size: .75rem; line-height: 1.3; white-space: normal; }
  #matrix.several td { white-space: normal; }
}
@media (pointer: coarse) {
  .cell { line-height: 2rem; }
  .chip { min-height: 2.25rem; }
  input, select { font-size: 1rem; }
}
@media print {
  #app { display: block; height: auto; }
  .tools, aside { display: none; }
}
`;
