import t from 'tap';
import { sendEveryRow } from '../../fixtures/attacks/every-row.ts';
import { startPlace } from '../../fixtures/attacks/place.ts';

const place = await startPlace(t);

t.test('D3 what is for this hop, for all, and of this proxy', (t) => sendEveryRow(t, place, 'hops'));

t.test('D4 what is expected before the body', (t) => sendEveryRow(t, place, 'expectations'));
