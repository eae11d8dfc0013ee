/** The page's style: one file, both colour schemes, from 360 pixels on. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f4f5f6; --card: #ffffff; --line: #d9dde1; --text: #1b1f23; --quiet: #57606a; --link: #0b57a4;
  --count: #5a86b5; --focus: #0b57a4;
  --bad: #b3261e; --bad-back: #fdebea; --warn: #7d4a00; --warn-back: #fdf1dc; --good: #146c35; --good-back: #e5f4ea;
  --none: #57606a; --none-back: #eceef0; --warn-bar: #c98a1b; --good-bar: #3d9a5f; --bad-bar: #c9423a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121518; --card: #1a1e22; --line: #30363d; --text: #e6e9ec; --quiet: #a0a9b2; --link: #7db7f0;
    --count: #6f9fd0; --focus: #9ccbff;
    --bad: #ff9d94; --bad-back: #3a1a18; --warn: #f0bd5b; --warn-back: #35280f; --good: #6cd38f; --good-back: #13301e;
    --none: #a0a9b2; --none-back: #272c31; --warn-bar: #c7922f; --good-bar: #3f9c61; --bad-bar: #e0655c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 80rem; padding: 0 1rem 2rem; background: var(--page); color: var(--text);
  font: 0.9375rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1, h2, h3, h4, p, ul, ol, dl, dd { margin: 0; padding: 0; }
h1 { font-size: 1.125rem; } h2 { font-size: 1rem; margin: 1rem 0 0.5rem; } h3 { font-size: 1.0625rem; }
h4 { font-size: 0.8125rem; color: var(--quiet); font-weight: 600; margin-bottom: 0.25rem; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 0.1875rem solid var(--focus); outline-offset: 0.125rem; border-radius: 0.1875rem; }
#main:focus { outline: none; }
code, .name { font-family: ui-monospace, "SFMono-Regular", "DejaVu Sans Mono", monospace; font-size: 0.875em; }
code { background: var(--none-back); padding: 0.05em 0.3em; border-radius: 0.2em; }
.quiet { color: var(--quiet); font-weight: 400; }
.bad { color: var(--bad); font-weight: 600; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: 0.5rem; background: var(--card); padding: 0.5rem; }
.top { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.25rem; padding: 0.875rem 0 0.625rem; border-bottom: 1px solid var(--line); }
.state { display: contents; }
.ready { color: var(--good); font-weight: 600; } .ready.not { color: var(--bad); font-weight: 400; }
.live { margin-left: auto; display: flex; gap: 0.625rem; align-items: baseline; color: var(--quiet); }
button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: 0.3rem; padding: 0.1rem 0.6rem; cursor: pointer; }
button[aria-pressed="true"] { background: var(--text); color: var(--page); }
.lost .live span { color: var(--bad); font-weight: 600; }
.news:not(:empty) { margin-top: 0.625rem; padding: 0.375rem 0.75rem; background: var(--none-back); border-radius: 0.3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.3125rem 0.75rem 0.3125rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-size: 0.8125rem; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.overview { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; border-collapse: separate; border-spacing: 0; }
.overview tr > :first-child { padding-left: 0.875rem; font-weight: 600; } .overview tr > :last-child { padding-right: 0.875rem; }
.badge { display: inline-flex; align-items: center; gap: 0.3rem; padding: 0 0.5rem 0 0.35rem; border-radius: 1rem; font-size: 0.8125rem; font-weight: 600; white-space: nowrap; }
.badge svg { width: 0.875rem; height: 0.875rem; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.badge.failing { color: var(--bad); background: var(--bad-back); }
.badge.degraded, .badge.certificate { color: var(--warn); background: var(--warn-back); }
.badge.unused { color: var(--none); background: var(--none-back); }
.badge.ok { color: var(--good); background: var(--good-back); }
.route { margin-top: 1rem; padding: 0.75rem 0.875rem 0.875rem; background: var(--card); border: 1px solid var(--line); border-left: 0.25rem solid var(--line); border-radius: 0.5rem; }
.route.failing { border-left-color: var(--bad-bar); } .route.degraded, .route.certificate { border-left-color: var(--warn-bar); }
.route.ok { border-left-color: var(--good-bar); }
.route > header { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: baseline; }
.finding { margin-top: 0.625rem; padding: 0.5rem 0.75rem; border-radius: 0.375rem; background: var(--warn-back); }
.finding.failing { background: var(--bad-back); } .finding.unused { background: var(--none-back); }
.finding h2 { margin: 0; } .finding ul { margin: 0.25rem 0 0.25rem 1.25rem; }
.finding code { background: var(--card); }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); gap: 0.875rem 1.75rem; margin-top: 0.75rem; }
.plot { display: block; width: 100%; height: 3.5rem; margin: 0.25rem 0; }
.plot .count { fill: var(--count); } .plot .failed { fill: var(--bad-bar); }
.plot .p50, .plot .p95, .plot .axis { fill: none; vector-effect: non-scaling-stroke; stroke: var(--count); stroke-width: 1.5; }
.plot .p95 { stroke: var(--warn-bar); stroke-dasharray: 3 3; }
.plot .axis { stroke: var(--line); stroke-width: 1; }
.ladder { list-style: none; counter-reset: step; }
.ladder li { counter-increment: step; padding: 0.0625rem 0; } .ladder li::before { content: counter(step) ". "; color: var(--quiet); }
.ladder .current .name { font-weight: 700; }
.mark { font-size: 0.8125rem; font-weight: 600; color: var(--good); background: var(--good-back); border-radius: 1rem; padding: 0 0.5rem; white-space: nowrap; }
.mark.provisional { color: var(--warn); background: var(--warn-back); }
.certificates { list-style: none; } .certificates li { margin-bottom: 0.5rem; }
.kind { font-weight: 600; } .until { white-space: nowrap; } .until.soon { color: var(--warn); font-weight: 600; } .until.over { color: var(--bad); font-weight: 600; }
.left { display: block; width: 100%; height: 0.375rem; margin-top: 0.125rem; border-radius: 0.1875rem; }
.left .track { fill: var(--none-back); } .left .rest { fill: var(--good-bar); } .left.soon .rest { fill: var(--warn-bar); } .left.over .track { fill: var(--bad-bar); }
.axis { display: flex; justify-content: space-between; color: var(--quiet); font-size: 0.75rem; }
.more { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin-top: 0.75rem; } .more p { max-width: 100%; }
details { flex: 1 1 12rem; } details[open] { flex-basis: 100%; } summary { cursor: pointer; color: var(--link); }
.handshakes ol { list-style: none; }
footer { margin-top: 1.5rem; padding-top: 0.75rem; border-top: 1px solid var(--line); }
.facts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; } .facts div { display: flex; gap: 0.375rem; } .facts dt { color: var(--quiet); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin-top: 0.5rem; }
@media (max-width: 60rem) { .wide { display: none; } }
@media (max-width: 36rem) {
  .mid { display: none; } body { padding: 0 0.625rem 1.5rem; }
  .handshakes thead { display: none; } .handshakes td { display: block; border: 0; padding: 0; } .handshakes tr { display: block; padding: 0.375rem 0; border-bottom: 1px solid var(--line); }
}
@media (prefers-reduced-motion: no-preference) { .badge, .finding { transition: color 0.4s, background-color 0.4s; } }
@media (forced-colors: active) { .plot .count, .left .rest { fill: CanvasText; } .plot .failed { fill: Mark; } .badge { border: 1px solid; } }
`;
