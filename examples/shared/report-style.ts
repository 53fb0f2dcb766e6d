/** How the report looks. */
export const style = `
:root { --ink: #1d1f24; --soft: #6b7080; --line: #e3e5ea; --paper: #fff; --bar: #dbe7f7; --scans: #b4431f; --pixels: #2b62b3; --regions: #4d7a2f; }
* { box-sizing: border-box; }
body { margin: 2.5rem auto 4rem; max-width: 68rem; padding: 0 1.5rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
h2.part { font-size: 1.4rem; margin-top: 4rem; border-top: 2px solid var(--ink); padding-top: 1rem; }
h3 { font-size: 1.05rem; margin: 0 0 .75rem; }
.lead { max-width: 48rem; }
.fine, figcaption { color: var(--soft); font-size: .84rem; }
.fine { max-width: 52rem; }
code { font-size: .92em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.results th, .results td { padding: .25rem .6rem; text-align: right; }
.results th:first-child { text-align: left; }
.results thead th { color: var(--soft); font-weight: 500; font-size: .84rem; }
.results thead th[colspan] { text-align: center; }
.results tbody th { font-weight: 500; }
.results tbody tr, .results tfoot tr { border-top: 1px solid var(--line); }
.results tfoot tr { border-top: 2px solid var(--ink); font-weight: 650; }
.results .reference { color: var(--soft); font-weight: 400; }
.value { display: inline-block; width: 5.2rem; padding: 0 .4rem; border-radius: 3px;
  background: linear-gradient(90deg, var(--bar) var(--share), transparent var(--share)); }
figure { margin: 0; }
.row { display: flex; flex-wrap: wrap; gap: 1rem 2rem; }
section { border-top: 1px solid var(--line); padding: 1.25rem 0 1.5rem; break-inside: avoid; }
.card { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; align-items: flex-start; }
.charts { display: grid; gap: 1rem; }
.cases { flex: 1; min-width: 30rem; display: grid; gap: 1rem; }
.case > .row { gap: .5rem; flex-wrap: nowrap; margin-top: .35rem; }
.case > .row > figure { flex: 0 1 224px; }
.case img { display: block; width: 100%; max-width: 224px; image-rendering: pixelated; border-radius: 2px; }
.scale { display: flex; gap: .5rem; align-items: center; color: var(--soft); font-size: .84rem; }
.scale .bar { width: 9rem; height: .7rem; border-radius: 2px; }
svg { display: block; max-width: 100%; height: auto; }
svg text { font-size: 11px; fill: var(--soft); }
.grid { stroke: var(--line); fill: none; }
.chance { stroke: var(--soft); stroke-dasharray: 3 4; fill: none; opacity: .6; }
.curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.curve.faint { stroke: var(--pixels); opacity: .55; stroke-width: 1.4; }
.curve.faint:hover { opacity: 1; stroke-width: 3; }
.curve.scans { stroke: var(--scans); }
.curve.pixels { stroke: var(--pixels); }
.curve.regions { stroke: var(--regions); }
.histogram.normal { fill: var(--pixels); fill-opacity: .35; stroke: var(--pixels); }
.histogram.anomalous { fill: var(--scans); fill-opacity: .35; stroke: var(--scans); }
circle.anomalous { fill: var(--scans); fill-opacity: .65; }
circle.normal { fill: var(--pixels); fill-opacity: .65; }
.key { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin: 0 .35em 0 .5em; }
.key.scans, .key.anomalous { background: var(--scans); }
.key.regions { background: var(--regions); }
.key.pixels, .key.normal { background: var(--pixels); }
.show-points { font: inherit; font-size: .84rem; margin-top: .35rem; }
.points { margin-top: .35rem; max-width: 42rem; }
.points canvas { display: block; width: 100%; aspect-ratio: 3 / 2; border-radius: 2px; touch-action: none; background: #14161a; }
.points canvas:focus-visible { outline: 3px solid var(--pixels); }
.points label { margin-right: 1rem; }
.settings th { text-align: left; font-weight: 500; color: var(--soft); padding: .15rem 2rem .15rem 0; vertical-align: top; }
`;
