import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import t from 'tap';
import { Journal } from '../fixtures/journal.ts';
import type { Scope } from '../fixtures/teardown.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const server = join(
  dirname(createRequire(import.meta.url).resolve('yaml-language-server/package.json')),
  'bin/yaml-language-server',
);

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly uri?: string; readonly diagnostics?: readonly Diagnostic[] };
  readonly result?: unknown;
}

interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

/** An editor with one document open, beside the schema. */
class Editor {
  readonly #messages = new Journal<Message>('message');
  readonly #child;
  readonly #uri = pathToFileURL(join(root, 'config', 'opened.yaml')).href;
  #id = 0;
  #rest = Buffer.alloc(0);

  constructor(scope: Scope) {
    this.#child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout.on('data', (bytes: Buffer) => this.#read(bytes));
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.once('close', () => this.#messages.end('the language server ended'));
    scope.teardown(async () => {
      this.#child.kill();
      await ended;
    });
  }

  /** Opens a text, as if it lay beside the schema, and gives what is marked in it. */
  async open(text: string): Promise<readonly Diagnostic[]> {
    await this.ask('initialize', { processId: null, rootUri: pathToFileURL(root).href, capabilities: {} });
    this.#send({ method: 'initialized', params: {} });
    this.#send({ method: 'workspace/didChangeConfiguration', params: { settings: { yaml: settings } } });
    const textDocument = { uri: this.#uri, languageId: 'yaml', version: 1, text };
    this.#send({ method: 'textDocument/didOpen', params: { textDocument } });
    const marks = await this.#messages.first(({ method }) => method === 'textDocument/publishDiagnostics');
    return marks.params?.diagnostics ?? [];
  }

  /** Asks about a place of the open text. */
  at(method: string, line: number, character: number): Promise<unknown> {
    return this.ask(method, { textDocument: { uri: this.#uri }, position: { line, character } });
  }

  async ask(method: string, params: object): Promise<unknown> {
    this.#id += 1;
    const id = this.#id;
    this.#send({ id, method, params });
    const answer = await this.#messages.first((message) => message.id === id && message.method === undefined);
    return answer.result;
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #read(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const head = this.#rest.indexOf('\r\n\r\n');
      const [, length] = /Content-Length: (\d+)/.exec(this.#rest.toString('latin1', 0, Math.max(head, 0))) ?? [];
      const end = head + 4 + Number(length);
      if (length === undefined || this.#rest.length < end) return;
      const message = JSON.parse(this.#rest.toString('utf8', head + 4, end)) as Message;
      this.#rest = this.#rest.subarray(end);
      this.#messages.push(message);
      // What it asks of the editor: it has nothing to say to it.
      if (message.id !== undefined && message.method !== undefined) this.#send({ id: message.id, result: [null] });
    }
  }
}

/** No store of public schemas: nothing leaves the machine. */
const settings = { validate: true, hover: true, completion: true, schemaStore: { enable: false } };

const opened = `# yaml-language-server: $schema=proxy.schema.json
listen: 127.0.0.1:8080
routes:
  - name: api
    match: { path: /api }
    upstream: https://api.example
    timout: 5s
    tls:
      versions: [TLSv1.2]
      offer: 
`;

t.test('an editor with yaml-language-server marks, completes and explains', async (t) => {
  const editor = new Editor(t);
  const marks = await editor.open(opened);
  t.match(
    marks.map(({ message, range }) => `${range.start.line + 1}:${range.start.character + 1} ${message}`),
    [/^10:14 Value is not accepted. Valid values: "range", "exact"/, /^7:5 Property timout is not allowed/],
    'the wrong key and what is not written yet, and nothing else',
  );
  const words = (await editor.at('textDocument/completion', 9, 13)) as { items: { label: string }[] };
  t.same(words.items.map(({ label }) => label).sort(), ['exact', 'range']);
  const keys = (await editor.at('textDocument/completion', 6, 4)) as { items: { label: string }[] };
  t.ok(
    ['timeouts', 'pool', 'replay'].every((key) => keys.items.some(({ label }) => label === key)),
    'keys of a route',
  );
  const hover = (await editor.at('textDocument/hover', 8, 8)) as { contents: { value: string } };
  t.match(hover.contents.value, /only versions ever offered/);
});
