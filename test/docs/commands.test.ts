import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { named, type Runner, runners } from '../fixtures/documented-commands.ts';
import { commandsIn, documents, notRun, readDocument, root } from '../fixtures/documents.ts';

interface Told {
  readonly document: string;
  readonly command: string;
  readonly isMarked: boolean;
}

const all: readonly Told[] = documents().flatMap((document) =>
  commandsIn(readDocument(document)).map((told) => ({ document, ...told })),
);
const rows = Object.entries(runners).flatMap(([file, each]) => each.map((runner) => ({ file, runner })));
const runs = ({ of, command }: Runner, told: Told): boolean =>
  (of === undefined || of === told.document) && command.test(told.command);

t.test('commands are found in blocks and in prose, with their marks', async (t) => {
  const text =
    `Run \`npm test\` or \`made-up --once\`, not \`a word\`.\n\n- ${notRun}, for want of a cluster:\n  \`kubectl apply\`.\n\n` +
    '```sh\ncd x && curl \\\n  http://localhost/ # asks\nkubectl apply -k .\n```\n\n' +
    `## ${notRun}\n\n\`\`\`sh\njava Program\n\`\`\`\n`;
  t.same(commandsIn(text), [
    { command: 'curl http://localhost/', isMarked: false },
    { command: 'kubectl apply -k .', isMarked: true },
    { command: 'java Program', isMarked: true },
    { command: 'npm test', isMarked: false },
    { command: 'made-up --once', isMarked: false },
    { command: 'kubectl apply', isMarked: true },
  ]);
  t.ok(all.length > 150, `${all.length}`);
});

t.test('each command of a document is run by a file, or marked as not run, and not both', async (t) => {
  for (const told of all) {
    const by = rows.filter(({ runner }) => runs(runner, told)).map(({ file }) => file);
    const line = `${told.document}: ${told.command}`;
    if (told.isMarked) t.same(by, [], `${line}: is marked as not run`);
    else if (!(told.command in named)) {
      const way = `run it, and say so in test/fixtures/documented-commands.ts, or mark it by "${notRun}"`;
      t.ok(by.length > 0, `${line}: ${way}`);
    }
  }
});

t.test('each file that runs commands is there and does so, and the documents tell of them', async (t) => {
  for (const { file, runner } of rows) {
    const line = `${file}: ${runner.command}`;
    t.ok(existsSync(join(root, file)) && readDocument(file).includes(runner.as), `${line}: ${runner.as}`);
    t.ok(
      all.some((told) => runs(runner, told)),
      `${line}: no document tells of it any more`,
    );
  }
  for (const command of Object.keys(named)) {
    t.ok(
      all.some((told) => told.command === command),
      `${command}: no document tells of it any more`,
    );
  }
});
