import t from 'tap';
import { sendEveryRow } from '../../fixtures/attacks/every-row.ts';
import { startPlace } from '../../fixtures/attacks/place.ts';

const place = await startPlace(t);

t.test('D16 E1 E2 E9 whom a request is for, and who may send it', (t) => sendEveryRow(t, place, 'hosts'));

t.test('D2 E1 what a client says and we quote', (t) => sendEveryRow(t, place, 'reflections'));
