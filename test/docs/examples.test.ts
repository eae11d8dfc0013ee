import t from 'tap';
import { blocksOf, readDocument } from '../fixtures/documents.ts';
import { scene, until12, without13 } from '../fixtures/ladder.ts';

/** The one block of a document in that language, with the host that documents have for the upstream of the test. */
function documented(name: string, upstream: string): Record<string, unknown> {
  const [block] = blocksOf(readDocument(name)).filter(({ language }) => language === 'json');
  return JSON.parse((block?.text ?? '').replaceAll('device.example.com:8743', upstream)) as Record<string, unknown>;
}

t.test('README.md: the line of a fallback', async (t) => {
  const { proxy, name, ask } = await scene(t, { decide: without13('reset'), server: until12 });
  await ask();
  const { time, pid, hostname, ...line } = await proxy.log.next('fallback');
  t.ok(time !== undefined && pid !== undefined && hostname !== undefined);
  // A Node with a post-quantum group falls from TLS 1.3 without it.
  const said = JSON.stringify(line).replace('/classical', '');
  t.equal(said, JSON.stringify(documented('README.md', name)));
});

t.test('docs/problems.md: the problem document', async (t) => {
  const { name, ask } = await scene(t, {
    decide: () => 'pass',
    server: until12,
    tls: { versions: ['TLSv1.3'], groups: 'X25519:P-256' },
  });
  const said = (await ask()).reply.json<{ attempts: { ms: number }[] }>();
  const shown = documented('docs/problems.md', name) as { attempts: { ms: number }[] };
  const untimed = (each: typeof said) => ({
    ...each,
    attempts: each.attempts.slice(0, 1).map((one) => ({ ...one, ms: 0 })),
  });
  t.equal(JSON.stringify(untimed(said)), JSON.stringify(untimed(shown)));
});
