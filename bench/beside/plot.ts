import { median, type Result } from './report.ts';

const width = 740;
const left = 205;
const bar = 14;
const gap = 4;

/** The CPU cost of every scenario as bars, relative to the first of each: an SVG document. */
export function plot(results: readonly Result[]): string {
  const parts: string[] = [];
  let y = 10;
  for (const { scenario, bulk, rows } of results) {
    const costs = rows.map(({ turns }) => median(turns.map((turn) => (bulk ? turn.costPerMebibyte : turn.cost))));
    const most = Math.max(...costs);
    y += 22;
    parts.push(`<text x="10" y="${y - 6}" class="scenario">${scenario}</text>`);
    rows.forEach(({ subject }, index) => {
      const cost = costs[index] ?? 0;
      const long = ((width - left - 110) * cost) / most;
      const ours = subject === 'local-mtls-proxy' ? ' class="ours"' : '';
      parts.push(`<text x="${left - 8}" y="${y + bar - 3}" text-anchor="end">${subject}</text>`);
      parts.push(`<rect x="${left}" y="${y}" width="${long.toFixed(1)}" height="${bar}"${ours}/>`);
      const label = `${(cost / (costs[0] ?? cost)).toFixed(2)} (${Math.round(cost)} µs)`;
      parts.push(`<text x="${left + long + 6}" y="${y + bar - 3}">${label}</text>`);
      y += bar + gap;
    });
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 10}" viewBox="0 0 ${width} ${y + 10}" role="img">
<title>CPU time of the proxy process, relative to the first of each group</title>
<style>text{font:12px sans-serif;fill:#333}.scenario{font-weight:bold}rect{fill:#9aa7b5}.ours{fill:#2f6f4f}
@media (prefers-color-scheme:dark){text{fill:#ddd}}</style>
${parts.join('\n')}
</svg>
`;
}
