import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

t.test('E2 RFC 9112 section 3.2.2: beside an absolute form Host makes no origin the own one', async (t) => {
  const { up, proxy } = await startPair(t);
  const ask = async (target: string, host: string, origin: string): Promise<string> => {
    const request = `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nContent-Length: 0\r\n\r\n`;
    return (await (await rawRequest(t, proxy.port, request)).head()).slice(9, 12);
  };
  t.equal(await ask('http://localhost/iot', 'evil.example', 'http://evil.example'), '403');
  t.equal(await ask('http://localhost:8080/iot', 'localhost', 'http://localhost'), '403');
  t.equal(up.accepted, 0);
  t.equal(await ask('http://localhost/iot', 'evil.example', 'http://localhost'), '200');
  t.equal(
    await ask('http://localhost:80/iot', 'localhost', 'http://localhost'),
    '200',
    'a port that goes without saying',
  );
  t.equal(await ask('/iot', 'localhost:8080', 'http://localhost:8080'), '200');
});
