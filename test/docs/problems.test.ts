import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { documentation, failures } from '../../src/errors.ts';
import { anchorsOf, readDocument, root, sectionOf } from '../fixtures/documents.ts';
import { scenes } from '../fixtures/searched-messages.ts';

const problems = readDocument('docs/problems.md');
const headingsOf = (section: string) => [...section.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);

t.test('each cause has a heading, so that each `type` leads somewhere, and no other has', async (t) => {
  t.same(headingsOf(sectionOf(problems, 'Causes')).sort(), Object.keys(failures).sort());
  for (const cause of Object.keys(failures)) t.ok(anchorsOf(problems).has(cause), cause);
});

t.test('each says what it means, how to confirm it, and what to do', async (t) => {
  for (const cause of Object.keys(failures)) {
    const labels = [...sectionOf(problems, cause).matchAll(/^\*\*(.+)\.\*\* \S/gm)].map(([, label]) => label);
    t.same(labels, ['What it means', 'How to confirm it', 'What to do'], cause);
  }
});

t.test('each error message has a scene that brings it about', async (t) => {
  t.same(headingsOf(sectionOf(problems, 'Error messages')), Object.keys(scenes));
});

t.test('every address of a document that the program gives is there', async (t) => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ts$/.test(name),
  );
  const links = sources.flatMap((name) => [
    ...readFileSync(join(root, 'src', name), 'utf8').matchAll(
      /\$\{documentation\}([\w-]+\.md)(?:#([\w-]+|\$\{[\w.]+\}))?/g,
    ),
  ]);
  t.ok(links.length > 5, documentation);
  for (const [link, file = '', anchor] of links) {
    const anchors = anchorsOf(readDocument(`docs/${file}`));
    const wanted = anchor?.startsWith('$') ? Object.keys(failures) : anchor === undefined ? [] : [anchor];
    t.same(
      wanted.filter((each) => !anchors.has(each)),
      [],
      link,
    );
  }
});
