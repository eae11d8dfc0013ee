import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { blocksOf, codeIn, documents, notRun, proseOf, readDocument, root, sectionOf } from '../fixtures/documents.ts';

/** Folders from whose files documents leave out the folder, because their text is about it. */
const bases: Readonly<Record<string, readonly string[]>> = {
  'CONTRIBUTING.md': ['src', 'src/tls', 'src/proxy', 'src/server', 'src/config'],
  'docs/deploy.md': ['deploy/compose', 'deploy/kubernetes', 'deploy/kubernetes/overlays', 'deploy/systemd'],
  'docs/security.md': ['test'],
  'docs/ladder.md': ['src/tls'],
  'docs/decisions/reload.md': ['src/server'],
  'docs/decisions/attacks.md': ['test/fixtures/attacks'],
};

/** What is not in a checkout: files of the system, of the reader, of a package; and what only looks like a file. */
const elsewhere = /^(\.\.\/|\/|dist\/src\/api\/|mtls-proxy\/certs|device\.mjs|mine\/|HTTP\/|RTSP\/)/;
const ours = /^[\w.-]+(\/[\w.*-]+)+\/?$|^[\w-]+\.(ts|mjs|sh|service|socket)$/;
const mediaType = /^(application|text|multipart)\//;

t.test('every file of the project that they name is there', async (t) => {
  let count = 0;
  const missing = documents().flatMap((name) => {
    const places = ['.', dirname(name), ...(bases[name] ?? [])];
    return codeIn(proseOf(readDocument(name))).flatMap((path) => {
      if (!ours.test(path) || elsewhere.test(path) || mediaType.test(path)) return [];
      count += 1;
      const forms = [path.replace(/[^/]*\*.*/, ''), `${path}.test.ts`, `${path.replace(/^dist\/(.*)\.js$/, '$1.ts')}`];
      return places.some((place) => forms.some((form) => existsSync(join(root, place, form))))
        ? []
        : [`${name}: ${path}`];
    });
  });
  t.same(missing, []);
  t.ok(count > 120, `${count} files`);
});

/** What runs the programs of a document. */
const runners: Readonly<Record<string, string>> = {
  'docs/api.md: js': 'test/pack/tarball.ts',
  'docs/guard.md: ini': 'test/peers/systemd.test.ts',
  'docs/start.md: java': 'test/peers/start.test.ts',
  'docs/start.md: python': 'test/peers/start.test.ts',
  'docs/tutorial.md: java': 'test/peers/tutorial.test.ts',
  'docs/tutorial.md: js': 'test/peers/tutorial.test.ts',
  'README.md: json': 'test/docs/examples.test.ts',
  'docs/problems.md: json': 'test/docs/examples.test.ts',
};

t.test('each program that they show is run, or marked as not run; so is each document in JSON', async (t) => {
  const seen = new Set<string>();
  for (const name of documents()) {
    const text = readDocument(name);
    const marked = new RegExp(`^## ${notRun}$`, 'm').test(text) ? sectionOf(text, notRun) : '';
    for (const { language, text: program } of blocksOf(text)) {
      // Commands and configurations have tests of their own, and output is in no language.
      if (['', 'sh', 'yaml'].includes(language) || marked.includes(program)) continue;
      const key = `${name}: ${language}`;
      seen.add(key);
      const runner = runners[key];
      t.ok(runner !== undefined && readDocument(runner).includes(name), `${key}: who runs it?`);
    }
  }
  t.same([...seen].sort(), Object.keys(runners).sort());
});
