// The look of a case's report: verdict, events side by side, the drawing, tables, wire log. Text for a style element, behind style-list.ts.
// Next file: script-list.ts.

/** CSS. */
export const caseStyle: string = `
aside:focus-visible { outline: none; }
aside { overflow: auto; background: var(--paper); border-left: 1px solid var(--line); min-width: 0; }
aside header { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--line); padding: .75rem 1.25rem; }
aside header .row { display: flex; gap: .375rem; align-items: center; }
aside header h2 { font-size: 1.125rem; font-weight: 650; margin-right: auto; min-width: 0; letter-spacing: -.01em; }
aside header h2 small { display: block; font-size: .8125rem; font-weight: 400; color: var(--soft); letter-spacing: 0; overflow-wrap: anywhere; }
aside header button { min-width: 2.25rem; padding: 0 .5rem; }
aside .agents { display: flex; gap: .375rem; overflow-x: auto; margin-top: .625rem; padding: 2px; }
aside .agents > * { flex: none; white-space: nowrap; }
aside .agents a { font-size: .8125rem; padding: .125rem .5rem; border: 1px solid var(--line); border-radius: 4px; color: var(--ink);
  text-decoration: none; max-width: 14rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
aside .agents a[aria-current] { border-color: var(--accent); }
aside .agents a span { color: var(--own); }
.body { padding: 1rem 1.25rem 3rem; }
.body section { margin-top: 1.75rem; }
.body h3 { font-size: .9375rem; font-weight: 650; margin-bottom: .5rem; }
.body h4 { font-size: .8125rem; font-weight: 600; margin: .75rem 0 .25rem; }
.body p + p { margin-top: .375rem; }
.verdicts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .5rem .75rem; align-items: baseline; }
.verdicts .badge { text-align: center; }
.verdicts + .soft { margin-top: .5rem; }
.soft { color: var(--soft); font-size: .8125rem; }
.note { margin-top: .75rem; padding: .5rem .75rem; background: var(--info-ground); color: var(--info); border-radius: 6px; font-size: .875rem; }
.difference { padding: .5rem .75rem; background: var(--fail-ground); color: var(--fail); border-radius: 6px; font-size: .875rem; overflow-wrap: anywhere; }
.texts { display: grid; grid-template-columns: 1fr 1fr; gap: 1.25rem 1.5rem; }

.body table { border-collapse: collapse; width: 100%; font-size: .8125rem; }
.body th, .body td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.body th:last-child, .body td:last-child { padding-right: 0; }
.body thead th { color: var(--soft); font-weight: 500; }
.body tbody th { font-weight: 500; }
.body .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.events { table-layout: fixed; }
.events .place, .events .sign { width: 2rem; color: var(--soft); }
/* Red only if no set came: what was not needed is no fault. */
.events.wrong tr.first > * { background: var(--fail-ground); color: var(--fail); }
.events.wrong tr.first .place { box-shadow: inset 3px 0 var(--fail); padding-left: .5rem; }
.events tr.after > * { color: var(--soft); }
.closing th { white-space: nowrap; }
.closing td:nth-child(2) { font-family: var(--mono); font-size: .75rem; }
.closing td:nth-child(3) { color: var(--soft); }
.stats { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr)); gap: .5rem 2rem; align-items: start; }
.scroll { max-height: 16rem; overflow: auto; }
.stats tr:last-child > * { font-weight: 600; border-bottom: 0; }
.stats .plain tr:last-child > * { font-weight: inherit; }
pre { margin: 0; font: .75rem/1.55 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
.head { padding: .625rem .75rem; background: var(--raised); border-radius: 6px; margin-top: .5rem; }

.scale { display: block; width: 100%; height: 44px; overflow: visible; }
.scale line { stroke: var(--line); vector-effect: non-scaling-stroke; }
.scale .tick { stroke: var(--accent); stroke-width: 2; }
.scale .tick.received { stroke: var(--pass); }
.scale .tick.timer { stroke: var(--soft); }
.scale .tick.end { stroke: var(--ink); }
.scale .tick.differs { stroke: var(--fail); stroke-width: 3; }
.scale-labels { display: flex; justify-content: space-between; font-size: .75rem; color: var(--soft); font-variant-numeric: tabular-nums; }

.flow { margin-top: .75rem; font-size: .8125rem; }
.flow li { display: grid; grid-template-columns: 4.25rem minmax(0, 1fr); column-gap: .5rem; }
.flow .at { text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; padding-top: .25rem; }
.flow .lane { border-left: 2px solid var(--line); border-right: 2px solid var(--line); padding: .25rem .75rem .375rem; min-width: 0; }
.flow .ends .lane { border-color: transparent; padding: 0; display: flex; justify-content: space-between; color: var(--soft); }
.flow .arrow { position: relative; border-bottom: 2px solid currentColor; padding: 0 .75rem .125rem; margin: 0 -.75rem; }
.flow .arrow::after { content: ""; position: absolute; bottom: -6px; width: 0; height: 0; border: 5px solid transparent; }
.flow .sent { color: var(--accent); }
.flow .received { color: var(--pass); }
.flow .sent .arrow::after { right: 0; border-left-color: currentColor; border-right: 0; }
.flow .received .arrow::after { left: 0; border-right-color: currentColor; border-left: 0; }
.flow .received .arrow { text-align: right; }
.flow .kind-octets .arrow { border-bottom-style: dotted; }
.flow .label { color: var(--ink); font-weight: 500; overflow-wrap: anywhere; }
.flow .payload { color: var(--soft); font: .75rem/1.4 var(--mono); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.flow .timer .label { font-weight: 400; color: var(--soft); }
.flow .timer .label::before { content: "◷ "; }
.flow .end .label::before { content: "✕ "; }
.flow .end .lane { border-bottom: 2px solid var(--line); }
.flow .gap .lane { border-style: dashed; border-top: 0; border-bottom: 0; color: var(--soft); text-align: center; display: grid; align-content: center; }
.flow .wait-1 .lane { min-height: 1.75rem; } .flow .wait-2 .lane { min-height: 2.5rem; }
.flow .wait-3 .lane { min-height: 3.5rem; } .flow .wait-4 .lane { min-height: 5rem; }
.flow .differs .lane { background: var(--fail-ground); }
.flow .differs .why { color: var(--fail); font-weight: 500; overflow-wrap: anywhere; }
.flow .differs .why::before { content: "≠ "; }

.wire li { display: grid; grid-template-columns: 4.25rem minmax(0, 1fr); column-gap: .5rem; padding: .125rem 0; }
.wire .at { text-align: right; color: var(--soft); font: .75rem/1.55 var(--mono); font-variant-numeric: tabular-nums; }
.wire .RO pre, .wire .RF pre { color: var(--pass); }
.wire .TO pre, .wire .TF pre { color: var(--accent); }
.wire .RF pre, .wire .TF pre { font-weight: 600; }
.wire pre { color: var(--soft); overflow-wrap: normal; word-break: break-all; }
.more { margin-top: .5rem; }

@media (max-width: 44rem) {
  aside header, .body { padding-left: 1rem; padding-right: 1rem; }
  .texts { grid-template-columns: 1fr; }
  .closing td:nth-child(3) { display: none; }
  .flow li, .wire li { grid-template-columns: 3.25rem minmax(0, 1fr); }
}
`;
