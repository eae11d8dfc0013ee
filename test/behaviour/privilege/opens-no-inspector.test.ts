import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

// Node opens its inspector on SIGUSR1: a port of 127.0.0.1 without a password, through which any user of the machine reads
// the private keys out of the process.
t.test('SIGUSR1 opens no inspector, and nothing else comes of it', async (t) => {
  const { proxy, url, logged } = await startPair(t);
  proxy.signal('SIGUSR1');
  t.equal((await send(`${url}/a`)).status, 200);
  // Node's own thread for the signal would have told it meanwhile; a second one leaves it as many chances as are cheap.
  proxy.signal('SIGUSR1');
  t.equal((await send(`${url}/b`)).status, 200);
  await logged(1);
  const { code, stderr } = await proxy.stop();
  t.equal(code, 0);
  t.notMatch(stderr, /inspector|debugger/i);
});
