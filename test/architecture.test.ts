import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = fileURLToPath(new URL('../../src', import.meta.url));

interface Import {
  readonly from: string;
  readonly to: string;
}

const sources = new Map(
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name.replaceAll('\\', '/'), readFileSync(join(root, name), 'utf8')] as const),
);

/** Every import of a source, types and dynamic ones included: a file of src by its path there, anything else by its name. */
const imports: readonly Import[] = [...sources].flatMap(([from, text]) => {
  const found = text.matchAll(
    /^(?:import|export)\s(?:[^'"]*?from\s)?'([^']+)';|\bimport\('([^']+)'\)|createRequire\(import\.meta\.url\)\('([^']+)'\)/gm,
  );
  return [...found].map(([, fixed, dynamic, required]) => {
    // The bundle stands for what it is made of.
    const to = ((fixed ?? dynamic ?? required) as string).replace(/\.cjs$/, '.ts');
    return { from, to: to.startsWith('.') ? relative(root, resolve(root, dirname(from), to)) : to };
  });
});

/** The layer of a file: its folder, or itself at the top. */
const layerOf = (file: string): string =>
  file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');

/**
 * What each layer may import besides itself. Downward only: main > cli, index > workers > server > admin > proxy > upstream > tls > config >
 * errors, log, metrics > request-line, handshake-line > last-known, quoted, roster, stats, forge, direct-read, iso-time, clock. The demo's servers stand beside: only cli uses them, and they know nothing but the errors' words
 * and forge, which makes their certificates.
 */
const base = [
  'clock',
  'direct-read',
  'errors',
  'handshake-line',
  'installation',
  'iso-time',
  'last-known',
  'log',
  'metrics',
  'request-line',
  'roster',
  'stats',
];
const allowed: Readonly<Record<string, readonly string[]>> = {
  index: ['server', 'config', 'configuration', ...base],
  main: ['cli'],
  cli: ['workers', 'server', 'admin', 'demo', 'proxy', 'upstream', 'tls', 'config', ...base],
  workers: ['server', 'admin', 'proxy', 'upstream', 'tls', 'config', ...base],
  server: ['admin', 'proxy', 'upstream', 'tls', 'config', ...base],
  admin: ['proxy', 'upstream', 'tls', 'config', ...base],
  demo: ['errors', 'forge'],
  proxy: ['upstream', 'tls', 'config', ...base],
  upstream: ['tls', 'config', ...base],
  tls: ['config', 'forge', ...base],
  config: base,
  configuration: [],
  clock: [],
  'direct-read': [],
  errors: [],
  forge: [],
  installation: [],
  'iso-time': [],
  'handshake-line': ['errors', 'quoted'],
  log: ['handshake-line', 'request-line', 'sentence'],
  'last-known': [],
  quoted: [],
  'request-line': ['errors', 'last-known', 'quoted'],
  roster: [],
  sentence: ['errors'],
  metrics: ['stats', 'errors'],
  stats: ['clock', 'errors'],
};

/** The only places that may name a package, or a module of Node that others are to leave alone. */
const owners: Readonly<Record<string, readonly string[]>> = {
  'node:tls': ['tls/', 'demo/upstreams.ts'],
  'node:https': ['demo/upstreams.ts'],
  'node:cluster': ['cli/workers.ts'],
  'http-proxy': ['proxy/shell.ts'],
  yaml: ['config/'],
  valibot: ['config/'],
  pino: ['log.ts'],
  'pino-pretty': ['log.ts'],
  'prom-client': ['metrics.ts'],
  'node-forge': ['forge.ts'],
};

t.test('the sources were read', async (t) => {
  t.ok(sources.size > 40);
  t.ok(imports.length > sources.size);
  t.ok(imports.some(({ from, to }) => from === 'cli/program.ts' && to === 'cli/command.ts'));
  t.ok(
    imports.some(({ from, to }) => from === 'cli/command.ts' && to === 'cli/run.ts'),
    'dynamic ones too',
  );
});

t.test('imports name files that are there', async (t) => {
  const local = imports.filter(({ to }) => to.endsWith('.ts'));
  t.same(
    local.filter(({ to }) => !sources.has(to)),
    [],
  );
});

t.test('imports run downward only', async (t) => {
  const wrong = imports.filter(({ from, to }) => {
    if (!sources.has(to)) return false;
    return layerOf(from) !== layerOf(to) && !allowed[layerOf(from)]?.includes(layerOf(to));
  });
  t.same(wrong, []);
});

t.test('no circles', async (t) => {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) if (sources.has(to)) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' > '));
    if (done.has(file) || way.includes(file)) return;
    for (const one of next.get(file) ?? []) visit(one, [...way, file]);
    done.add(file);
  };
  for (const file of sources.keys()) visit(file, []);
  t.same(circles, []);
});

t.test('each package from outside has one owner', async (t) => {
  const wrong = imports.filter(({ from, to }) => {
    if (sources.has(to)) return false;
    const owned = owners[to];
    if (owned !== undefined) return !owned.some((place) => from.startsWith(place));
    return !(to.startsWith('node:') && builtinModules.includes(to.slice(5)));
  });
  t.same(wrong, []);
});

t.test('only the command line touches the process', async (t) => {
  for (const [file, text] of sources) {
    if (file.startsWith('cli/') || file === 'main.ts') continue;
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    t.notMatch(code, /\bprocess\.(?!versions\b)/, file);
    // A look at the clock touches nothing.
    const touched = file === 'clock.ts' ? code.replace("import { hrtime } from 'node:process';", '') : code;
    t.notMatch(touched, /'node:process'/, file);
  }
});

t.test('nothing makes every start load what only some commands need of Node (docs/decisions/start.md)', async (t) => {
  t.same(
    imports.filter(({ to }) => to === 'node:fs/promises'),
    [],
  );
  for (const [file, text] of sources) {
    // A page runs in a browser.
    if (file.startsWith('admin/page/client/')) continue;
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    t.notMatch(code, /\bperformance\.|\.toISOString\(/, `${file}: clock.ts and iso-time.ts load nothing`);
  }
});

t.test('verification is never switched off', async (t) => {
  for (const [file, text] of sources) t.notMatch(text, /rejectUnauthorized:(?!\s*true\b)/, file);
});

t.test('every exported function and class says what it does', async (t) => {
  const bare = [...sources].flatMap(([file, text]) =>
    [
      ...text.matchAll(
        /(^.*)\n+export (?:async |default |abstract )*(?:function\*?|class|const(?= \w+ = (?:async )?\()) (\w+)/gm,
      ),
    ]
      .filter(([, before = '']) => !before.trimEnd().endsWith('*/'))
      .map(([, , name]) => `${file}: ${name}`),
  );
  t.same(bare, []);
});

/** Parts with rules of their own, which are clearer shown by themselves than through the one who uses them. */
const shownByThemselves = [
  'admin/page/markup.ts: escapeHtml',
  'config/kinds.ts: scalar',
  'config/nearest.ts: distance',
  'proxy/socket-owners.ts: keysOf',
  'proxy/socket-owners.ts: parseRow',
  'server/http-server.ts: serverOptions',
  'tls/identity.ts: spkiPin',
  'tls/offers.ts: isPostQuantumDefault',
  'tls/verdict.ts: codesByName',
];

/** What programs and the command's bundle begin with. */
const entries = ['index.ts', 'cli/program.ts'];

t.test('every export has its user', async (t) => {
  const used = new Set<string>();
  for (const [from, text] of sources) {
    const found = text.matchAll(
      /^(?:import|export)\s(?:type\s)?(?:\{([^}]*)\}|\*\s+as\s+(\w+))\s*from\s'(\.[^']+)'|(?:const\s\{([^}]*)\}\s=\s)?(\(?await\s)?\bimport\('(\.[^']+)'\)\)?(?:\.(\w+))?/gm,
    );
    for (const [, names, space, fixed, taken, awaited, dynamic, member] of found) {
      const to = relative(root, resolve(root, dirname(from), (fixed ?? dynamic) as string));
      const add = (name: string): unknown => name !== '' && used.add(`${to}: ${name}`);
      for (const name of (names ?? taken ?? '').split(',')) add(name.trim().replace(/^type\s+|\s+as\s.*|:.*/g, ''));
      if (space !== undefined)
        for (const [, name = ''] of text.matchAll(new RegExp(`\\b${space}\\.(\\w+)`, 'g'))) add(name);
      if (member !== undefined) add(member);
      // The module as a whole, handed on.
      if (dynamic !== undefined && awaited === undefined && member === undefined) used.add(to);
    }
  }
  const exported = [...sources].flatMap(([file, text]) => {
    const declared = text.matchAll(
      /^export (?:async |abstract )*(function\*?|class|const|let|interface|type|enum) (\w+)/gm,
    );
    // A type may be there for who reads the signature of another export.
    const isNamed = (kind: string, name: string) =>
      /^(interface|type)$/.test(kind) && (text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1;
    const passedOn = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
      names.split(','),
    );
    return [
      ...[...declared]
        .filter(([, kind = '', name = '']) => !isNamed(kind, name))
        .map(([, , name]) => `${file}: ${name}`),
      ...passedOn.map((name) => `${file}: ${name.trim().replace(/^type\s+|.*\sas\s/g, '')}`),
    ];
  });
  t.ok(exported.length > 300);
  const unused = exported.filter((each) => {
    const [file = ''] = each.split(':');
    return !used.has(each) && !used.has(file) && !entries.includes(file);
  });
  t.same(unused.sort(), shownByThemselves);
});

t.test('a file has 250 lines at most, or begins with the reason', async (t) => {
  const long = [...sources].filter(
    ([, text]) => text.split('\n').length > 251 && !/^\/\/ .*\b(longer|length)\b/i.test(text),
  );
  t.same(
    long.map(([file]) => file),
    [],
  );
});
