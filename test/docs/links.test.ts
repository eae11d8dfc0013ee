import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { loadText } from '../config/load-text.ts';
import { anchorsOf, blocksOf, documents, linked, proseOf, readDocument, root } from '../fixtures/documents.ts';
import { runCommand } from '../fixtures/proxy.ts';

const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts;

/** A document's links, without those in code. */
function linksOf(text: string): string[] {
  const prose = proseOf(text).replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map(([, link = '']) => link);
}

t.test('the checks see what they are to see', async (t) => {
  const text =
    '# A [b](c.md) `d`!\n\n## A b d\n\n```sh\n# no heading\nx [l](m)\n```\n\n[x](y.md#z) ![p](q.png) `[n](o)`\n';
  t.same([...anchorsOf(text)], ['a-b-d', 'a-b-d-1']);
  t.same(linksOf(text), ['c.md', 'y.md#z', 'q.png']);
  t.ok(documents().length > 25);
});

t.test('every relative link leads to a file, and every anchor to a heading', async (t) => {
  let count = 0;
  const dead = documents().flatMap((name) => {
    const text = readDocument(name);
    return linksOf(text).flatMap((link) => {
      if (/^[a-z]+:/.test(link)) return [];
      count += 1;
      const [path = '', anchor] = link.split('#');
      const file = path === '' ? name : linked(name, decodeURI(path));
      const there = existsSync(join(root, file)) && !file.startsWith('..');
      if (there && anchor === undefined) return [];
      const isDocument = there && statSync(join(root, file)).isFile() && file.endsWith('.md');
      return isDocument && anchorsOf(readDocument(file)).has(anchor ?? '') ? [] : [`${name}: ${link}`];
    });
  });
  t.same(dead, []);
  t.ok(count > 100, `${count} links`);
});

t.test('README.md leads to every page of docs, and the decisions list each of theirs', async (t) => {
  const pages = documents().filter((name) => name.startsWith('docs/'));
  for (const [from, folder] of [
    ['README.md', 'docs'],
    ['docs/decisions/README.md', 'docs/decisions'],
  ] as const) {
    const reached = new Set(linksOf(readDocument(from)).map((link) => linked(from, link.replace(/#.*/, ''))));
    const missing = pages.filter((page) => dirname(page) === folder && page !== from && !reached.has(page));
    t.same(missing, [], from);
  }
});

/** What is told to be run: the words of each `npm run …` and `mtls-proxy …`, up to where the shell goes on. */
function commandsOf(text: string): string[][] {
  const code = [
    ...blocksOf(text).map((block) => block.text),
    ...[...proseOf(text).matchAll(/`([^`\n]+)`/g)].map(([, each = '']) => each),
  ];
  return code
    .flatMap((each) => each.split('\n'))
    .map((line) =>
      line
        .replace(/^\s*\$ /, '')
        .replace(/ +#.*$/, '')
        .replace(/[[\]]/g, ''),
    )
    .flatMap((line) => line.split(/ *(?:&&|\|\||[;|<>]) */))
    .map((part) =>
      part
        .replace(/^(?:[A-Z_]+=\S* )+/, '')
        .replace(/^(?:exec|npx|node dist\/src\/main\.js)? ?mtls-proxy\b/, 'mtls-proxy'),
    )
    .map((part) =>
      part
        .replace(/^node (?:\S*\/)?dist\/src\/main\.js/, 'mtls-proxy')
        .trim()
        .split(/\s+/),
    )
    .filter(([first, second]) => first === 'mtls-proxy' || (first === 'npm' && second === 'run'));
}

t.test('every command that they name is one', async (t) => {
  const { stdout: usage } = await runCommand(['--help']);
  const known = new Set([...usage.matchAll(/^ {2}mtls-proxy \[?(\w+)/gm)].map(([, name]) => name));
  t.ok(known.size > 5 && known.has('healthcheck'), [...known].join(' '));
  const wrong: string[] = [];
  let count = 0;
  for (const name of documents()) {
    for (const words of commandsOf(readDocument(name))) {
      count += 1;
      const fault = words[0] === 'npm' ? faultOfScript(words) : await faultOfCommand(words);
      if (fault !== undefined) wrong.push(`${name}: ${words.join(' ')}: ${fault}`);
    }
  }
  t.same(wrong, []);
  t.ok(count > 60, `${count} commands`);
});

const faultOfScript = (words: readonly string[]): string | undefined => {
  const script = words.slice(2).find((word) => !word.startsWith('--')) ?? '';
  return script in scripts ? undefined : `package.json has no script "${script}"`;
};

const asked = new Map<string, Promise<string | undefined>>();

/** What the program itself has against it: parsed, with --help so that nothing is done. */
function faultOfCommand(words: readonly string[]): Promise<string | undefined> {
  const args = words.slice(1).filter((word) => /^[\w@.:/-]/.test(word) && word !== '…');
  const key = args.join(' ');
  const run = async () => {
    const { code, stderr } = await runCommand([...args, '--help']);
    return code === 0 ? undefined : stderr.split('\n')[0];
  };
  const fault = asked.get(key) ?? run();
  asked.set(key, fault);
  return fault;
}

const topLevel = Object.keys(
  (JSON.parse(readDocument('config/proxy.schema.json')) as { properties: object }).properties,
);

/** A part of a configuration with what it lacks to be a whole one; undefined for what is none. */
function completed(text: string): string | undefined {
  const value: unknown = parse(text);
  if (typeof value !== 'object' || value === null || !Object.keys(value).every((key) => topLevel.includes(key))) return;
  const route = '- { name: any, match: { path: /any }, upstream: "https://any.example" }';
  return `${text}\n${'listen' in value ? '' : 'listen: 127.0.0.1:0\n'}${'routes' in value ? '' : `routes:\n${route}\n`}`;
}

t.test('every configuration that they show loads, parts completed, files aside', async (t) => {
  let [whole, parts] = [0, 0];
  for (const name of documents()) {
    for (const { text } of blocksOf(readDocument(name)).filter(({ language }) => language === 'yaml')) {
      const config = completed(text);
      if (config === undefined) continue;
      if (config.trim() === text.trim()) whole += 1;
      else parts += 1;
      const names = [...text.matchAll(/\benv: (\w+)/g)].map(([, each = '']) => each);
      const { problems } = loadText(t, config, Object.fromEntries(names.map((each) => [each, 'x'.repeat(40)])));
      const real = problems.filter((each) => each.severity === 'error' && !each.message.startsWith('cannot read'));
      t.same(
        real.map(({ line, message }) => `${name}, line ${line} of it: ${message}`),
        [],
      );
    }
  }
  t.ok(whole >= 3, `${whole} whole ones`);
  t.ok(parts >= 1, `${parts} parts`);
});
