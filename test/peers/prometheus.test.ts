import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import { send } from '../fixtures/client.ts';
import { intolerant, scene, until12 } from '../fixtures/ladder.ts';
import { run } from './local.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (name: string) => readFileSync(`${root}${name}`, 'utf8');
const rules = `${root}deploy/prometheus/alerts.yaml`;

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

const alerts = (parse(read('deploy/prometheus/alerts.yaml')) as { groups: { rules: Alert[] }[] }).groups.flatMap(
  (group) => group.rules,
);

/** What the proxy shows once it has had requests, a failure and a fallback: each metric's name with the names of its labels. */
async function shown(text: string): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? \S+$/gm)) {
    const known = found.get(name) ?? new Set<string>();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

/** The metrics that a query names, with the labels that it asks of each. */
function named(query: string): { readonly name: string; readonly labels: string[] }[] {
  return [...query.matchAll(/\b((?:mtls_proxy|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', matchers = '']) => {
      return { name, labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label) };
    },
  );
}

/** Labels that a scrape adds. */
const scraped = ['instance', 'job'];

const { proxy, ask } = await scene(t, { decide: intolerant, server: until12, config: { admin: '127.0.0.1:0' } });
await ask();
await ask({ path: '/nowhere' });
const metrics = (await send(`${proxy.admin}/metrics`)).text();
const known = await shown(metrics);

t.test('promtool finds nothing wrong with the metrics', async (t) => {
  const { code, stdout, stderr } = await run('promtool', ['check', 'metrics'], { input: Buffer.from(metrics) });
  t.same([code, stdout, stderr], [0, '', '']);
  const broken = metrics.replace('# TYPE mtls_proxy_ready gauge', '# TYPE mtls_proxy_ready counter');
  t.not((await run('promtool', ['check', 'metrics'], { input: Buffer.from(broken) })).code, 0, 'and would');
});

t.test('the alert rules are valid, and their own tests pass', async (t) => {
  const checked = await run('promtool', ['check', 'rules', rules]);
  t.equal(checked.code, 0, checked.stderr);
  const tested = await run('promtool', ['test', 'rules', `${root}deploy/prometheus/alerts.test.yaml`]);
  t.equal(tested.code, 0, tested.stdout + tested.stderr);
});

t.test('every alert is tested both ways, and says what it is, what to do and where to read on', async (t) => {
  const tests = read('deploy/prometheus/alerts.test.yaml');
  const admin = read('docs/admin.md');
  for (const { alert, labels, annotations } of alerts) {
    t.match(tests, new RegExp(`alertname: ${alert} \\}`), `${alert} does not fire`);
    t.match(tests, new RegExp(`alertname: ${alert}\\n\\s+exp_alerts:`), `${alert} fires`);
    t.match(labels.severity, /^(warning|critical)$/);
    t.ok(annotations.summary !== '' && annotations.description !== '');
    const [, anchor] = /docs\/admin\.md#(\w+)$/.exec(annotations.runbook_url) ?? [];
    t.match(admin.toLowerCase(), new RegExp(`^#+ ${anchor}$`, 'm'), annotations.runbook_url);
  }
});

t.test('alerts and the dashboard ask for nothing that the proxy does not have', async (t) => {
  const dashboard = JSON.parse(read('deploy/grafana/mtls-proxy.json')) as {
    panels: { id: number; targets?: { expr: string }[] }[];
    templating: object;
    annotations: object;
  };
  const queries = [
    ...alerts.map(({ expr }) => expr),
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...Object.values({ ...dashboard.templating, ...dashboard.annotations }).map((each) =>
      JSON.stringify(each).replaceAll('\\"', '"'),
    ),
  ];
  const used = queries.flatMap(named);
  t.ok(used.length > 40);
  for (const { name, labels } of used) {
    const has = known.get(name);
    t.ok(has !== undefined, name);
    for (const label of labels) t.ok(has?.has(label) || scraped.includes(label), `${name} by ${label}`);
  }
  const ids = dashboard.panels.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length);
});

t.test('docs/admin.md lists every metric of the program with its labels, and no other', async (t) => {
  const told = new Map(
    [...read('docs/admin.md').matchAll(/^\| `(mtls_proxy_\w+)` \| ([^|]*) \|/gm)].map(([, name = '', labels = '']) => [
      name,
      labels
        .split(/,\s*/)
        .filter((label) => label !== '')
        .sort(),
    ]),
  );
  const own = new Map<string, string[]>();
  for (const [name, labels] of known) {
    if (!name.startsWith('mtls_proxy_')) continue;
    own.set(name.replace(/_(bucket|sum|count)$/, ''), [...labels].filter((label) => label !== 'le').sort());
  }
  t.same([...told].sort(), [...own].sort());
});
